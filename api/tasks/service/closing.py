"""How work ends: called back, archived, cancelled; and how it comes back to life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api import reasons
from api.acts import Act
from api.tasks.models import Task
from api.tasks.service import hands, holding, messages, moves, timeline
from schemas import tasks
from schemas.errors import Refused
from schemas.messages import MessageKind
from schemas.rules import transitions

_MOST_URGENT: Final = 1
_log = structlog.get_logger()


class EvidenceMissing(Refused):
    """Files that the crew declared have not arrived. Wait for its phone, or ask for them."""

    code = "evidence-missing"
    status = 409
    en = "{missing} of {declared} declared files have not arrived; archive when they have."
    zh = "已登记的 {declared} 个文件中有 {missing} 个尚未上传；全部到达后方可归档。"


class NotCalledBack(Refused):
    """Nobody has asked the customer yet. Call back, enter the result, then archive."""

    code = "not-called-back"
    status = 409
    en = "The customer has not been called back; enter the result first."
    zh = "尚未回访客户；请先录入回访结果。"


class NothingToLookAt(Refused):
    """Nothing on this order waits for a look; somebody was there before you. Nothing to do."""

    code = "nothing-to-look-at"
    status = 409
    en = "Nothing on this order waits for a look."
    zh = "该工单没有待核实的事项。"


def call_back(session: Session, *, act: Act, task: Task, result: tasks.CalledBack) -> None:
    """Keep what the customer said; one who is not satisfied reopens the order, a step up.

    Raises:
        ReasonNotConcrete: a dissatisfied customer's cause says nothing.
        IllegalMove: the work is not finished.
    """
    satisfied = result.result is tasks.Satisfaction.satisfied
    if not satisfied:
        reasons.require_concrete(result.cause)
    detail = {"result": str(result.result), "cause": result.cause, "note": result.note}
    _move(session, act, task, transitions.Event.call_back, detail)
    if not satisfied:
        reopen(session, act=act, task=task, cause=result.cause)


def reopen(session: Session, *, act: Act, task: Task, cause: str) -> None:
    """Bring finished work back to the duty office, one step more urgent, for a concrete cause.

    Raises:
        ReasonNotConcrete: the cause says nothing.
        IllegalMove: the work is not finished.
    """
    reasons.require_concrete(cause)
    _check(task, transitions.Event.reopen)
    task.urgency = max(_MOST_URGENT, task.urgency - 1)
    detail = {"cause": cause, "urgency": task.urgency}
    _move(session, act, task, transitions.Event.reopen, detail)
    task.reopened_at = act.happened.at
    told = hands.of(task)
    messages.tell(session, act=act, task=task, hands=told, kind=MessageKind.REOPENED, why=cause)
    holding.release(session, act=act, task=task, why=cause)


def archive(session: Session, *, act: Act, task: Task) -> None:
    """Close finished work for good.

    Raises:
        NotCalledBack: nobody has asked the customer.
        EvidenceMissing: a declared file has not arrived.
        IllegalMove: the work is not done.
    """
    repair = task.kind == transitions.Kind.repair
    if repair and task.state == transitions.State.finished:
        raise NotCalledBack(task_id=task.id)
    _check(task, transitions.Event.archive)
    if task.evidence_missing > 0:
        raise EvidenceMissing(missing=task.evidence_missing, declared=task.evidence_declared)
    _move(session, act, task, transitions.Event.archive, {})


def cancel(session: Session, *, act: Act, task: Task, reason: str) -> None:
    """Call work off, for a concrete reason; its clocks count no more, its crew is told.

    Raises:
        ReasonNotConcrete: the reason says nothing.
        IllegalMove: it is restored or done.
    """
    reasons.require_concrete(reason)
    _move(session, act, task, transitions.Event.cancel, {"reason": reason})
    told = hands.of(task)
    messages.tell(session, act=act, task=task, hands=told, kind=MessageKind.CANCELLED, why=reason)


def looked(session: Session, *, act: Act, task: Task, note: str) -> None:
    """Say that a person of the office has looked at what the rules could not decide.

    Raises:
        NothingToLookAt: nothing waits for a look.
    """
    if task.look is None:
        raise NothingToLookAt(task_id=task.id)
    detail = {"look": task.look, "note": note}
    task.look = None
    timeline.write(session, act=act, task=task, event=timeline.LOOK, detail=detail)


def _check(task: Task, event: transitions.Event) -> None:
    kind, state = transitions.Kind(task.kind), transitions.State(task.state)
    if transitions.move(kind, state, event).step is not transitions.Step.moves:
        raise moves.illegal(task, event)


def _move(
    session: Session,
    act: Act,
    task: Task,
    event: transitions.Event,
    detail: Mapping[str, object],
) -> None:
    """Move for the office: what was done already is refused, not kept as a fact."""
    _check(task, event)
    moves.move(session, act=act, task=task, event=event, detail=detail)
