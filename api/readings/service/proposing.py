"""Visits that are proposed to the office: a letter or an appointment, once for the same months."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.readings import store
from api.readings.service import thresholds
from api.readings.standing import VisitProposal
from api.sites import service as sites
from api.sites.models import Meter
from schemas import visits as shapes
from schemas.errors import Refused
from schemas.rules import no_access

HEARD_DAYS: Final = 7
"""Visits that were heard of in the last days are looked at; a night that did not run is made up."""
METERS_MAX: Final = 2_000
COUNTED_DAYS: Final = 400
_log = structlog.get_logger()


class VisitDecidedBefore(Refused):
    """Somebody decided about this proposal. Read what; further months propose anew."""

    code = "visit-decided"
    status = 409
    en = "The proposal {id} was decided before: {decision}."
    zh = "该上门建议 {id} 已处理：{decision}。"


def find(session: Session, *, act: Act) -> int:
    """Propose a letter or an appointment where nobody was reached for months; count the new."""
    meter_ids = store.list_unreached(
        session,
        district_id=act.district_id,
        since=act.received_at - dt.timedelta(days=HEARD_DAYS),
        limit=METERS_MAX,
    )
    meters = sites.load_meters(session, district_id=act.district_id, ids=meter_ids)
    visits = store.list_vain_visits(
        session,
        district_id=act.district_id,
        meter_ids=meter_ids,
        since=act.received_at - dt.timedelta(days=COUNTED_DAYS),
    )
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    opened = 0
    for meter_id, visited_at in visits.items():
        meter = meters[meter_id]
        if meter.removed_at is not None:
            continue
        proposal = no_access.propose(
            [at.astimezone(zone).date() for at in visited_at],
            cycles_min=thresholds.IN_FORCE.office.no_access_cycles,
            has_phone=has_phone(session, act=act, meter=meter),
        )
        if proposal is not None:
            reason = shapes.VisitReason.NO_ACCESS
            opened += propose(session, act=act, meter_id=meter_id, reason=reason, proposal=proposal)
    return opened


def propose(
    session: Session,
    *,
    act: Act,
    meter_id: str,
    reason: shapes.VisitReason,
    proposal: no_access.Proposal,
) -> bool:
    """Keep a proposal unless it is there; tell whether it is new."""
    about = {"meter_id": meter_id, "reason": str(reason), "about": proposal.about}
    if store.has_proposal(session, district_id=act.district_id, **about):
        return False
    session.add(
        VisitProposal(
            **about,
            district_id=act.district_id,
            id=act.new_id(),
            step=str(proposal.step),
            inputs=dict(proposal.inputs),
            en=proposal.en,
            zh=proposal.zh,
            opened_at=act.received_at,
            decided_at=None,
            decided_by=None,
            decision=None,
            note="",
        )
    )
    session.flush()
    _log.info("visit.proposed", meter_id=meter_id, reason=reason)
    return True


def has_phone(session: Session, *, act: Act, meter: Meter) -> bool:
    """Tell whether the customer of a meter can be called."""
    point = sites.get_service_point(
        session, district_id=act.district_id, service_point_id=meter.service_point_id
    )
    return bool(point.customer_phone)


def list_proposals(
    session: Session, *, act: Act, chosen: store.ProposalFilter, after: store.After, limit: int
) -> list[shapes.VisitProposal]:
    """List proposals, the latest first."""
    rows = store.page_of_proposals(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [_view(row) for row in rows]


def decide(
    session: Session, *, act: Act, proposal_id: str, body: shapes.VisitDecided
) -> shapes.VisitProposal:
    """Write down what the office does about a proposal.

    Raises:
        NotFound: there is none.
        VisitDecidedBefore: somebody decided before.
    """
    row = store.lock_proposal(session, district_id=act.district_id, proposal_id=proposal_id)
    if row is None:
        raise NotFound(what="visit proposal", id=proposal_id)
    if row.decision is not None:
        raise VisitDecidedBefore(id=row.id, decision=row.decision)
    row.decision, row.note = str(body.decision), body.note
    row.decided_at, row.decided_by = act.received_at, act.principal.person_id
    detail = {"meter_id": row.meter_id, "decision": row.decision}
    crews.audit(session, act=act, what="visit.decided", subject_id=row.id, detail=detail)
    return _view(row)


def _view(row: VisitProposal) -> shapes.VisitProposal:
    return shapes.VisitProposal(
        id=row.id,
        meter_id=row.meter_id,
        reason=shapes.VisitReason(row.reason),
        about=row.about,
        step=no_access.Step(row.step),
        inputs=row.inputs,
        en=row.en,
        zh=row.zh,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=shapes.VisitDecision(row.decision) if row.decision else None,
        note=row.note,
    )
