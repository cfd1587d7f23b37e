"""Appeals (申诉): a case should not count; somebody who is not responsible decides.

An upheld appeal excuses the case: its points count nowhere, and it stays on record.
"""

from __future__ import annotations

import msgspec
import sqlalchemy.exc
from sqlalchemy.orm import Session

from api import db, reasons
from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.supervision import store
from api.supervision.models import Appeal, Case
from api.supervision.service import record, settled
from schemas import supervision
from schemas.errors import FieldValue, Refused
from schemas.supervision import AppealState, CaseEvent, CaseState


class AppealPending(Refused):
    """An appeal against the case waits for its decision. Have it decided first."""

    code = "appeal-pending"
    status = 409
    en = "An appeal against the supervision case {id} waits for its decision."
    zh = "督办单 {id} 有待裁定的申诉。"


class AppealDecided(Refused):
    """The appeal was decided before. A new ground needs a new appeal."""

    code = "appeal-decided"
    status = 409
    en = "The appeal was {state} before."
    zh = "该申诉已裁定（{state_zh}）。"


class OwnAppeal(Refused):
    """You are responsible for the work, or you appealed. Somebody else has to decide."""

    code = "own-appeal"
    status = 403
    en = "Who is responsible, or appealed, does not decide on it."
    zh = "责任人和申诉人不得裁定该申诉。"


def appeal(
    session: Session, *, act: Act, case_id: str, body: supervision.AppealDraft
) -> supervision.Appeal:
    """Appeal against a case, also against one that is closed.

    Raises:
        NotFound: there is no such case, or no such file.
        CaseSettled: it counts nowhere already.
        ReasonNotConcrete: the words say nothing.
        AppealPending: another appeal waits for its decision.
    """
    case = settled.get_counting(session, act=act, case_id=case_id)
    reasons.require_concrete(body.words)
    refuse_pending(session, case=case)
    row = Appeal(
        district_id=act.district_id,
        id=act.new_id(),
        case_id=case.id,
        ground=str(body.ground),
        words=body.words,
        evidence_id=body.evidence_id,
        state=str(AppealState.pending),
        made_at=act.happened.at,
        made_by=act.principal.person_id,
        decided_at=None,
        decided_by=None,
        decision="",
    )
    _add(session, row)
    record.write(session, act=act, case=case, event=CaseEvent.appealed, remark=body.words)
    crews.audit(session, act=act, what="supervision.appealed", subject_id=case.id)
    return view(row)


def decide(
    session: Session,
    *,
    act: Act,
    case_id: str,
    appeal_id: str,
    body: supervision.AppealDecision,
) -> supervision.Appeal:
    """Decide an appeal; who is responsible for the work, or appealed, does not.

    Raises:
        NotFound: there is no such case, or no such appeal against it.
        AppealDecided: it was decided before.
        OwnAppeal: the actor is responsible, or appealed.
        ReasonNotConcrete: the words say nothing.
    """
    case = settled.get_case(session, act=act, case_id=case_id)
    row = store.find_appeal(session, district_id=act.district_id, appeal_id=appeal_id)
    if row is None or row.case_id != case.id:
        raise NotFound(what="appeal", id=appeal_id)
    if row.state != AppealState.pending:
        state_zh = "成立" if row.state == AppealState.upheld else "不成立"
        raise AppealDecided(state=row.state, state_zh=state_zh)
    if _is_concerned(act, case, row):
        raise OwnAppeal
    reasons.require_concrete(body.words)
    row.state = str(AppealState.upheld if body.upheld else AppealState.rejected)
    row.decided_at, row.decided_by = act.happened.at, act.principal.person_id
    row.decision = body.words
    event = CaseEvent.upheld if body.upheld else CaseEvent.rejected
    if body.upheld and case.state != CaseState.cleared:
        case.state, case.climbs_at = str(CaseState.excused), None
    record.write(session, act=act, case=case, event=event, remark=body.words)
    detail: dict[str, FieldValue] = {"appeal_id": row.id, "upheld": body.upheld}
    crews.audit(
        session, act=act, what="supervision.appeal_decided", subject_id=case.id, detail=detail
    )
    return view(row)


def refuse_pending(session: Session, *, case: Case) -> None:
    """Let pass a case against which no appeal waits.

    Raises:
        AppealPending: one does.
    """
    known = store.list_appeals(session, district_id=case.district_id, case_id=case.id)
    if any(row.state == AppealState.pending for row in known):
        raise AppealPending(id=case.id)


def view(row: Appeal) -> supervision.Appeal:
    """Shape an appeal."""
    return msgspec.convert(row, supervision.Appeal, from_attributes=True)


def _is_concerned(act: Act, case: Case, row: Appeal) -> bool:
    """Tell whether the actor is responsible for the work, or appealed."""
    actor = act.principal
    return actor.person_id in {case.person_id, row.made_by} or case.crew_id in actor.crew_ids


def _add(session: Session, row: Appeal) -> None:
    """Add an appeal; the database knows which files there are.

    Raises:
        NotFound: the district has no such file.
    """
    try:
        with db.savepoint(session):
            session.add(row)
    except sqlalchemy.exc.IntegrityError as error:
        raise NotFound(what="evidence file", id=row.evidence_id) from error
