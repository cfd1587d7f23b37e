"""New checkpoints are stamped outside of any unit of work; what does not hold is found."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from api import acts, db
from api.custody import jobs, keys, proving, stamps
from api.custody.models import CheckpointStamp
from api.custody.proving import Broken, Fault
from api.settings import Settings
from tests.api.custody.conftest import Checkpoint, Clerk, Grow, Order
from tests.conftest import HandClock
from tests.makers import crews, tsa

Run = Callable[[], dict[str, int]]


@pytest.fixture
def run(database: db.Database, stamping: Settings, clock: HandClock) -> Run:
    """Run the job; gives its counts."""

    def ran() -> dict[str, int]:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="stamp_checkpoints")
        job = jobs.StampCheckpoints(database, act=act, settings=stamping)
        with database.unit_of_work() as session:
            return job(session, act=act, settings=stamping)

    return ran


def kept(database: db.Database) -> list[CheckpointStamp]:
    with database.reading() as session:
        return list(session.scalars(select(CheckpointStamp).order_by(CheckpointStamp.number)))


def broken(database: db.Database, settings: Settings) -> Broken | None:
    with database.reading() as session:
        return proving.find_broken_stamp(
            session, district_id=crews.DISTRICT, roots=stamps.list_roots(settings)
        )


def test_a_new_checkpoint_is_stamped_once(
    database: db.Database,
    order: Order,
    grow: Grow,
    checkpoint: Checkpoint,
    run: Run,
    clerk: Clerk,
    clock: HandClock,
    stamping: Settings,
) -> None:
    order(task_id="t1")
    checkpoint()
    assert run() == {"stamped": 1}
    assert run() == {}
    for _ in range(2):
        grow("t1")
        checkpoint()
    assert run() == {"stamped": 2}
    assert clerk.asked == 3
    assert [each.number for each in kept(database)] == [1, 2, 3]
    assert kept(database)[2].stamped_at == clock.now()
    assert broken(database, stamping) is None


def test_a_district_that_never_had_a_stamp_begins_with_its_newest(
    database: db.Database, order: Order, grow: Grow, checkpoint: Checkpoint, run: Run
) -> None:
    assert run() == {}
    order(task_id="t1")
    checkpoint()
    grow("t1")
    checkpoint()
    assert run() == {"stamped": 1}
    assert [each.number for each in kept(database)] == [2]


def test_without_an_authority_nothing_is_asked(
    database: db.Database, settings: Settings, checkpoint: Checkpoint, clock: HandClock
) -> None:
    checkpoint()
    act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="stamp_checkpoints")
    job = jobs.StampCheckpoints(database, act=act, settings=settings)
    with database.unit_of_work() as session:
        assert job(session, act=act, settings=settings) == {}


def test_a_failure_is_kept_and_the_next_run_tries_again(
    database: db.Database,
    order: Order,
    grow: Grow,
    checkpoint: Checkpoint,
    run: Run,
    clerk: Clerk,
    stamping: Settings,
) -> None:
    order(task_id="t1")
    checkpoint()
    run()
    for _ in range(2):
        grow("t1")
        checkpoint()
    right = clerk.reply
    clerk.reply = lambda _: (503, b"")
    assert run() == {"failed": 1}
    _, failed = kept(database)
    assert (failed.number, failed.answer, failed.stamped_at) == (2, None, None)
    assert failed.error == "the authority answered 503"
    assert clerk.asked == 2, "the first failure ends the run"
    assert broken(database, stamping) is None

    clerk.reply = right
    assert run() == {"stamped": 2}
    assert [each.error for each in kept(database)] == ["", "", ""]


def test_no_unit_of_work_is_open_while_it_is_asked(
    database: db.Database, checkpoint: Checkpoint, run: Run, clerk: Clerk
) -> None:
    checkpoint()
    right = clerk.reply

    def meanwhile(asked: tsa.Asked) -> tsa.Answer:
        with database.unit_of_work():  # SQLite has one writer: this would wait for ever
            return right(asked)

    clerk.reply = meanwhile
    assert run() == {"stamped": 1}


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_roots_that_cannot_be_read_are_a_failure_that_is_kept(
    stamping: Settings,
    content: bytes | None,
    database: db.Database,
    checkpoint: Checkpoint,
    run: Run,
    clerk: Clerk,
) -> None:
    path = pathlib.Path(stamping.tsa_certificates)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    checkpoint()
    assert run() == {"failed": 1}
    assert "no certificates in" in kept(database)[0].error
    assert clerk.asked == 0


def test_a_stamp_of_another_statement_is_found(
    database: db.Database,
    order: Order,
    grow: Grow,
    checkpoint: Checkpoint,
    run: Run,
    stamping: Settings,
) -> None:
    order(task_id="t1")
    checkpoint()
    run()
    grow("t1")
    checkpoint()
    run()
    first, _ = kept(database)
    with database.unit_of_work() as session:
        second = update(CheckpointStamp).where(CheckpointStamp.number == 2)
        session.execute(second.values(answer=first.answer, stamped_at=first.stamped_at))
    assert broken(database, stamping) == Broken(2, Fault.stamp)


def test_a_stamp_that_tells_another_time_than_its_row_is_found(
    database: db.Database, checkpoint: Checkpoint, run: Run, stamping: Settings, clock: HandClock
) -> None:
    checkpoint()
    run()
    with database.unit_of_work() as session:
        earlier = clock.now() - dt.timedelta(days=30)
        session.execute(update(CheckpointStamp).values(stamped_at=earlier))
    assert broken(database, stamping) == Broken(1, Fault.stamp)


def test_a_log_that_was_signed_anew_is_stamped_later_than_it_says(
    database: db.Database, checkpoint: Checkpoint, run: Run, stamping: Settings, clock: HandClock
) -> None:
    checkpoint()
    clock.advance(hours=72)
    run()
    assert broken(database, stamping) is None
    with database.reading() as session:
        (late,) = proving.list_stamped_late(session, district_id=crews.DISTRICT)
    assert (late.number, late.stamped_at) == (1, clock.now())
    assert keys.find(stamping) is not None
