"""A checkpoint says how far every chain reached, follows the one before, and proves its leaves."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from api import acts, db
from api.custody import checkpoints, jobs, keys
from api.custody.models import Checkpoint as Row
from api.custody.models import CheckpointLeaf
from api.settings import Settings
from api.tasks.models import Task
from schemas import base, custody, signatures
from schemas.custody import SubjectKind
from schemas.rules import merkle
from tests.api.custody.conftest import Checkpoint, Grow, Order
from tests.conftest import HandClock
from tests.makers import crews, sync


def rows(database: db.Database) -> list[Row]:
    with database.reading() as session:
        return list(session.scalars(select(Row).order_by(Row.number)))


def leaves(database: db.Database, number: int) -> list[custody.Leaf]:
    with database.reading() as session:
        question = select(CheckpointLeaf).where(CheckpointLeaf.number == number)
        found = session.scalars(question.order_by(CheckpointLeaf.place))
        return [checkpoints.leaf_of(each) for each in found]


def proof(
    database: db.Database, subject_id: str, kind: SubjectKind = SubjectKind.TIMELINE
) -> custody.Proof | None:
    with database.reading() as session:
        return checkpoints.proof_of(
            session, district_id=crews.DISTRICT, kind=kind, subject_id=subject_id
        )


def test_the_first_says_how_far_every_chain_reached(
    database: db.Database, settings: Settings, order: Order, checkpoint: Checkpoint
) -> None:
    for task_id in ("t1", "t2"):
        order(task_id=task_id)
    with database.unit_of_work() as session:
        sync.settled(session, count=3)
    assert checkpoint() == {"checkpoints": 1, "leaves": 3}

    (row,) = rows(database)
    said = base.decode(row.statement, custody.Statement)
    with database.reading() as session:
        ends = {
            task.id: (task.timeline_count, task.timeline_hash)
            for task in session.scalars(select(Task))
        }
    told = leaves(database, 1)
    assert [(leaf.kind, leaf.id) for leaf in told] == [
        (SubjectKind.RECEIPTS, "phone-7"),
        (SubjectKind.TIMELINE, "t1"),
        (SubjectKind.TIMELINE, "t2"),
    ]
    assert {leaf.id: (leaf.count, leaf.hash) for leaf in told[1:]} == ends
    assert (said.number, said.previous, said.leaves) == (1, "", 3)
    assert said.root == merkle.root([custody.written(leaf) for leaf in told])
    assert row.sha256 == hashlib.sha256(row.statement).hexdigest()
    key = keys.opened(settings)
    assert said.kid == row.kid == key.kid
    assert signatures.has_signed(key.public, statement=row.statement, signature=row.signature)


def test_the_next_has_only_what_grew_and_follows_the_one_before(
    database: db.Database, order: Order, grow: Grow, checkpoint: Checkpoint
) -> None:
    for task_id in ("t1", "t2"):
        order(task_id=task_id)
    checkpoint()
    grow("t2")
    assert checkpoint() == {"checkpoints": 1, "leaves": 1}

    first, second = rows(database)
    assert [leaf.id for leaf in leaves(database, 2)] == ["t2"]
    assert base.decode(second.statement, custody.Statement).previous == first.sha256


def test_where_nothing_grew_there_is_none_for_a_day(
    database: db.Database, order: Order, checkpoint: Checkpoint, clock: HandClock
) -> None:
    order(task_id="t1")
    checkpoint()
    assert checkpoint() == {}

    clock.advance(hours=22)
    assert checkpoint() == {"checkpoints": 1, "leaves": 0}
    assert [row.leaves for row in rows(database)] == [1, 0]
    assert base.decode(rows(database)[1].statement, custody.Statement).root == merkle.root([])


def test_a_district_without_work_says_so_too(database: db.Database, checkpoint: Checkpoint) -> None:
    assert checkpoint() == {"checkpoints": 1, "leaves": 0}


def test_what_does_not_fit_comes_into_the_next(
    database: db.Database,
    order: Order,
    checkpoint: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoints, "LEAVES_MAX", 2)
    for task_id in ("t1", "t2", "t3"):
        order(task_id=task_id)
    assert [checkpoint()["leaves"] for _ in range(2)] == [2, 1]
    assert [leaf.id for leaf in leaves(database, 2)] == ["t3"]


def test_of_two_that_were_signed_at_once_one_is_entered(
    database: db.Database, settings: Settings, order: Order, clock: HandClock
) -> None:
    order(task_id="t1")
    act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="checkpoints")
    runs = [jobs.MakeCheckpoint(database, act=act, settings=settings) for _ in range(2)]
    counts = []
    for run in runs:
        with database.unit_of_work() as session:
            counts.append(run(session, act=act, settings=settings))
    assert counts == [{"checkpoints": 1, "leaves": 1}, {}]
    assert len(rows(database)) == 1


def test_a_leaf_is_proved_by_the_newest_checkpoint_that_has_it(
    database: db.Database, order: Order, grow: Grow, checkpoint: Checkpoint
) -> None:
    for number in range(5):
        order(task_id=f"t{number}")
    checkpoint()
    for task_id in ("t1", "t3", "t4"):
        grow(task_id)
    checkpoint()

    for subject_id, number, places in (("t3", 2, 3), ("t2", 1, 5)):
        found = proof(database, subject_id)
        assert found is not None
        said = base.decode(found.statement, custody.Statement)
        assert (said.number, said.leaves) == (number, places)
        assert found.leaf.id == subject_id
        leaf = custody.written(found.leaf)
        led = merkle.root_by(leaf, place=found.place, count=said.leaves, beside=found.beside)
        assert led == said.root
        assert signatures.has_signed(
            found.key, statement=found.statement.encode(), signature=found.signature
        )


def test_what_no_checkpoint_has_is_not_proved(
    database: db.Database, order: Order, checkpoint: Checkpoint
) -> None:
    checkpoint()
    order(task_id="late")
    assert proof(database, "late") is None
    assert proof(database, "late", SubjectKind.RECEIPTS) is None


def test_a_chain_that_is_shorter_than_it_was_gets_no_new_leaf(
    database: db.Database, order: Order, grow: Grow, checkpoint: Checkpoint
) -> None:
    order(task_id="t1")
    grow("t1")
    checkpoint()
    with database.unit_of_work() as session:
        task = session.get_one(Task, (crews.DISTRICT, "t1"))
        task.timeline_count -= 1
        task.timeline_hash = "0" * 64
    assert checkpoint() == {}
