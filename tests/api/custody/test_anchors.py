"""A file that an auditor keeps finds a log that was cut, or signed anew with the stolen key."""

from __future__ import annotations

import pathlib

import pytest
from sqlalchemy import delete

from api import db
from api.custody import anchors, keys
from api.custody.models import CheckpointKey
from api.feed import store as feed
from api.settings import Settings
from schemas import base, custody, signatures
from tests.api.custody.conftest import Checkpoint, Grow, Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import custody as make


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchors, "ROWS_PER_QUESTION", 2)


@pytest.fixture
def anchor(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "anchor.jsonl"


@pytest.fixture
def books(order: Order, grow: Grow, checkpoint: Checkpoint) -> None:
    order(task_id="t1")
    checkpoint()
    for _ in range(2):
        grow("t1")
        checkpoint()


def exported(database: db.Database, anchor: pathlib.Path) -> int:
    with database.reading() as session:
        return anchors.append(session, path=anchor, district_id=crews.DISTRICT)


def contradicted(database: db.Database, anchor: pathlib.Path) -> list[tuple[int, int, bool]]:
    """List line, number, and whether another checkpoint stands there, of each contradiction."""
    with database.reading() as session:
        return [
            (found.line.number, found.line.statement.number, found.ours is not None)
            for found in anchors.list_contradictions(session, path=anchor)
        ]


def test_each_line_is_a_statement_that_its_key_has_signed(
    books: None, database: db.Database, anchor: pathlib.Path
) -> None:
    assert exported(database, anchor) == 3
    lines = anchor.read_bytes().splitlines()
    for number, raw in enumerate(lines, start=1):
        line = base.decode(raw, custody.Anchored)
        said = base.decode(line.statement, custody.Statement)
        assert said.number == number
        assert signatures.thumbprint(line.key) == said.kid
        statement = line.statement.encode()
        assert signatures.has_signed(line.key, statement=statement, signature=line.signature)
    assert contradicted(database, anchor) == []


def test_only_what_is_new_is_added(
    books: None, database: db.Database, anchor: pathlib.Path, grow: Grow, checkpoint: Checkpoint
) -> None:
    exported(database, anchor)
    before = anchor.read_bytes()
    assert exported(database, anchor) == 0
    grow("t1")
    checkpoint()
    assert exported(database, anchor) == 1
    assert anchor.read_bytes().startswith(before)
    assert len(anchor.read_bytes().splitlines()) == 4


def test_a_log_that_was_written_and_signed_anew_with_the_stolen_key_is_found(
    books: None,
    database: db.Database,
    settings: Settings,
    anchor: pathlib.Path,
    clock: HandClock,
) -> None:
    exported(database, anchor)
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=2)
        make.forget_checkpoints(session)
    make.checkpoint(database, settings=settings, now=clock.now())
    assert contradicted(database, anchor) == [(1, 1, True), (2, 2, False), (3, 3, False)]


def test_nothing_is_added_to_an_anchor_that_contradicts_the_chain(
    books: None,
    database: db.Database,
    settings: Settings,
    anchor: pathlib.Path,
    clock: HandClock,
) -> None:
    exported(database, anchor)
    kept = anchor.read_bytes()
    with database.unit_of_work() as session:
        make.forget_checkpoints(session)
    make.checkpoint(database, settings=settings, now=clock.now())
    with pytest.raises(anchors.AnchorError, match="line 1: checkpoint 1 of d1 is not on the chain"):
        exported(database, anchor)
    assert anchor.read_bytes() == kept


def test_an_anchor_knows_of_which_history_it_is(
    books: None, database: db.Database, anchor: pathlib.Path
) -> None:
    exported(database, anchor)
    with database.reading() as session:
        lineage = feed.get_lineage(session)
    line = base.decode(anchor.read_bytes().splitlines()[0], custody.Anchored)
    assert base.decode(line.statement, custody.Statement).lineage == lineage


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw: raw.replace(b'\\"number\\":2', b'\\"number\\":7'), "line 2 is not signed by"),
        (lambda raw: raw.replace(b'"crv"', b'"crw"'), "line 1 is no signed statement"),
        (lambda raw: raw[:-40], "line 3 is no signed statement"),
        (lambda raw: raw + b"\xff\n", "line 4 is no signed statement"),
        (lambda raw: raw + b"[" * 50_000, "line 4 is no signed statement"),
        (lambda raw: raw + b"\n", "line 4 is no signed statement"),
    ],
    ids=["altered", "another shape", "cut", "no text", "nested", "empty"],
)
def test_a_spoilt_anchor_is_said_with_its_line(
    books: None,
    database: db.Database,
    anchor: pathlib.Path,
    spoil: make.Spoil,
    said: str,
) -> None:
    exported(database, anchor)
    raw = anchor.read_bytes()
    anchor.write_bytes(spoil(raw))
    assert anchor.read_bytes() != raw
    with pytest.raises(anchors.AnchorError, match=said):
        contradicted(database, anchor)


def test_a_line_signed_by_a_key_of_another_name_is_not_believed(
    books: None, database: db.Database, anchor: pathlib.Path
) -> None:
    exported(database, anchor)
    line = base.decode(anchor.read_bytes().splitlines()[0], custody.Anchored)
    other = keys.drawn()
    forged = custody.Anchored(
        statement=line.statement, signature=other.sign(line.statement.encode()), key=other.public
    )
    anchor.write_bytes(custody.written(forged) + b"\n")
    with pytest.raises(anchors.AnchorError, match="line 1 is not signed by the key"):
        contradicted(database, anchor)


def test_without_the_key_that_signed_nothing_is_exported(
    books: None, database: db.Database, anchor: pathlib.Path
) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(CheckpointKey))
    with pytest.raises(anchors.AnchorError, match="key of checkpoint 1 of d1 is not listed"):
        exported(database, anchor)
    assert not anchor.exists()


def test_a_place_where_nothing_can_be_written_is_said(
    books: None, database: db.Database, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(anchors.AnchorError, match="cannot be written"):
        exported(database, tmp_path / "nowhere" / "anchor.jsonl")
    with pytest.raises(anchors.AnchorError, match="cannot be read"):
        contradicted(database, tmp_path)
