"""Questions about readings that are disputed or set aside."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Reading, Reread
from api.readings.standing import Dispute, SetAside
from api.readings.store.paging import KEYS_PER_QUERY, After


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFilter:
    """Which disputes a list holds; None does not choose."""

    settled: bool | None = None
    meter_id: str | None = None
    reading_id: str | None = None


class Open(NamedTuple):
    """An open dispute, its reading's reader, and the re-read of it if there is one."""

    dispute: Dispute
    reader_id: str | None
    reread: Reread | None


def list_set_aside(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> dict[str, SetAside]:
    """List why some readings do not count, by the reading."""
    found: dict[str, SetAside] = {}
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(SetAside).where(
            SetAside.district_id == district_id,
            SetAside.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
        )
        found.update((row.reading_id, row) for row in session.scalars(question))
    return found


def list_disputed(session: Session, *, district_id: str, reading_ids: Sequence[str]) -> set[str]:
    """Tell which of some readings are disputed and not answered."""
    found: set[str] = set()
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Dispute.reading_id).where(
            Dispute.district_id == district_id,
            Dispute.reading_id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            Dispute.settled_at.is_(None),
        )
        found.update(session.scalars(question))
    return found


def find_dispute(session: Session, *, district_id: str, dispute_id: str) -> Dispute | None:
    """Find a dispute by its id, which is that of its request."""
    return session.get(Dispute, (district_id, dispute_id))


def find_open_dispute(session: Session, *, district_id: str, reading_id: str) -> Dispute | None:
    """Find the dispute of a reading that waits for an answer."""
    question = select(Dispute).where(
        Dispute.district_id == district_id,
        Dispute.reading_id == reading_id,
        Dispute.settled_at.is_(None),
    )
    return session.scalars(question).one_or_none()


def list_open_disputes(session: Session, *, district_id: str, limit: int) -> list[Open]:
    """List disputes that nobody has answered, the oldest first, with what is read again."""
    about = and_(Reading.district_id == Dispute.district_id, Reading.id == Dispute.reading_id)
    again = and_(Reread.district_id == Dispute.district_id, Reread.reading_id == Dispute.reading_id)
    question = (
        select(Dispute, Reading.reader_id, Reread)
        .join(Reading, about)
        .outerjoin(Reread, again)
        .where(Dispute.district_id == district_id, Dispute.settled_at.is_(None))
        .order_by(Dispute.opened_at, Dispute.id)
        .limit(limit)
    )
    return [Open(*row) for row in session.execute(question)]


def page_of_disputes(
    session: Session, *, district_id: str, chosen: DisputeFilter, after: After, limit: int
) -> Sequence[Dispute]:
    """List disputes, the latest first."""
    question = (
        select(Dispute)
        .where(Dispute.district_id == district_id)
        .order_by(Dispute.opened_at.desc(), Dispute.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(Dispute.opened_at, Dispute.id) < after)
    if chosen.settled is not None:
        settled = Dispute.settled_at.is_not(None)
        question = question.where(settled if chosen.settled else ~settled)
    for column, wanted in (
        (Dispute.meter_id, chosen.meter_id),
        (Dispute.reading_id, chosen.reading_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()
