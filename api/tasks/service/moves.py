"""Moves of a task: what the table of legal moves allows, kept on the timeline, told to clocks."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import service as promises
from api.tasks.models import Task
from api.tasks.service import access, timeline
from schemas import tasks
from schemas.errors import Refused
from schemas.rules import transitions

OVERTAKEN: Final = "overtaken"
NO_LONGER_YOURS: Final = "no_longer_yours"
_FIELD: Final = transitions.FACTS | {
    transitions.Event.accept,
    transitions.Event.return_,
    transitions.Event.suspend,
    transitions.Event.resume,
    transitions.Event.finish,
}
"""What only the holder's hands can do; the doors guard what the office does."""
_log = structlog.get_logger()


class IllegalMove(Refused):
    """The order cannot do this from where it stands. Look at its state, do what is possible."""

    code = "illegal-move"
    status = 409
    outcome = "conflict"
    en = "{event} is not possible while the order is {state}; possible now: {possible}."
    zh = "工单处于“{state_zh}”状态，不能{event_zh}；目前可执行：{possible_zh}。"


class Overtaken(Refused):
    """The order stood further already; what you did is kept on its timeline. Nothing to do."""

    code = "overtaken"
    status = 409
    outcome = "merged"
    en = "The order was already {state}; your {event} is kept on its timeline."
    zh = "工单此前已是“{state_zh}”状态；您的{event_zh}操作已记入工单时间线。"


class NoLongerYours(Refused):
    """The office gave the order away or took it back. Your work is kept; the office sees it."""

    code = "no-longer-yours"
    status = 409
    outcome = "merged"
    en = "The order is no longer yours (it is {state}); your {event} is kept on its timeline."
    zh = "该工单已不在您名下（当前{state_zh}）；您的{event_zh}操作已记入工单时间线。"


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
    keep = functools.partial(
        _keep,
        session,
        act=act,
        task=task,
        event=event,
        detail=detail,
        proven=proven,
        doubt=doubt,
    )
    if event in _FIELD and not access.may_move(act, task):
        return keep(NoLongerYours)
    step = transitions.move(transitions.Kind(task.kind), transitions.State(task.state), event)
    match step.step:
        case transitions.Step.illegal:
            raise illegal(task, event)
        case transitions.Step.overtaken:
            return keep(Overtaken)
        case transitions.Step.moves:
            task.state = step.to
            task.state_at = act.happened.at
            note_clocks(session, act=act, task=task, event=event, proven=proven, doubt=doubt)
            timeline.write(session, act=act, task=task, event=event, detail=detail)
            _log.info("task.moved", task_id=task.id, event_=event, state=step.to)
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
    session: Session, *, act: Act, task: Task, event: str, proven: bool = True, doubt: str = ""
) -> None:
    """Tell the promises on a task what happened to it, and when."""
    running = promises.note(
        session, act=act, subject=subject_of(task), event=event, proven=proven, remark=doubt
    )
    set_clocks(task, running)


def set_clocks(task: Task, clocks: Sequence[tasks.TaskClock]) -> None:
    """Show a task's clocks on it, and when the next of them is due."""
    shown = [msgspec.to_builtins(clock) for clock in clocks]
    if shown != task.clocks:
        task.clocks = shown
        running = (clock.due_at for clock in clocks if clock.stopped_at is None)
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
    )


def _keep(
    session: Session,
    remark: type[Overtaken | NoLongerYours],
    *,
    act: Act,
    task: Task,
    event: transitions.Event,
    detail: Mapping[str, object] | None,
    proven: bool,
    doubt: str,
) -> Refused:
    """Keep a fact that moves nothing; what happened in the world still stops its clock."""
    if event in transitions.FACTS and task.state != transitions.State.cancelled:
        note_clocks(session, act=act, task=task, event=event, proven=proven, doubt=doubt)
    reason = OVERTAKEN if remark is Overtaken else NO_LONGER_YOURS
    timeline.write(session, act=act, task=task, event=event, detail=detail, remark=reason)
    _log.info("task.fact_kept", task_id=task.id, event_=event, remark=reason)
    state = transitions.State(task.state)
    return remark(
        task_id=task.id,
        event=event,
        event_zh=tasks.EVENT_ZH[event],
        state=state,
        state_zh=tasks.STATE_ZH[state],
    )
