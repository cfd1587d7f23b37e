"""What a crew does to its work; each function applies one operation, pushed or at the door.

A crew that the office took the order away from while it had no signal still is heard: what it did
is kept on the timeline, and the remark says that the order is no longer its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy.orm import Session

from api import reasons
from api.acts import Act
from api.promises import service as promises
from api.tasks.models import Task
from api.tasks.service import access, holding, moves, timeline
from schemas import tasks
from schemas.errors import Refused
from schemas.promises import PolicyReason, ReasonFor
from schemas.rules.transitions import Event


def accept(session: Session, *, act: Act, subject_id: str, body: tasks.Accepted) -> Refused | None:
    """Take the work.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: it cannot be accepted from where it stands.
    """
    del body
    task = access.get_for_field(session, act=act, task_id=subject_id)
    return moves.move(session, act=act, task=task, event=Event.accept)


def set_out(session: Session, *, act: Act, subject_id: str, body: tasks.SetOut) -> Refused | None:
    """Leave for the site.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: nobody can set out from where it stands.
    """
    del body
    task = access.get_for_field(session, act=act, task_id=subject_id)
    return moves.move(session, act=act, task=task, event=Event.set_out)


def start(session: Session, *, act: Act, subject_id: str, body: tasks.Started) -> Refused | None:
    """Lay hands on the work.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: on a repair, nobody has arrived.
    """
    del body
    task = access.get_for_field(session, act=act, task_id=subject_id)
    return moves.move(session, act=act, task=task, event=Event.start)


def return_(session: Session, *, act: Act, subject_id: str, body: tasks.Returned) -> Refused | None:
    """Give the work back to the duty office, for a concrete reason.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        ReasonNotConcrete: the reason says nothing.
        ReasonNotKnown: the order's policy set has no such reason.
        IllegalMove: it cannot be given back from where it stands.
    """
    task = access.get_for_field(session, act=act, task_id=subject_id)
    reasons.require_concrete(body.reason)
    if body.code is not None:
        _find_reason(session, act, task, body.code, ReasonFor.return_)
    detail: Mapping[str, object] = msgspec.to_builtins(body)
    remark = moves.move(session, act=act, task=task, event=Event.return_, detail=detail)
    if remark is None:
        holding.release(session, act=act, task=task, why=body.reason)
    return remark


def suspend(
    session: Session, *, act: Act, subject_id: str, body: tasks.Suspended
) -> Refused | None:
    """Let the work wait, for a concrete reason.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        ReasonNotConcrete: the reason says nothing.
        ReasonNotKnown: the order's policy set has no such reason.
        IllegalMove: it cannot wait from where it stands.
    """
    task = access.get_for_field(session, act=act, task_id=subject_id)
    reasons.require_concrete(body.reason)
    reason = None
    if body.code is not None:
        reason = _find_reason(session, act, task, body.code, ReasonFor.suspend)
    detail: Mapping[str, object] = msgspec.to_builtins(body)
    remark = moves.move(session, act=act, task=task, event=Event.suspend, detail=detail)
    if remark is None:
        task.suspended_reason, task.suspended_until = body.reason, body.until
        if reason is not None:
            promises.pause(session, act=act, subject_id=task.id, reason=reason, words=body.reason)
            moves.show_clocks(session, act=act, task=task)
    return remark


def resume(session: Session, *, act: Act, subject_id: str, body: tasks.Resumed) -> Refused | None:
    """Go on with work that waited.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: it does not wait.
    """
    del body
    task = access.get_for_field(session, act=act, task_id=subject_id)
    remark = moves.move(session, act=act, task=task, event=Event.resume)
    if remark is None:
        task.suspended_reason, task.suspended_until = "", None
    return remark


def note(session: Session, *, act: Act, subject_id: str, body: tasks.Noted) -> Refused | None:
    """Keep words on the timeline, whoever holds the work now.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
    """
    task = access.get_for_field(session, act=act, task_id=subject_id)
    timeline.write(session, act=act, task=task, event=timeline.NOTE, detail={"text": body.text})
    return None


def finish(session: Session, *, act: Act, subject_id: str, body: tasks.Finished) -> Refused | None:
    """End the work, with what was found, done and used.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        IllegalMove: a repair is not restored, or a route was not started.
    """
    task = access.get_for_field(session, act=act, task_id=subject_id)
    detail: Mapping[str, object] = msgspec.to_builtins(body)
    return moves.move(session, act=act, task=task, event=Event.finish, detail=detail)


def done(session: Session, *, act: Act, task_id: str, remark: Refused | None) -> tasks.Done:
    """Answer a crew at the door: how the task stands after its act, and the remark that it got.

    Args:
        session: the unit of work of the act.
        act: the act.
        task_id: what was done something to.
        remark: what the act's function returned.
    """
    since = act._replace(based_on=None)
    task = access.get_for_field(session, act=since, task_id=task_id)
    visible = access.holds(act.principal, task) or access.sees_district(act.principal)
    return tasks.Done(
        task=task.wire() if visible else None,
        remark_code=remark.code if remark else None,
        remark=remark.words if remark else None,
    )


def _find_reason(
    session: Session, act: Act, task: Task, code: str, given_for: ReasonFor
) -> PolicyReason:
    return promises.find_reason(
        session, act=act, subject_id=task.id, code=code, given_for=given_for
    )
