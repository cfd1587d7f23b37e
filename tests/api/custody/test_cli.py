"""The command exports checkpoints, holds the books against them, and rotates their key."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from api import acts, cli, db, ids
from api.cli import custody as commands
from api.custody import findings, jobs, keys, witnesses
from api.custody.proving import Fault
from api.feed import store as feed
from api.settings import Settings
from schemas.custody import Explained
from schemas.sync import CheckpointMark
from tests.conftest import NOW
from tests.makers import custody as make_custody
from tests.makers import tasks as make
from tests.makers import tsa

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def district() -> None:
    """Replace the district of the other stories: these have a folder of their own."""


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    def ran(*arguments: str, **environment: str) -> Result:
        given = {"LAMPLIGHTER_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "250", **environment}
        return CliRunner().invoke(cli.main, arguments, env=given)

    return ran


@pytest.fixture
def house(tmp_path: pathlib.Path, migrated: pathlib.Path) -> Settings:
    """A server with one order and one checkpoint."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir)
    database = db.Database(settings.url)
    with database.unit_of_work() as session:
        make.task(session, task_id="task-1")
    make_custody.checkpoint(database, settings=settings, now=NOW)
    database.close()
    return settings


@pytest.fixture
def opened(house: Settings) -> Iterator[db.Database]:
    database = db.Database(house.url)
    yield database
    database.close()


def test_verify_finds_whole_checkpoints_whole(run: Run, house: Settings) -> None:
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert "Every checkpoint holds." in result.output
    assert "anchor" not in result.output


def test_verify_names_what_was_written_anew(run: Run, opened: db.Database) -> None:
    with opened.unit_of_work() as session:
        make_custody.rewrite_timeline(session, task_id="task-1", number=1)
    result = run("verify")
    assert result.exit_code == 1
    assert "Every timeline is as it was written." in result.output
    assert (
        "d1, checkpoint 1: the timeline of order task-1 no longer passes through moment 2 as it "
        "was signed: it was cut, or written anew."
    ) in result.output
    assert "The checkpoints of 1 districts do not hold." in result.output


def test_every_fault_has_its_sentence() -> None:
    assert set(commands.FAULTS) == set(Fault)


def test_an_anchor_is_begun_gone_on_with_and_held_against_the_chain(
    run: Run, opened: db.Database, house: Settings, tmp_path: pathlib.Path
) -> None:
    anchor = tmp_path / "anchor.jsonl"
    assert "1 checkpoints added." in run("checkpoints", "export", str(anchor)).output
    assert "0 checkpoints added." in run("checkpoints", "export", str(anchor)).output
    result = run("verify", "--anchor", str(anchor))
    assert result.exit_code == 0, result.output
    assert "Every checkpoint of the anchor is on the chain." in result.output

    with opened.unit_of_work() as session:
        make_custody.rewrite_timeline(session, task_id="task-1", number=1)
        make_custody.forget_checkpoints(session)
    make_custody.checkpoint(opened, settings=house, now=NOW)
    assert run("verify").exit_code == 0, "a log that is signed anew is whole by itself"
    result = run("verify", "--anchor", str(anchor))
    assert result.exit_code == 1
    assert (
        f"d1, checkpoint 1 of {anchor}, line 1, is another one here: "
        "the log was cut, or written anew."
    ) in result.output
    assert "1 districts are not what the anchor says." in result.output
    result = run("checkpoints", "export", str(anchor))
    assert result.exit_code == 1
    assert "keep this file" in result.output


def test_after_a_backup_came_back_the_anchor_says_that_too(
    run: Run, opened: db.Database, tmp_path: pathlib.Path
) -> None:
    anchor = tmp_path / "anchor.jsonl"
    run("checkpoints", "export", str(anchor))
    with opened.unit_of_work() as session:
        make_custody.forget_checkpoints(session)
        feed.start_lineage(session, name=ids.new_id())
    result = run("verify", "--anchor", str(anchor))
    assert result.exit_code == 1
    assert "is not on the chain of today: a backup was put back since" in result.output


def test_an_anchor_that_is_none_is_said(run: Run, house: Settings, tmp_path: pathlib.Path) -> None:
    anchor = tmp_path / "anchor.jsonl"
    anchor.write_text("hello\n")
    for command in (("verify", "--anchor"), ("checkpoints", "export")):
        result = run(*command, str(anchor))
        assert result.exit_code == 1
        assert "line 1 is no signed statement" in result.output
        assert "Traceback" not in result.output


def test_the_key_of_checkpoints_is_rotated_and_the_chain_goes_on(
    run: Run, house: Settings, opened: db.Database
) -> None:
    old = keys.opened(house)
    result = run("rotate-keys", "--checkpoints")
    new = keys.opened(house)
    assert new.kid != old.kid
    assert f"New checkpoints are signed with key {new.kid}, named by {old.kid}." in result.output
    with opened.unit_of_work() as session:
        make.task(session, task_id="task-2")
    make_custody.checkpoint(opened, settings=house, now=NOW)
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert "without the word" not in result.output


def test_a_lost_key_is_told_and_the_old_statements_still_hold(
    run: Run, house: Settings, opened: db.Database
) -> None:
    keys.path_of(house).unlink()
    with opened.unit_of_work() as session:
        make.task(session, task_id="task-2")
    make_custody.checkpoint(opened, settings=house, now=NOW + dt.timedelta(hours=1))
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert f"Key {keys.opened(house).kid} began on 2026-11-23 without the word" in result.output


def test_a_key_that_cannot_be_read_is_said(run: Run, house: Settings) -> None:
    keys.path_of(house).write_text("not a key")
    for command in (("verify",), ("rotate-keys", "--checkpoints")):
        result = run(*command)
        assert result.exit_code == 1
        assert "move this one away and a new key begins" in result.output


def test_verify_names_a_cut_tail(run: Run, house: Settings, opened: db.Database) -> None:
    with opened.unit_of_work() as session:
        make_custody.cut_timeline(session, task_id="task-1", count=1)
    result = run("verify")
    assert result.exit_code == 1
    assert "moment 2 as it was signed" in result.output


def test_verify_holds_time_stamps_against_the_authority_that_is_trusted(
    run: Run, house: Settings, opened: db.Database, tmp_path: pathlib.Path
) -> None:
    authority = tsa.authority(since=NOW - dt.timedelta(days=1))
    roots = authority.write_root(tmp_path / "roots.pem")
    late = NOW + dt.timedelta(days=3)
    with tsa.serving(lambda body: (200, authority.answer(tsa.read_request(body), at=late))) as url:
        stamping = dataclasses.replace(house, tsa_url=url, tsa_certificates=str(roots))
        act = acts.system(district_id="d1", now=late, job="stamp_checkpoints")
        job = jobs.StampCheckpoints(opened, act=act, settings=stamping)
        with opened.unit_of_work() as session:
            assert job(session, act=act, settings=stamping) == {"stamped": 1}

    assert "time stamp" not in run("verify").output
    trusting = run("verify", LAMPLIGHTER_TSA_CERTIFICATES=str(roots))
    assert trusting.exit_code == 0, trusting.output
    assert "Every time stamp holds." in trusting.output
    assert "says that it was made on 2026-11-23, and was stamped on 2026-11-26" in trusting.output

    other = tsa.authority(since=NOW).write_root(tmp_path / "others.pem")
    doubting = run("verify", LAMPLIGHTER_TSA_CERTIFICATES=str(other))
    assert doubting.exit_code == 1
    assert "d1, checkpoint 1: its time stamp is none of this statement" in doubting.output
    assert "The time stamps of 1 districts do not hold." in doubting.output

    missing = run("verify", LAMPLIGHTER_TSA_CERTIFICATES=str(tmp_path / "none.pem"))
    assert missing.exit_code == 1
    assert "no certificates in" in missing.output


def test_verify_tells_what_phones_were_shown_until_it_is_explained(
    run: Run, house: Settings, opened: db.Database
) -> None:
    assert "Every phone was shown the same checkpoints." in run("verify").output
    act = acts.system(district_id="d1", now=NOW, job="test")
    with opened.unit_of_work() as session:
        seen = CheckpointMark(number=7, sha256="7" * 64)
        witnesses.Witnesses().hear(session, act=act, device_id="phone-7", seen=seen)
    result = run("verify")
    assert result.exit_code == 1
    assert "Device phone-7 was shown checkpoint 7, and there is none here." in result.output
    assert "1 findings of phones are not explained." in result.output

    with opened.unit_of_work() as session:
        (found,) = findings.list_findings(session, act=act, is_open=True, before=None, limit=9)
        body = Explained(note="the disk of monday was put back")
        findings.explain(session, act=act, finding_id=found.id, body=body)
    assert run("verify").exit_code == 0
