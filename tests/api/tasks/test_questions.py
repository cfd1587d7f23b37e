"""What a batch of operations costs: rows that are loaded are not asked for again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import event

from api import db
from api.tasks import service
from schemas import tasks as shapes
from tests.makers import tasks as make

COUNT = 40


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


def test_a_task_that_was_opened_in_this_unit_of_work_is_held(database: db.Database) -> None:
    with database.unit_of_work() as session:
        opened = make.task(session, task_id="t1")
        with questions(database) as asked:
            assert service.load(session, district_id=make.DISTRICT, ids=["t1"]) == [opened]
        assert asked == []
