"""The timeline is only added to, and a change behind its back is found and named."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.tasks import service
from api.tasks.models import Task, TaskEvent
from schemas import tasks as shapes
from schemas.rules import operation_chain
from tests.makers import tasks as make


def finished(session: Session, *, notes: int = 3) -> Task:
    task = make.task(session)
    for count in range(notes):
        body = shapes.Noted(text=f"note {count}")
        service.note(session, act=make.of_crew(), subject_id=task.id, body=body)
    session.flush()
    return task


def verify(session: Session, task: Task) -> service.Verification:
    return service.verify_timeline(session, district_id=make.DISTRICT, task_id=task.id)


def test_an_untouched_timeline_is_intact(session: Session) -> None:
    task = finished(session)
    found = verify(session, task)
    assert found.intact
    assert found.moments == task.timeline_count == 5


def test_a_moment_keeps_when_it_happened_and_when_it_was_heard(session: Session) -> None:
    task = make.task(session)
    heard_at = make.NOW + dt.timedelta(hours=2)
    crew = make.of_crew(received_at=heard_at, operation_id="op-1")
    service.accept(session, act=crew, subject_id=task.id, body=shapes.Accepted())
    moment = service.list_moments(
        session, district_id=make.DISTRICT, task_id=task.id, after_number=2, limit=1
    )[0]
    assert (moment.id, moment.event, moment.state) == ("op-1", "accept", "accepted")
    assert (moment.happened_at, moment.error_s) == (make.NOW, 0.5)
    assert moment.received_at == heard_at


@pytest.mark.parametrize(
    "changed", [{"body": b"{}"}, {"hash": "0" * 64}, {"number": 99}, {"id": "forged"}]
)
def test_a_changed_moment_is_named(session: Session, changed: dict[str, object]) -> None:
    task = finished(session)
    third = (TaskEvent.task_id == task.id) & (TaskEvent.number == 3)
    session.execute(update(TaskEvent).where(third).values(**changed))
    assert verify(session, task).broken_at == 3


def test_a_moment_taken_out_is_named(session: Session) -> None:
    task = finished(session)
    session.execute(delete(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.number == 2))
    assert verify(session, task).broken_at == 2


def test_a_tail_that_was_cut_off_is_named(session: Session) -> None:
    task = finished(session)
    session.execute(delete(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.number > 3))
    found = verify(session, task)
    assert (found.broken_at, found.event_id) == (4, None)


def test_a_timeline_written_anew_does_not_end_as_its_task_says(session: Session) -> None:
    task = finished(session, notes=0)
    row = session.get_one(TaskEvent, (make.DISTRICT, last_id(session, task)))
    body = row.body.replace(b"nearest", b"farther")
    previous = session.scalars(select(TaskEvent.hash).where(TaskEvent.number == 1)).one()
    chained = operation_chain.extend(previous, body)
    session.execute(update(TaskEvent).where(TaskEvent.id == row.id).values(body=body, hash=chained))
    assert verify(session, task).broken_at == 2


def test_the_broken_timelines_of_a_district_are_listed(session: Session) -> None:
    make.task(session, task_id="whole")
    make.task(session, task_id="changed")
    first = (TaskEvent.task_id == "changed") & (TaskEvent.number == 1)
    session.execute(update(TaskEvent).where(first).values(body=b"{}"))
    broken = dict(service.list_broken(session, district_id=make.DISTRICT))
    assert list(broken) == ["changed"]
    assert broken["changed"].broken_at == 1


def last_id(session: Session, task: Task) -> str:
    moments = service.list_moments(
        session, district_id=make.DISTRICT, task_id=task.id, after_number=0, limit=50
    )
    return moments[-1].id
