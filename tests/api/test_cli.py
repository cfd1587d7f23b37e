"""The operators' command says in a sentence what it did, and what is wrong."""

from __future__ import annotations

import datetime as dt
import pathlib
import shutil
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, update

from api import acts, cli, db, migrating
from api.cli import program, watching
from api.crews.service import invitation
from api.feed import store as feed
from api.readings import service
from api.readings.service import thresholds
from api.settings import Settings
from api.sync.models import ReceiptPack
from api.sync.receipts.proving import Fault
from api.tasks.models import TaskEvent
from tests.makers import crews, readings, sync
from tests.makers import tasks as make

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    def ran(*arguments: str, **environment: str) -> Result:
        given = {"LAMPLIGHTER_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200", **environment}
        return CliRunner().invoke(cli.main, arguments, env=given)

    return ran


@pytest.fixture
def house(tmp_path: pathlib.Path, migrated: pathlib.Path) -> Settings:
    """Make a database with one order in it."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir)
    database = db.Database(settings.url)
    with database.unit_of_work() as session:
        make.task(session, task_id="task-1")
    database.close()
    return settings


def lineage(url: str) -> str:
    """Name the lineage of a database."""
    database = db.Database(url)
    with database.reading() as session:
        name = feed.get_lineage(session)
    database.close()
    return name


def test_a_wrong_setting_is_told_before_anything_is_done(run: Run, tmp_path: pathlib.Path) -> None:
    result = run("migrate", LAMPLIGHTER_PORT="eighty", LAMPLIGHTER_THREADS="0")
    assert result.exit_code == 1
    assert "LAMPLIGHTER_PORT must be a whole number" in result.output
    assert "LAMPLIGHTER_THREADS" in result.output
    assert not (tmp_path / "data").exists()


def test_migrate_says_where_the_database_stands(run: Run) -> None:
    result = run("migrate")
    assert result.exit_code == 0
    assert migrating.head() in result.output


def test_a_database_with_work_in_it_gets_no_demo(run: Run, house: Settings) -> None:
    result = run("demo")
    assert result.exit_code == 1
    assert "only into an empty one" in result.output


def test_verify_finds_whole_timelines_whole(run: Run, house: Settings) -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert "Every timeline is as it was written." in result.output
    assert "Every receipt is as it was written." in result.output


def test_verify_names_an_event_that_was_changed(run: Run, house: Settings) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        session.execute(update(TaskEvent).where(TaskEvent.number == 1).values(body=b"{}"))
    database.close()
    result = run("verify")
    assert result.exit_code == 1
    assert "order task-1" in result.output
    assert "moment 1" in result.output


def test_verify_names_the_first_receipt_of_a_device_that_was_changed(
    run: Run, house: Settings
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        session.add_all([sync.receipt(1), sync.receipt(2)])
    database.close()
    result = run("verify")
    assert result.exit_code == 1
    assert "d1, device phone-7: receipt 1 holds other bytes" in result.output
    assert "The receipts of 1 devices are not as they were written." in result.output
    assert "Every timeline is as it was written." in result.output


def test_every_fault_of_receipts_has_its_sentence() -> None:
    assert set(watching._FAULTS) == set(Fault)


def test_what_takes_long_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    for patience_s, shown in ((60.0, False), (0.0, True)):
        with program.told_progress("Walking", patience_s=patience_s) as told:
            told(1, 2)
        assert ("Walking" in capsys.readouterr().out) is shown


def test_a_job_runs_now_in_every_district(run: Run, house: Settings) -> None:
    result = run("jobs", "run", "flag_overdue")
    assert result.exit_code == 0
    assert "d1: done" in result.output


def test_a_job_explains_itself_in_every_district(run: Run, house: Settings) -> None:
    before = run("jobs", "explain", "flag_overdue")
    assert before.exit_code == 0
    assert "d1: waits" in before.output
    assert "runs every minute; a lease lasts 300 s" in before.output
    assert "never" in run("jobs", "list").output


def test_jobs_and_settings_are_listed(run: Run) -> None:
    assert "flag_estimates" in run("jobs", "list").output
    assert "LAMPLIGHTER_WORKERS" in run("settings").output


def test_a_backup_restores_under_a_new_lineage(
    run: Run, house: Settings, tmp_path: pathlib.Path
) -> None:
    archive = str(tmp_path / "monday.tar")
    assert run("backup", archive).exit_code == 0
    assert run("backup", archive).exit_code == 1
    other = {"LAMPLIGHTER_DATA_DIR": str(tmp_path / "other")}
    assert run("restore", archive, **other).exit_code == 0
    assert run("restore", archive, **other).exit_code == 1
    assert run("verify", **other).exit_code == 0
    folders = (tmp_path / "data", tmp_path / "other")
    first, second = (lineage(Settings(data_dir=folder).url) for folder in folders)
    assert first != second


def test_packed_receipts_come_back_from_a_backup_and_are_whole(
    run: Run, house: Settings, tmp_path: pathlib.Path
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        sync.settled(session, count=101, received_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    ran = run("jobs", "run", "pack_receipts")
    assert "d1: done; packs 1, operations 100, altered 0" in ran.output
    archive = str(tmp_path / "monday.tar")
    assert run("backup", archive).exit_code == 0
    other = {"LAMPLIGHTER_DATA_DIR": str(tmp_path / "other")}
    assert run("restore", archive, **other).exit_code == 0
    verified = run("verify", **other)
    assert (verified.exit_code, "Every receipt is as it was" in verified.output) == (0, True)
    with database.unit_of_work() as session:
        session.execute(delete(ReceiptPack))
    database.close()
    assert "receipt 1 has lost the operation's bytes" in run("verify").output
    assert run("verify", **other).exit_code == 0


def test_a_database_put_back_by_its_own_tools_gets_a_new_lineage(
    run: Run, empty_database_url: str
) -> None:
    there = {"LAMPLIGHTER_DATABASE_URL": empty_database_url}
    assert run("migrate", **there).exit_code == 0
    before = lineage(empty_database_url)
    result = run("new-lineage", **there)
    assert result.exit_code == 0
    assert "Phones keep their outbox" in result.output
    assert lineage(empty_database_url) != before


def test_keys_are_rotated_by_hand(run: Run) -> None:
    first, second = run("rotate-keys"), run("rotate-keys")
    assert first.exit_code == second.exit_code == 0
    assert first.output != second.output


def test_a_code_shows_a_phone_the_way_to_the_app(
    run: Run, house: Settings, tmp_path: pathlib.Path
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        crews.person(session, person_id="wei", login="li.wei")
    database.close()
    public = {"LAMPLIGHTER_PUBLIC_URL": "https://office.example"}
    shown = run("enrol-code", "LI.WEI", **public)
    assert "https://office.example/app/#login=li.wei" in shown.output
    assert "█" in shown.output
    assert "HTTPS" not in shown.output
    picture = tmp_path / "li.svg"
    assert run("enrol-code", "li.wei", "--svg", str(picture)).exit_code == 0
    assert picture.read_bytes() == invitation.drawn("http://127.0.0.1:8000/app/#login=li.wei")


def test_nobody_is_shown_the_way_who_does_not_sign_in(run: Run, house: Settings) -> None:
    result = run("enrol-code", "nobody")
    assert result.exit_code == 1
    assert "Nobody signs in as nobody" in result.output


def test_take_in_says_what_waits_and_what_is_no_outbox(
    run: Run, house: Settings, tmp_path: pathlib.Path
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        crews.person(session, person_id="li")
        crews.device(session, person_id="li", device_id="phone-7")
    database.close()
    outbox, letter = tmp_path / "outbox.jsonl", tmp_path / "letter.txt"
    outbox.write_text('{"id": "x", "n": 1}\n', encoding="utf-8")
    letter.write_text("Dear office,", encoding="utf-8")

    taken = run("take-in", str(outbox), "--device", "phone-7")
    assert "in quarantine: 1. Settled here before: 0." in taken.output
    assert "Nothing of it is known of phone-7" in taken.output
    for path, device_id, said in (
        (letter, "phone-7", "not an outbox"),
        (outbox, "phone-8", "phone-8"),
    ):
        refused = run("take-in", str(path), "--device", device_id)
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output


def test_thresholds_are_tried_packed_and_swept_from_the_command(run: Run, house: Settings) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        last = readings.history(session)
        readings.value(session, total=last + 900, read_at=readings.NOW, judged=True)
    database.close()
    file = house.data_dir / "tried.toml"
    text = thresholds.FILE.read_text(encoding="utf-8")
    file.write_text(
        text.replace("abnormal_units_min = 10\n", "abnormal_units_min = 5000\n"), encoding="utf-8"
    )
    assert "1 packed" in run("readings", "pack").output
    assert "1 new on the list" in run("readings", "sweep").output
    tried = run("readings", "try", str(file))
    assert "1 meters" in tried.output
    assert "- M0001: 900 against usual 100.5" in tried.output
    assert run("readings", "sweep").output.count(" 0 new") == 1
    assert "no district" in run("readings", "try", str(file), "--district", "nowhere").output


def test_others_write_while_a_city_is_swept(
    run: Run, house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [["M0001"], ["M0002"]]

    def swept(*_: object, **__: object) -> list[list[str]]:
        database = db.Database(house.url)
        with database.unit_of_work() as session:
            for (meter_id,) in found:
                last = readings.history(session, meter_id=meter_id)
                readings.value(session, meter_id=meter_id, total=last + 900, read_at=readings.NOW)
            act = acts.system(district_id=readings.DISTRICT, now=readings.NOW, job="test")
            service.pack_windows(session, act=act)
        database.close()
        return found

    monkeypatch.setattr(service, "sweep_abnormal", swept)
    assert "2 new on the list" in run("readings", "sweep").output


def test_a_file_of_thresholds_that_is_none_is_refused(run: Run, house: Settings) -> None:
    file = house.data_dir / "tried.toml"
    for text in ("version = ", "version = '1'\n"):
        file.write_text(text, encoding="utf-8")
        result = run("readings", "try", str(file))
        assert result.exit_code == 1
        assert "tried.toml" in result.output
