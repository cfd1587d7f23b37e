"""What a batch of operations costs: rows that are loaded are not asked for again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from api import db
from api.tasks import service
from api.tasks.models import Task
from api.tasks.service import hands, moves
from api.tasks.service.access import WaitsForOrder
from schemas import tasks as shapes
from schemas.rules.transitions import Event
from tests.makers import tasks as make

COUNT = 40


class UndoneError(Exception):
    """What was done is undone."""


@contextlib.contextmanager
def questions(database: db.Database) -> Iterator[list[str]]:
    """Gather the statements that reach the database."""
    asked: list[str] = []

    def note(*args: object) -> None:
        asked.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_operations_on_loaded_tasks_ask_nothing(database: db.Database) -> None:
    ids = [f"t{count:02}" for count in range(COUNT)]
    with database.unit_of_work() as session:
        for task_id in ids:
            make.task(session, task_id=task_id)
    with database.unit_of_work() as session:
        service.load(session, district_id=make.DISTRICT, ids=[*ids, "unknown"])
        crew = make.of_crew()
        with questions(database) as asked:
            for task_id in ids:
                body = shapes.Noted(text="on our way")
                service.accept(session, act=crew, subject_id=task_id, body=shapes.Accepted())
                service.set_out(session, act=crew, subject_id=task_id, body=shapes.SetOut())
                service.note(session, act=crew, subject_id=task_id, body=body)
        assert asked == []
        with questions(database) as asked:
            session.flush()
        assert len(asked) <= 6


def test_orders_that_look_back_at_what_was_told_ask_once_for_all(database: db.Database) -> None:
    ids = [f"t{count:02}" for count in range(COUNT)]
    with database.unit_of_work() as session:
        for task_id in ids:
            make.task(session, task_id=task_id)
    crew = make.of_crew()
    with database.unit_of_work() as session, questions(database) as asked:
        for task in service.load(session, district_id=make.DISTRICT, ids=ids):
            body = shapes.Noted(text="the box on the left pole")
            service.set_out(session, act=crew, subject_id=task.id, body=shapes.SetOut())
            service.note(session, act=crew, subject_id=task.id, body=body)
            service.note(session, act=crew, subject_id=task.id, body=body)
            moves.arrive(session, act=crew, task=task, proven=True)
            moves.move(session, act=crew, task=task, event=Event.restore)
    looked = [each for each in asked if each.startswith("SELECT")]
    assert sum("task_events" in each for each in looked) == 1
    assert sum("customer_notices" in each for each in looked) == 0


def test_a_task_that_was_opened_in_this_unit_of_work_is_held(database: db.Database) -> None:
    with database.unit_of_work() as session:
        opened = make.task(session, task_id="t1")
        with questions(database) as asked:
            assert service.load(session, district_id=make.DISTRICT, ids=["t1"]) == [opened]
        assert asked == []


def test_late_acts_ask_once_whose_the_orders_were_and_which_crews_their_doer_left(
    database: db.Database,
) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="t1")
        service.load(session, district_id=make.DISTRICT, ids=["t1"])
        left = make.of_crew(crew_ids=[], operation_id="op-1")
        with questions(database) as asked:
            for count in range(COUNT):
                late = left.within(
                    happened=left.happened, operation_id=f"op-{count}", based_on=None
                )
                with pytest.raises(WaitsForOrder):
                    service.note(session, act=late, subject_id="t1", body=shapes.Noted(text="late"))
        assert sum("task_holders" in each for each in asked) == 1
        assert sum("former_members" in each for each in asked) == 1


def test_hands_are_asked_for_anew_when_an_order_is_handed_over_and_when_that_is_undone(
    database: db.Database,
) -> None:
    def crews_of(task: Task) -> list[str | None]:
        return [hand.crew_id for hand in hands.list_of(session, task=task)]

    with database.unit_of_work() as session:
        make.task(session, task_id="t1")
    with database.unit_of_work() as session:
        (task,) = service.load(session, district_id=make.DISTRICT, ids=["t1"])
        assert crews_of(task) == ["crew-1"]
        with contextlib.suppress(UndoneError), db.savepoint(session):
            to = hands.Hands("crew-2", None)
            later = make.of_office(at=make.NOW + dt.timedelta(minutes=1))
            hands.hand_over(session, act=later, task=task, to=to, why="near")
            assert crews_of(task) == ["crew-1", "crew-2"]
            raise UndoneError
        assert crews_of(task) == ["crew-1"]
