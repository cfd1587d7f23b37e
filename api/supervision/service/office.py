"""What the office does to a case: sees it, takes it up, chases it, closes it with what was done."""

from __future__ import annotations

import dataclasses

import msgspec
from sqlalchemy.orm import Session

from api import reasons
from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.supervision import store
from api.supervision.models import Case, CaseMoment
from api.supervision.service import actions, appeals, record, settled
from schemas import supervision
from schemas.crews import Level
from schemas.errors import Refused
from schemas.supervision import CaseEvent, CaseState


class StillOverdue(Refused):
    """What was promised has not come. See that the work is done or called off, then close."""

    code = "still-overdue"
    status = 409
    en = "What was promised has not come yet; the case {id} cannot be closed."
    zh = "承诺事项尚未完成，督办单 {id} 不能办结。"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases the office asks for; None asks for all.

    `unit_id` asks for those that stand at a unit, from every district beneath it.
    """

    state: CaseState | None = None
    unit_id: str | None = None
    subject_id: str | None = None
    crew_id: str | None = None
    major: bool | None = None


def list_cases(
    session: Session, *, act: Act, wanted: Wanted, after: store.Key | None, limit: int
) -> list[supervision.Supervision]:
    """List supervision cases by when they were opened, without their records.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    rows = store.list_cases(
        session,
        district_ids=districts_of(session, act=act, unit_id=wanted.unit_id),
        wanted=store.CaseFilter(**dataclasses.asdict(wanted)),
        after=after,
        limit=limit,
    )
    return [view(row) for row in rows]


def get_case(session: Session, *, act: Act, case_id: str) -> supervision.Supervision:
    """Get one supervision case with its record, its appeals and its corrective actions.

    Raises:
        NotFound: there is none with this id.
    """
    case = store.find_case(session, district_id=act.district_id, case_id=case_id)
    if case is None:
        raise NotFound(what="supervision case", id=case_id)
    return whole(session, act=act, case=case)


def acknowledge(
    session: Session, *, act: Act, case_id: str, body: supervision.CaseTaken
) -> supervision.Supervision:
    """Write down that a supervisor has seen a case, and what will be done; again adds the newer.

    It climbs all the same: only what was promised ends that.

    Raises:
        NotFound: there is none with this id.
        CaseSettled: it is closed, excused or cleared.
    """
    case = settled.get_open(session, act=act, case_id=case_id)
    case.state = str(CaseState.acknowledged)
    case.acknowledged_at = act.happened.at
    case.acknowledged_by = act.principal.person_id
    case.remark = body.remark
    record.write(session, act=act, case=case, event=CaseEvent.acknowledged, remark=body.remark)
    return _audited(session, act, case, "supervision.acknowledged")


def chase_subject(session: Session, *, act: Act, subject_id: str, words: str) -> int:
    """Write a chase note (催办) into every open case of a piece of work; tell how many there are.

    The capability that keeps the work tells its crew.
    """
    cases = store.lock_of_subject(session, district_id=act.district_id, subject_id=subject_id)
    for case in cases:
        record.write(session, act=act, case=case, event=CaseEvent.chased, remark=words)
    return len(cases)


def close(
    session: Session, *, act: Act, case_id: str, body: supervision.CaseClosed
) -> supervision.Supervision:
    """Close a case with what was done, in concrete words.

    Raises:
        NotFound: there is none with this id.
        CaseSettled: it is closed, excused or cleared.
        ReasonNotConcrete: the words say nothing.
        StillOverdue: what was promised has not come.
        AppealPending: an appeal waits for its decision.
    """
    case = settled.get_open(session, act=act, case_id=case_id)
    reasons.require_concrete(body.done)
    if case.ended_at is None:
        raise StillOverdue(id=case_id)
    appeals.refuse_pending(session, case=case)
    case.state = str(CaseState.closed)
    case.closed_at, case.closed_by = act.happened.at, act.principal.person_id
    case.done = body.done
    record.write(session, act=act, case=case, event=CaseEvent.closed, remark=body.done)
    return _audited(session, act, case, "supervision.closed")


def districts_of(session: Session, *, act: Act, unit_id: str | None) -> list[str]:
    """List the districts that a question is about: the act's own, or all beneath a unit.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    if unit_id is None:
        return [act.district_id]
    unit = crews.get_unit(session, act=act, unit_id=unit_id)
    return [district.id for district in crews.list_districts(session, unit=unit)]


def whole(session: Session, *, act: Act, case: Case) -> supervision.Supervision:
    """Show a case with its record, its appeals and its corrective actions."""
    session.flush()
    within = {"district_id": case.district_id, "case_id": case.id}
    return msgspec.structs.replace(
        view(case),
        moments=[_moment(row) for row in store.list_moments(session, **within)],
        appeals=[appeals.view(row) for row in store.list_appeals(session, **within)],
        actions=[
            actions.view(row, now=act.received_at)
            for row in store.list_actions_of_case(session, **within)
        ],
    )


def view(case: Case) -> supervision.Supervision:
    """Show a case without its record."""
    return msgspec.convert(case, supervision.Supervision, from_attributes=True)


def _moment(row: CaseMoment) -> supervision.CaseMoment:
    sentence = record.sentence(row)
    return supervision.CaseMoment(
        id=row.id,
        at=row.at,
        heard_at=row.heard_at,
        event=CaseEvent(row.event),
        level=Level(row.level),
        unit_id=row.unit_id,
        by=row.by,
        remark=row.remark,
        en=sentence.en,
        zh=sentence.zh,
    )


def _audited(session: Session, act: Act, case: Case, what: str) -> supervision.Supervision:
    detail = {"clock_id": case.clock_id}
    crews.audit(session, act=act, what=what, subject_id=case.id, detail=detail)
    return whole(session, act=act, case=case)
