"""What crews do to their work, and what becomes of it when the office was faster."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import NotFound
from api.promises.models import Clock
from api.tasks import service
from schemas import tasks as shapes
from schemas.rules.transitions import Kind, State
from tests.makers import tasks as make

HOUR = dt.timedelta(hours=1)


def test_a_crew_walks_the_straight_road(session: Session) -> None:
    task = make.task(session, task_id="t1")
    crew = make.of_crew()
    assert service.accept(session, act=crew, subject_id="t1", body=shapes.Accepted()) is None
    assert service.set_out(session, act=crew, subject_id="t1", body=shapes.SetOut()) is None
    assert service.arrive(session, act=crew, task=task, proven=True) is None
    assert service.start(session, act=crew, subject_id="t1", body=shapes.Started()) is None
    assert task.state == State.working
    assert task.version == task.timeline_count == 6


def test_work_on_a_repair_does_not_start_before_the_arrival(session: Session) -> None:
    task = make.task(session, state=State.accepted)
    version = task.version
    with pytest.raises(service.IllegalMove) as refused:
        service.start(session, act=make.of_crew(), subject_id=task.id, body=shapes.Started())
    assert refused.value.outcome == "conflict"
    assert "到场" in refused.value.words.zh
    assert (task.state, task.version) == (State.accepted, version)


def test_a_route_starts_without_an_arrival(session: Session) -> None:
    task = make.task(session, kind=Kind.route, state=State.accepted)
    service.start(session, act=make.of_crew(), subject_id=task.id, body=shapes.Started())
    service.finish(session, act=make.of_crew(), subject_id=task.id, body=shapes.Finished())
    assert task.state == State.finished


def test_another_crews_task_does_not_exist(session: Session) -> None:
    task = make.task(session)
    stranger = make.of_crew(person_id="chen", crew_ids=["crew-2"])
    with pytest.raises(NotFound):
        service.accept(session, act=stranger, subject_id=task.id, body=shapes.Accepted())
    with pytest.raises(NotFound):
        service.get_task(session, act=stranger, task_id=task.id)


def test_an_unknown_task_is_not_found(session: Session) -> None:
    make.district(session)
    with pytest.raises(NotFound):
        service.note(session, act=make.of_crew(), subject_id="none", body=shapes.Noted(text="x"))


@pytest.mark.parametrize("reason", ["busy", "工作忙", "", "...", "later, sorry"])
def test_a_reason_that_says_nothing_is_refused(session: Session, reason: str) -> None:
    task = make.task(session, state=State.accepted)
    crew = make.of_crew()
    with pytest.raises(service.ReasonNotConcrete) as returned:
        service.return_(session, act=crew, subject_id=task.id, body=shapes.Returned(reason=reason))
    with pytest.raises(service.ReasonNotConcrete):
        service.suspend(session, act=crew, subject_id=task.id, body=shapes.Suspended(reason=reason))
    assert (returned.value.code, returned.value.status) == ("reason-not-concrete", 422)
    assert task.state == State.accepted


def test_returned_work_lies_with_the_duty_office(session: Session) -> None:
    task = make.task(session, state=State.accepted)
    body = shapes.Returned(reason=make.REASON)
    assert service.return_(session, act=make.of_crew(), subject_id=task.id, body=body) is None
    assert (task.state, task.crew_id, task.audience()) == (State.returned, None, None)
    assert task.why == make.REASON


def test_suspended_work_says_why_and_goes_on(session: Session) -> None:
    task = make.task(session, state=State.arrived)
    crew = make.of_crew()
    service.suspend(
        session, act=crew, subject_id=task.id, body=shapes.Suspended(reason="gate locked, key away")
    )
    assert (task.state, task.suspended_reason) == (State.suspended, "gate locked, key away")
    service.resume(session, act=crew, subject_id=task.id, body=shapes.Resumed())
    assert (task.state, task.suspended_reason) == (State.accepted, "")


def test_what_was_done_twice_is_kept_and_moves_nothing(session: Session) -> None:
    task = make.task(session, state=State.accepted)
    remark = service.accept(session, act=make.of_crew(), subject_id=task.id, body=shapes.Accepted())
    assert isinstance(remark, service.Overtaken)
    assert remark.outcome == "merged"
    assert task.state == State.accepted


def test_a_crew_may_prove_its_arrival_again_without_a_remark(session: Session) -> None:
    task = make.task(session, state=State.working)
    remark = service.arrive(session, act=make.of_crew(), task=task, proven=True)
    assert remark is None
    assert task.state == State.working


def work_offline(session: Session, task_id: str) -> list[object]:
    """Do a whole job as the first crew, heard two hours after it began."""
    remarks: list[object] = []
    at = make.NOW + HOUR
    crew = make.of_crew(at=at, received_at=at + HOUR)
    remarks.append(service.accept(session, act=crew, subject_id=task_id, body=shapes.Accepted()))
    task = service.get_for_field(session, act=crew, task_id=task_id)
    remarks.append(service.arrive(session, act=crew, task=task, proven=True))
    remarks.append(service.start(session, act=crew, subject_id=task_id, body=shapes.Started()))
    body = shapes.Finished(cause="fuse", work_done="replaced the fuse")
    remarks.append(service.finish(session, act=crew, subject_id=task_id, body=body))
    return remarks


def test_what_a_crew_did_to_an_order_given_to_another_is_kept(session: Session) -> None:
    task = make.task(session)
    service.reassign(
        session,
        act=make.of_office(),
        task=task,
        crew_id="crew-2",
        person_id=None,
        why="crew 1 is cut off by the flood",
    )
    remarks = work_offline(session, task.id)
    assert all(isinstance(remark, service.NoLongerYours) for remark in remarks)
    assert (task.state, task.crew_id) == (State.dispatched, "crew-2")
    moments = service.list_moments(
        session, district_id=make.DISTRICT, task_id=task.id, after_number=0, limit=50
    )
    kept = [moment for moment in moments if moment.remark == "no_longer_yours"]
    assert [moment.event for moment in kept] == ["accept", "arrive", "start", "finish"]
    assert kept[-1].detail["work_done"] == "replaced the fuse"


def test_the_arrival_of_an_earlier_crew_stops_the_clock_when_it_happened(
    session: Session,
) -> None:
    task = make.task(session)
    service.reassign(
        session,
        act=make.of_office(),
        task=task,
        crew_id="crew-2",
        person_id=None,
        why="crew 1 is cut off by the flood",
    )
    at = make.NOW + dt.timedelta(minutes=31)
    crew = make.of_crew(at=at, received_at=at + 3 * HOUR)
    service.arrive(session, act=crew, task=task, proven=True)
    stopped = {clock.kind: clock.stopped_at for clock in task.task_clocks}
    assert stopped["arrive"] == at


def test_an_arrival_in_time_keeps_its_promise_though_the_order_was_called_off_later(
    session: Session,
) -> None:
    """World seed 20053: a phone was dark over the deadline, and the customer gave up meanwhile."""
    task = make.task(session)
    called_off_at = make.NOW + HOUR
    office = make.of_office(at=called_off_at)
    service.cancel(session, act=office, task=task, reason="customer found his own fuse")
    crew = make.of_crew(at=make.NOW + dt.timedelta(minutes=31), received_at=called_off_at + HOUR)
    service.arrive(session, act=crew, task=task, proven=True)
    found = {each.kind: each for each in session.scalars(select(Clock))}
    assert (found["arrive"].state, found["arrive"].stopped_at) == ("kept", crew.happened.at)
    assert "restore" not in found, "nobody promised anything on an order that is called off"


def test_what_a_crew_did_to_a_cancelled_order_is_kept(session: Session) -> None:
    task = make.task(session)
    service.cancel(session, act=make.of_office(), task=task, reason="customer found his own fuse")
    remarks = work_offline(session, task.id)
    overtaken, looked_at = service.Overtaken, service.CancelledMeanwhile
    assert list(map(type, remarks)) == [overtaken, overtaken, looked_at, looked_at]
    assert (task.state, task.due_at) == (State.cancelled, None)
