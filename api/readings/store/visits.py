"""Questions about visits in vain, what is proposed after them, and what estimates rest on."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Reading, Skip
from api.readings.standing import EstimateBasis, VisitProposal
from api.readings.store.paging import KEYS_PER_QUERY, After
from schemas import readings


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilter:
    """Which proposals a list holds; None does not choose."""

    decided: bool | None = None
    reason: str | None = None
    meter_id: str | None = None


def list_unreached(
    session: Session, *, district_id: str, since: dt.datetime, limit: int
) -> list[str]:
    """List meters that a visit reached nobody at, as was heard since an instant."""
    question = (
        select(Skip.meter_id)
        .where(
            Skip.district_id == district_id,
            Skip.received_at >= since,
            Skip.code.in_(readings.REACHED_NOBODY),
        )
        .distinct()
        .order_by(Skip.meter_id)
        .limit(limit)
    )
    return list(session.scalars(question))


def list_vain_visits(
    session: Session, *, district_id: str, meter_ids: Sequence[str], since: dt.datetime
) -> dict[str, list[dt.datetime]]:
    """List when visits to some meters reached nobody, since the last value that counts as seen."""
    found: dict[str, list[dt.datetime]] = {}
    read_since = exists().where(
        Reading.district_id == Skip.district_id,
        Reading.meter_id == Skip.meter_id,
        Reading.read_at >= Skip.happened_at,
        Reading.quality != readings.Quality.ESTIMATED,
    )
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = (
            select(Skip.meter_id, Skip.happened_at)
            .where(
                Skip.district_id == district_id,
                Skip.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
                Skip.happened_at >= since,
                Skip.code.in_(readings.REACHED_NOBODY),
                ~read_since,
            )
            .order_by(Skip.meter_id, Skip.happened_at)
        )
        for meter_id, at in session.execute(question):
            found.setdefault(meter_id, []).append(at)
    return found


def list_estimated(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> list[tuple[str, str, dt.datetime]]:
    """List which of some readings are estimates: reading, meter, and when it stands for."""
    found: list[tuple[str, str, dt.datetime]] = []
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Reading.id, Reading.meter_id, Reading.read_at).where(
            Reading.district_id == district_id,
            Reading.id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            Reading.quality == readings.Quality.ESTIMATED,
        )
        found += [(row[0], row[1], row[2]) for row in session.execute(question)]
    return found


def find_basis(session: Session, *, district_id: str, reading_id: str) -> EstimateBasis | None:
    """Find what a declared estimate rests on."""
    return session.get(EstimateBasis, (district_id, reading_id))


def has_proposal(
    session: Session, *, district_id: str, meter_id: str, reason: str, about: str
) -> bool:
    """Tell whether a visit to a meter was proposed for a reason, about the same time."""
    question = select(VisitProposal.id).where(
        VisitProposal.district_id == district_id,
        VisitProposal.meter_id == meter_id,
        VisitProposal.reason == reason,
        VisitProposal.about == about,
    )
    return session.scalar(question) is not None


def lock_proposal(session: Session, *, district_id: str, proposal_id: str) -> VisitProposal | None:
    """Find a proposal, and hold it against whoever decides at the same time."""
    return session.get(VisitProposal, (district_id, proposal_id), with_for_update=True)


def page_of_proposals(
    session: Session, *, district_id: str, chosen: ProposalFilter, after: After, limit: int
) -> Sequence[VisitProposal]:
    """List proposals, the latest first."""
    question = (
        select(VisitProposal)
        .where(VisitProposal.district_id == district_id)
        .order_by(VisitProposal.opened_at.desc(), VisitProposal.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(VisitProposal.opened_at, VisitProposal.id) < after)
    if chosen.decided is not None:
        decided = VisitProposal.decision.is_not(None)
        question = question.where(decided if chosen.decided else ~decided)
    for column, wanted in (
        (VisitProposal.reason, chosen.reason),
        (VisitProposal.meter_id, chosen.meter_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()
