"""Corrective actions (整改措施): what is done so that it does not happen again, by when."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import sqlalchemy.exc
from sqlalchemy.orm import Session

from api import db, reasons
from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.sites import service as sites
from api.supervision import store
from api.supervision.models import Action, Case
from api.supervision.service import record, settled
from schemas import supervision
from schemas.errors import Refused
from schemas.rules import deadlines
from schemas.supervision import CaseEvent


class OwnerGone(Refused):
    """The owner has left. Name somebody who is there."""

    code = "owner-gone"
    status = 409
    en = "{who} has left; name another owner."
    zh = "{who} 已离职；请另行指定责任人。"


class DueInPast(Refused):
    """The day is over. Name one that is still to come."""

    code = "due-in-past"
    status = 422
    en = "{day} is over already."
    zh = "{day} 已过。"


class ActionDoneBefore(Refused):
    """The action was reported done before. Set another where more is to be done."""

    code = "action-done"
    status = 409
    en = "The corrective action {id} was done before."
    zh = "整改措施 {id} 此前已完成。"


def set_action(
    session: Session, *, act: Act, case_id: str, body: supervision.ActionDraft
) -> supervision.Action:
    """Set a corrective action that follows from a case.

    Raises:
        NotFound: there is no such case, or no such person for the actor.
        ReasonNotConcrete: the words say nothing.
        OwnerGone: the owner has left.
        DueInPast: the day is over.
    """
    case = settled.get_case(session, act=act, case_id=case_id)
    made = set_action_on(session, act=act, subject_id=case.subject_id, body=body, case=case)
    record.write(session, act=act, case=case, event=CaseEvent.action_set, remark=body.what)
    return made


def set_action_on(
    session: Session,
    *,
    act: Act,
    subject_id: str,
    body: supervision.ActionDraft,
    case: Case | None = None,
) -> supervision.Action:
    """Set a corrective action on a piece of work or a complaint.

    Raises:
        NotFound: there is no such person for the actor.
        ReasonNotConcrete: the words say nothing.
        OwnerGone: the owner has left.
        DueInPast: the day is over.
    """
    reasons.require_concrete(body.what)
    owner = crews.get_answerable(session, act=act, person_id=body.owner_id)
    if owner.left_at is not None:
        raise OwnerGone(who=owner.id)
    due_at = _end_of(session, act, body.due_on)
    if due_at < act.received_at:
        raise DueInPast(day=body.due_on.isoformat())
    row = Action(
        district_id=act.district_id,
        id=act.new_id(),
        case_id=case.id if case else None,
        subject_id=subject_id,
        what=body.what,
        owner_id=owner.id,
        due_on=body.due_on.isoformat(),
        due_at=due_at,
        set_at=act.happened.at,
        set_by=act.principal.person_id,
        done_at=None,
        done_by=None,
        done="",
        evidence_id=None,
    )
    session.add(row)
    detail = {"subject_id": subject_id, "owner_id": owner.id, "due_on": row.due_on}
    crews.audit(session, act=act, what="action.set", subject_id=row.id, detail=detail)
    return view(row, now=act.received_at)


def act_done(
    session: Session, *, act: Act, action_id: str, body: supervision.ActionDone
) -> supervision.Action:
    """Say that a corrective action is done, with what shows it.

    Raises:
        NotFound: there is no such action, or no such file.
        ReasonNotConcrete: the words say nothing.
        ActionDoneBefore: it was done before.
    """
    row = store.lock_action(session, district_id=act.district_id, action_id=action_id)
    if row is None:
        raise NotFound(what="corrective action", id=action_id)
    if row.done_at is not None:
        raise ActionDoneBefore(id=action_id)
    reasons.require_concrete(body.words)
    _keep_done(session, act, row, body)
    if row.case_id is not None:
        case = settled.get_case(session, act=act, case_id=row.case_id)
        record.write(session, act=act, case=case, event=CaseEvent.action_done, remark=body.words)
    crews.audit(session, act=act, what="action.done", subject_id=row.id)
    return view(row, now=act.received_at)


def list_actions(
    session: Session,
    *,
    act: Act,
    wanted: store.ActionFilter,
    after: store.Key | None,
    limit: int,
) -> list[supervision.Action]:
    """List corrective actions by when they are due."""
    rows = store.list_actions(
        session,
        district_id=act.district_id,
        wanted=wanted,
        now=act.received_at,
        after=after,
        limit=limit,
    )
    return [view(row, now=act.received_at) for row in rows]


def view(row: Action, *, now: dt.datetime) -> supervision.Action:
    """Shape a corrective action as it stands now."""
    return supervision.Action(
        id=row.id,
        case_id=row.case_id,
        subject_id=row.subject_id,
        what=row.what,
        owner_id=row.owner_id,
        due_on=dt.date.fromisoformat(row.due_on),
        due_at=row.due_at,
        set_at=row.set_at,
        set_by=row.set_by,
        done_at=row.done_at,
        done_by=row.done_by,
        done=row.done,
        evidence_id=row.evidence_id,
        overdue=row.done_at is None and row.due_at < now,
    )


def _keep_done(session: Session, act: Act, row: Action, body: supervision.ActionDone) -> None:
    try:
        with db.savepoint(session):
            row.done_at, row.done_by = act.happened.at, act.principal.person_id
            row.done, row.evidence_id = body.words, body.evidence_id
    except sqlalchemy.exc.IntegrityError as error:
        raise NotFound(what="evidence file", id=body.evidence_id) from error


def _end_of(session: Session, act: Act, day: dt.date) -> dt.datetime:
    """Give the last second of a day on the district's own wall clock."""
    zone = sites.get_district(session, district_id=act.district_id).zone
    return deadlines.end_of(day, zoneinfo.ZoneInfo(zone))
