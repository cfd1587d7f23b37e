"""`lamplighter bundle` hands an order over, and `lamplighter verify` checks it without a server."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from api import acts, cli, db
from api.custody import keys
from api.custody.bundles import desk
from api.custody.bundles.checking.operations import Standing
from api.settings import Settings
from api.tasks import service
from schemas import base, bundles, custody
from schemas.rules.transitions import Kind
from tests.makers import bundles as make
from tests.makers import sites, tasks

ROOT = pathlib.Path(__file__).parents[3]
OF_THE_SERVER = ("alembic", "apscheduler", "flask", "flask_smorest", "sqlalchemy", "structlog")
Run = Callable[..., Result]


@pytest.fixture
def house(tmp_path: pathlib.Path, migrated: pathlib.Path) -> Settings:
    """A database with one order."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir)
    database = db.Database(settings.url)
    with database.unit_of_work() as session:
        tasks.task(session, task_id="t1")
    database.close()
    return settings


@pytest.fixture
def run(house: Settings) -> Run:
    def ran(*arguments: object) -> Result:
        given = {"LAMPLIGHTER_DATA_DIR": str(house.data_dir), "COLUMNS": "200"}
        return CliRunner().invoke(cli.main, [str(each) for each in arguments], env=given)

    return ran


@pytest.fixture
def made(run: Run, tmp_path: pathlib.Path) -> pathlib.Path:
    """A bundle of the order."""
    path = tmp_path / "order.zip"
    result = run("bundle", "t1", "--to", path)
    assert result.exit_code == 0, result.output
    return path


def altered(path: pathlib.Path) -> None:
    parts = make.unpacked(path.read_bytes())
    parts[bundles.TIMELINE] = parts[bundles.TIMELINE].replace(b"dispatched", b"dispatcheD")
    path.write_bytes(make.rezipped(parts))


def test_what_was_handed_over_is_checked_and_told(
    run: Run, made: pathlib.Path, house: Settings
) -> None:
    key = keys.find(house)
    assert key is not None
    result = run("verify", made, "--key", key.kid)
    assert result.exit_code == 0, result.output
    assert "Order t1 of district d1, handed over by job:operator" in result.output
    assert "A key that you gave vouches" in result.output
    assert "The timeline's 2 moments are as they were written." in result.output
    assert "No checkpoint covers the timeline" in result.output


def test_without_a_key_it_vouches_only_for_itself(run: Run, made: pathlib.Path) -> None:
    result = run("verify", made)
    assert result.exit_code == 0
    assert "the bundle vouches only for itself" in result.output


def test_a_key_may_be_given_as_a_file(
    run: Run, made: pathlib.Path, house: Settings, tmp_path: pathlib.Path
) -> None:
    key = keys.find(house)
    assert key is not None
    listed = custody.PublicKey(
        kid=key.kid, key=key.public, since=make.AT, follows=None, named_by=None
    )
    path = tmp_path / "keys.json"
    for shape in (custody.PublicKeys(items=[listed]), listed, key.public):
        path.write_bytes(base.encode(shape))
        assert "A key that you gave vouches" in run("verify", made, "--key", path).output


@pytest.mark.parametrize("content", [b"{}", b"\xff", b'{"items": 1}'])
def test_a_file_that_holds_no_key_is_refused(
    run: Run, made: pathlib.Path, tmp_path: pathlib.Path, content: bytes
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    result = run("verify", made, "--key", path)
    assert (result.exit_code, "holds no public keys" in result.output) == (1, True)


def test_a_key_that_is_none_is_refused(run: Run, made: pathlib.Path) -> None:
    result = run("verify", made, "--key", "nothing")
    assert (result.exit_code, "neither a key's thumbprint" in result.output) == (1, True)
    assert run("verify", "--key", "nothing").exit_code == 2


def test_another_key_ends_with_1(run: Run, made: pathlib.Path) -> None:
    result = run("verify", made, "--key", keys.drawn().kid)
    assert (result.exit_code, "no key that you gave" in result.output) == (1, True)


def test_what_was_altered_is_named_in_both_languages(run: Run, made: pathlib.Path) -> None:
    altered(made)
    result = run("verify", made)
    assert result.exit_code == 1
    assert "timeline.jsonl was altered" in result.output
    assert "timeline.jsonl 已被改动" in result.output
    assert "Moment 2 of the timeline" in result.output


def test_an_order_that_is_not_there_is_no_bundle(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "none.zip"
    for arguments in (("none",), ("t1", "--district", "elsewhere")):
        result = run("bundle", *arguments, "--to", path)
        assert (result.exit_code, "There is no task" in result.output) == (1, True)
    assert list(tmp_path.glob("*.zip*")) == []


def test_a_file_that_is_there_is_not_written_over(run: Run, made: pathlib.Path) -> None:
    before = made.read_bytes()
    result = run("bundle", "t1", "--to", made)
    assert (result.exit_code, "is there already" in result.output) == (1, True)
    assert made.read_bytes() == before


def test_an_id_that_two_districts_have_needs_one_named(
    run: Run, house: Settings, tmp_path: pathlib.Path
) -> None:
    database = db.Database(house.url)
    with database.unit_of_work() as session:
        sites.district(session, district_id="d2")
        act = acts.system(district_id="d2", now=tasks.NOW, job="test")
        draft = service.TaskDraft(id="t1", kind=Kind.repair, title="dark")
        service.open_task(session, act=act, draft=draft)
    database.close()
    path = tmp_path / "order.zip"
    result = run("bundle", "t1", "--to", path)
    assert (result.exit_code, "Several districts" in result.output) == (1, True)
    assert run("bundle", "t1", "--district", "d2", "--to", path).exit_code == 0
    assert "of district d2" in run("verify", path).output


def test_a_folder_that_is_not_there_is_told(run: Run, tmp_path: pathlib.Path) -> None:
    result = run("bundle", "t1", "--to", tmp_path / "nowhere" / "order.zip")
    assert (result.exit_code, "No such file" in result.output) == (1, True)


def test_a_toolkit_without_the_server_checks_a_bundle(
    made: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The packages of the server are made absent, so that only the toolkit's are there."""
    absent = tmp_path / "absent"
    absent.mkdir()
    for name in OF_THE_SERVER:
        (absent / f"{name}.py").write_text(
            f"raise ModuleNotFoundError(name={name!r})", encoding="utf-8"
        )

    def verified(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api", "verify", *arguments],
            env={"PYTHONPATH": f"{absent}:{ROOT}", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )

    whole = verified(str(made))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "Order t1 of district d1" in whole.stdout
    altered(made)
    assert (verified(str(made)).returncode, verified().returncode) == (1, 1)
    assert "lamplighter[server]" in verified().stderr


def test_every_standing_has_its_words() -> None:
    assert set(desk._OPERATIONS) == set(Standing)
    assert set(desk._FILES) == set(bundles.FileStanding)
