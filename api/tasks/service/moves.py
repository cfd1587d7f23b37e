"""Moves of a task: what the table of legal moves allows, kept on the timeline, told to clocks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.promises import service as promises
from api.tasks.models import Task
from api.tasks.service import (
    announcing,
    hands,
    hearing,
    lookback,
    marks,
    messages,
    telling,
    timeline,
)
from api.tasks.service.hearing import Overtaken
from schemas import tasks
from schemas.errors import Refused
from schemas.messages import MessageKind
from schemas.rules import transitions
from schemas.rules.done_work import DONE, Verdict

_FIELD: Final = transitions.FACTS | {
    transitions.Event.accept,
    transitions.Event.return_,
    transitions.Event.suspend,
    transitions.Event.resume,
    transitions.Event.finish,
}
"""What only the holder's hands can do; the doors guard what the office does."""
_HEARD: Final = frozenset(map(str, transitions.FACTS - {transitions.Event.arrive}))
"""Facts that stop a clock by themselves; an arrival needs its proof, which its check-in has."""
_ENDED: Final = frozenset({"", "work_counted", "done_twice"})
"""Remarks of an end that counts; any other moved nothing."""
_STRAIGHT: Final[Mapping[transitions.State, int]] = MappingProxyType(
    {transitions.State.dispatched: 2, transitions.State.accepted: 3, transitions.State.en_route: 3}
)
"""The fewest moments with which an order comes to stand so; with more, other words may be there."""
_log = structlog.get_logger()


class IllegalMove(Refused):
    """The order cannot do this from where it stands. Look at its state, do what is possible."""

    code = "illegal-move"
    status = 409
    outcome = "conflict"
    en = "{event} is not possible while the order is {state}; possible now: {possible}."
    zh = "工单处于“{state_zh}”状态，不能{event_zh}；目前可执行：{possible_zh}。"


def move(
    session: Session,
    *,
    act: Act,
    task: Task,
    event: transitions.Event,
    detail: Mapping[str, object] | None = None,
    proven: bool = True,
    doubt: str = "",
) -> Refused | None:
    """Do to a task what the table of moves says, at the time it happened.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        task: what it is done to.
        event: what is done.
        detail: what the timeline keeps of it, as plain JSON values.
        proven: whether it may stop a clock.
        doubt: words for the clock's ledger, where the proof is not beyond doubt.

    Returns:
        None when it moved; a remark (`outcome` merged) when it is kept and moved nothing.

    Raises:
        IllegalMove: the table does not know this move.
    """
    told = _Told(event, detail or {}, proven, doubt)
    heard = hearing.Heard(Verdict.own)
    if event in _FIELD:
        heard = hearing.hear(session, act=act, task=task, event=event)
    if heard.verdict is not Verdict.own:
        return _hear_late(session, act, task, told, heard)
    step = transitions.move(transitions.Kind(task.kind), transitions.State(task.state), event)
    match step.step:
        case transitions.Step.illegal:
            raise illegal(task, event)
        case transitions.Step.overtaken:
            if event in transitions.FACTS:
                _note(session, act, task, told, belated=True)
            return _keep(session, act, task, told, Overtaken)
        case transitions.Step.moves:
            _go(session, act, task, told, to=step.to)
    return None


def arrive(
    session: Session,
    *,
    act: Act,
    task: Task,
    proven: bool,
    doubt: str = "",
    detail: Mapping[str, object] | None = None,
) -> Refused | None:
    """Take an arrival; a crew that already arrived may say so again, and prove it better.

    Args:
        session: the unit of work.
        act: who, and when it happened.
        task: where the crew arrived.
        proven: whether the verdict lets the arrival stop its clock.
        doubt: words for the clock's ledger, where the verdict is not sure.
        detail: what the timeline keeps of it.
    """
    again = task.state in {transitions.State.arrived, transitions.State.working}
    remark = move(
        session,
        act=act,
        task=task,
        event=transitions.Event.arrive,
        detail=detail,
        proven=proven,
        doubt=doubt,
    )
    return None if again and isinstance(remark, Overtaken) else remark


def illegal(task: Task, event: transitions.Event) -> IllegalMove:
    """Say that a task cannot do this from where it stands, and what it can."""
    kind, state = transitions.Kind(task.kind), transitions.State(task.state)
    possible = transitions.events_from(kind, state)
    return IllegalMove(
        task_id=task.id,
        event=event,
        event_zh=tasks.EVENT_ZH[event],
        state=state,
        state_zh=tasks.STATE_ZH[state],
        possible=", ".join(possible) or "-",
        possible_zh="、".join(tasks.EVENT_ZH[each] for each in possible) or "无",
    )


def note_clocks(
    session: Session,
    *,
    act: Act,
    task: Task,
    event: str,
    proven: bool = True,
    doubt: str = "",
    belated: bool = False,
) -> None:
    """Tell the promises on a task what happened to it, and when.

    On a task that was called off, what is heard late starts no promise, but it may prove one.
    What is `belated`, behind other words, may open a clock, or start one earlier, that one of those
    has stopped already.
    """
    subject = subject_of(task)
    if event != timeline.REPORT and task.state != transitions.State.suspended:
        promises.go_on(session, act=act, subject_id=subject.id)
    late = task.state == transitions.State.cancelled and event != transitions.Event.cancel
    running = (
        promises.prove(
            session, act=act, subject_id=subject.id, event=event, proven=proven, remark=doubt
        )
        if late
        else promises.note(
            session, act=act, subject=subject, event=event, proven=proven, remark=doubt
        )
    )
    if belated and _is_due_otherwise(task, running):
        running = _prove_heard(session, act=act, task=task) or running
    set_clocks(task, running)


def _is_due_otherwise(task: Task, running: Sequence[tasks.TaskClock]) -> bool:
    """Tell whether a task has a clock that it did not show before, or not as due then."""
    shown = {(clock["kind"], clock["due_at"]) for clock in task.clocks}
    return any((clock["kind"], clock["due_at"]) not in shown for clock in map(_plain, running))


def _plain(clock: tasks.TaskClock) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(clock)
    return plain


def _prove_heard(session: Session, *, act: Act, task: Task) -> list[tasks.TaskClock]:
    """Let what was heard before it opened a clock stop that clock: words come in any order."""
    running: list[tasks.TaskClock] = []
    for moment in lookback.moments(session, task=task):
        ended = moment.event == transitions.Event.finish and moment.remark in _ENDED
        if ended or moment.event in _HEARD:
            then = Happened(moment.happened_at, moment.error_s, moment.clock_suspect)
            told = act._replace(happened=then, received_at=moment.received_at)
            running = promises.prove(
                session, act=told, subject_id=task.id, event=moment.event, remark=moment.remark
            )
    return running


def show_clocks(session: Session, *, act: Act, task: Task) -> None:
    """Show on a task the clocks that it has by now."""
    set_clocks(task, promises.show(session, act=act, subject_id=task.id))


def set_clocks(task: Task, clocks: Sequence[tasks.TaskClock]) -> None:
    """Show a task's clocks on it, and when the next of them is due."""
    shown = list(map(_plain, clocks))
    if shown != task.clocks:
        task.clocks = shown
        running = (
            clock.due_at for clock in clocks if clock.stopped_at is None and clock.paused_at is None
        )
        task.due_at = min(running, default=None)


def subject_of(task: Task) -> promises.Subject:
    """Say of a task what promises depend on."""
    return promises.Subject(
        id=task.id,
        kind=task.kind,
        area_class=task.area_class,
        urgency=task.urgency,
        crew_id=task.crew_id,
        person_id=task.person_id,
        care=task.care,
        customers=task.customers_out,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """An act as its sender told it."""

    event: transitions.Event
    detail: Mapping[str, object]
    proven: bool
    doubt: str


def _go(
    session: Session,
    act: Act,
    task: Task,
    told: _Told,
    *,
    to: transitions.State,
    remark: str = "",
) -> None:
    """Bring a task to a state at the time it happened."""
    straight = _STRAIGHT.get(transitions.State(task.state), 0)
    belated = told.event in transitions.FACTS and task.timeline_count > straight
    task.state = to
    task.state_at = act.happened.at
    _note(session, act, task, told, belated=belated)
    moment_id = timeline.write(
        session, act=act, task=task, event=told.event, detail=told.detail, remark=remark
    )
    marks.note(
        session, act=act, task=task, event=told.event, detail=told.detail, moment_id=moment_id
    )
    announcing.moved(session, act=act, task=task, event=told.event, moment_id=moment_id)
    telling.moved(session, act=act, task=task, event=told.event)
    _log.info("task.moved", task_id=task.id, event_=told.event, state=to)


def _hear_late(
    session: Session, act: Act, task: Task, told: _Told, heard: hearing.Heard
) -> Refused:
    """Do what a late act's verdict says; what happened in the world stops its clock anyway."""
    remark = hearing.REMARKS[heard.verdict]
    match heard.verdict:
        case Verdict.counts:
            assert heard.doer is not None, "who did the work once held it"
            _count(session, act, task, told, to=heard.doer)
            return _remark(remark, task, told.event)
        case Verdict.fact:
            messages.tell(
                session,
                act=act,
                task=task,
                hands=hands.of(task),
                kind=MessageKind.RESTORED_BY_ANOTHER,
            )
            _go(session, act, task, told, to=DONE[told.event], remark=_name(remark))
            return _remark(remark, task, told.event)
        case Verdict.cancelled | Verdict.twice:
            task.look = _name(remark)
        case _:
            pass
    if told.event in transitions.FACTS or heard.verdict is Verdict.twice:
        _note(session, act, task, told, belated=True)
    return _keep(session, act, task, told, remark)


def _count(session: Session, act: Act, task: Task, told: _Told, *, to: hands.Hands) -> None:
    """Let done work count: the order comes back into the hands that did it; others are released."""
    before = hands.of(task)
    messages.tell(session, act=act, task=task, hands=before, kind=MessageKind.DONE_BY_ANOTHER)
    if to != before:
        hands.hand_over(session, act=act, task=task, to=to, why=task.why, at=act.received_at)
    task.suspended_reason, task.suspended_until = "", None
    released = {"crew_id": before.crew_id, "person_id": before.person_id}
    counted = dataclasses.replace(told, detail={**told.detail, "released": released})
    remark = _name(hearing.WorkCounted)
    _go(session, act, task, counted, to=DONE[told.event], remark=remark)


def _keep(session: Session, act: Act, task: Task, told: _Told, remark: type[Refused]) -> Refused:
    """Keep what moves nothing on the timeline."""
    reason = _name(remark)
    timeline.write(session, act=act, task=task, event=told.event, detail=told.detail, remark=reason)
    _log.info("task.fact_kept", task_id=task.id, event_=told.event, remark=reason)
    return _remark(remark, task, told.event)


def _note(session: Session, act: Act, task: Task, told: _Told, *, belated: bool) -> None:
    note_clocks(
        session,
        act=act,
        task=task,
        event=told.event,
        proven=told.proven,
        doubt=told.doubt,
        belated=belated,
    )


def _remark(remark: type[Refused], task: Task, event: transitions.Event) -> Refused:
    return hearing.remark(remark, task, event=event, event_zh=tasks.EVENT_ZH[event])


def _name(remark: type[Refused]) -> str:
    """Write a remark's code as the timeline does."""
    return remark.code.replace("-", "_")
