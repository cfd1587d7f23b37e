"""Messages to crews: who gets them, and that they go by themselves."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from api import acts, db
from api.feed.models import FeedEntry
from api.tasks import jobs, service
from api.tasks.models import Message
from tests.makers import tasks as make

WEEK = dt.timedelta(days=7)


def count(database: db.Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def run(database: db.Database, now: dt.datetime) -> dict[str, int]:
    with database.unit_of_work() as session:
        return jobs.run(session, act=acts.system(district_id=make.DISTRICT, now=now, job="j"))


def test_messages_go_after_a_week_and_leave_the_handhelds(database: db.Database) -> None:
    with database.unit_of_work() as session:
        task = make.task(session)
        service.reassign(
            session,
            act=make.of_office(),
            task=task,
            crew_id="crew-2",
            person_id=None,
            why=make.REASON,
        )
    assert count(database) == 2
    assert run(database, make.NOW + WEEK) == {"messages_gone": 0}
    assert run(database, make.NOW + WEEK + dt.timedelta(seconds=1)) == {"messages_gone": 2}
    assert count(database) == 0
    with database.reading() as session:
        gone = session.scalars(select(FeedEntry.gone).where(FeedEntry.entity == "message")).all()
    assert gone == [True, True]


def test_work_that_lay_with_the_duty_office_tells_nobody(database: db.Database) -> None:
    with database.unit_of_work() as session:
        task = make.task(session)
        service.release(session, act=make.of_office(), task=task, why="")
        service.cancel(session, act=make.of_office(), task=task, reason=make.REASON)
    assert count(database) == 0
