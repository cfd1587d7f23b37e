"""Checkpoints for tests, made as the job makes them; and what somebody does to the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import acts, db
from api.custody import jobs
from api.custody.models import Checkpoint, CheckpointLeaf, CheckpointStamp
from api.settings import Settings
from api.tasks.models import Task, TaskEvent
from schemas.rules import operation_chain
from tests.makers import crews

Spoil = Callable[[bytes], bytes]


def checkpoint(
    database: db.Database,
    *,
    settings: Settings,
    now: dt.datetime,
    district_id: str = crews.DISTRICT,
) -> dict[str, int]:
    """Make a checkpoint of a district, if there is anything to say; give the run's counts."""
    act = acts.system(district_id=district_id, now=now, job="checkpoints")
    run = jobs.MakeCheckpoint(database, act=act, settings=settings)
    with database.unit_of_work() as session:
        return run(session, act=act, settings=settings)


def rewrite_timeline(session: Session, *, task_id: str, number: int) -> None:
    """Alter a moment and write everything after it anew, so that the chain is whole again."""
    task = session.get_one(Task, (crews.DISTRICT, task_id))
    hashed = ""
    for row in _events(session, task_id):
        if row.number == number:
            row.body = row.body.replace(b'"remark":""', b'"remark":"never mind"')
        row.hash = hashed = operation_chain.extend(hashed, row.body)
    task.timeline_hash = hashed


def cut_timeline(session: Session, *, task_id: str, count: int) -> None:
    """Take away what came after a moment, so that the chain is whole again."""
    task = session.get_one(Task, (crews.DISTRICT, task_id))
    for row in _events(session, task_id):
        if row.number == count:
            task.timeline_count, task.timeline_hash = count, row.hash
        if row.number > count:
            session.delete(row)


def forget_checkpoints(session: Session) -> None:
    """Take every checkpoint away, so that they can be made anew."""
    session.execute(delete(CheckpointStamp))
    session.execute(delete(CheckpointLeaf))
    session.execute(delete(Checkpoint))


def _events(session: Session, task_id: str) -> list[TaskEvent]:
    question = select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.number)
    return list(session.scalars(question))
