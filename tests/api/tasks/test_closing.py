"""How work ends, what keeps it from ending, and how it comes back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api.tasks import service
from schemas import tasks as shapes
from schemas.rules.transitions import Kind, State
from tests.makers import tasks as make

SATISFIED = shapes.CalledBack(result=shapes.Satisfaction.satisfied)


def test_a_repair_is_not_archived_without_a_call_back(session: Session) -> None:
    task = make.task(session, state=State.finished)
    with pytest.raises(service.NotCalledBack):
        service.archive(session, act=make.of_office(), task=task)
    service.call_back(session, act=make.of_office(), task=task, result=SATISFIED)
    service.archive(session, act=make.of_office(), task=task)
    assert (task.state, task.audience()) == (State.archived, None)


def test_a_route_is_archived_without_a_call_back(session: Session) -> None:
    task = make.task(session, kind=Kind.route, state=State.finished)
    service.archive(session, act=make.of_office(), task=task)
    assert task.state == State.archived


def test_nothing_is_archived_while_declared_files_are_missing(session: Session) -> None:
    task = make.task(session, state=State.called_back)
    service.expect_evidence(task, files=2)
    service.evidence_arrived(task)
    with pytest.raises(service.EvidenceMissing) as refused:
        service.archive(session, act=make.of_office(), task=task)
    assert refused.value.fields == {"missing": 1, "declared": 2}
    service.evidence_arrived(task)
    service.archive(session, act=make.of_office(), task=task)
    assert task.state == State.archived


def test_a_dissatisfied_customer_reopens_the_order_a_step_up(session: Session) -> None:
    task = make.task(session, state=State.finished, urgency=3)
    result = shapes.CalledBack(
        result=shapes.Satisfaction.dissatisfied, cause="the light flickers at night"
    )
    next_day = make.NOW + dt.timedelta(days=1)
    service.call_back(session, act=make.of_office(at=next_day), task=task, result=result)
    assert (task.state, task.urgency, task.crew_id) == (State.reported, 2, None)
    assert task.due_at is not None
    assert task.due_at > next_day
    moments = service.list_moments(
        session, district_id=make.DISTRICT, task_id=task.id, after_number=0, limit=50
    )
    assert [moment.event for moment in moments][-2:] == ["call_back", "reopen"]


def test_a_dissatisfied_customer_has_a_concrete_cause(session: Session) -> None:
    task = make.task(session, state=State.finished)
    result = shapes.CalledBack(result=shapes.Satisfaction.dissatisfied, cause="no")
    with pytest.raises(service.ReasonNotConcrete):
        service.call_back(session, act=make.of_office(), task=task, result=result)
    assert task.state == State.finished


def test_restored_work_is_not_called_off(session: Session) -> None:
    task = make.task(session, state=State.restored)
    with pytest.raises(service.IllegalMove):
        service.cancel(session, act=make.of_office(), task=task, reason=make.REASON)


def test_the_office_cannot_cancel_twice(session: Session) -> None:
    task = make.task(session)
    service.cancel(session, act=make.of_office(), task=task, reason=make.REASON)
    count = task.timeline_count
    with pytest.raises(service.IllegalMove):
        service.cancel(session, act=make.of_office(), task=task, reason=make.REASON)
    assert task.timeline_count == count


def test_work_is_given_to_somebody(session: Session) -> None:
    task = make.task(session, state=State.reported)
    with pytest.raises(service.NobodyNamed):
        service.assign(
            session, act=make.of_office(), task=task, crew_id=None, person_id=None, why=""
        )


def test_work_in_somebodys_hands_is_not_given_out_again(session: Session) -> None:
    task = make.task(session)
    with pytest.raises(service.IllegalMove):
        service.assign(
            session, act=make.of_office(), task=task, crew_id="crew-2", person_id=None, why=""
        )


def test_holders_tell_whose_hands_a_task_came_into(session: Session) -> None:
    task = make.task(session)
    service.reassign(
        session,
        act=make.of_office(),
        task=task,
        crew_id="crew-2",
        person_id=None,
        why=make.REASON,
    )
    service.return_(
        session,
        act=make.of_crew(person_id="chen", crew_ids=["crew-2"]),
        subject_id=task.id,
        body=shapes.Returned(reason="road washed away at km 4"),
    )
    rows = service.list_holders(session, district_id=make.DISTRICT, task_id=task.id)
    assert [row.crew_id for row in rows] == ["crew-1", "crew-2", None]
