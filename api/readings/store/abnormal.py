"""Questions about abnormal use."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import AbnormalUse
from api.readings.store.paging import KEYS_PER_QUERY, After


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AbnormalFilter:
    """Which abnormal use a list holds; None does not choose."""

    closed: bool | None = None
    kind: str | None = None
    meter_id: str | None = None
    owner_id: str | None = None


class KnownUse(NamedTuple):
    """An entry of a meter: its kind, the day of its reading, and whether it is open."""

    meter_id: str
    kind: str
    read_on: str
    is_open: bool


def find_abnormal(session: Session, *, district_id: str, abnormal_id: str) -> AbnormalUse | None:
    """Find one entry, and hold it against whoever takes or closes it at the same time."""
    question = (
        select(AbnormalUse)
        .where(AbnormalUse.district_id == district_id, AbnormalUse.id == abnormal_id)
        .with_for_update()
    )
    return session.scalars(question).one_or_none()


def list_abnormal_of_meters(
    session: Session, *, district_id: str, meter_ids: Sequence[str]
) -> list[KnownUse]:
    """List what was found at some meters, open or closed."""
    found: list[KnownUse] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(
            AbnormalUse.meter_id,
            AbnormalUse.kind,
            AbnormalUse.read_on,
            AbnormalUse.closed_at.is_(None),
        ).where(
            AbnormalUse.district_id == district_id,
            AbnormalUse.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
        )
        found += [KnownUse(*row) for row in session.execute(question)]
    return found


def page_of_abnormal(
    session: Session, *, district_id: str, chosen: AbnormalFilter, after: After, limit: int
) -> Sequence[AbnormalUse]:
    """List abnormal use, what is due last first."""
    question = (
        select(AbnormalUse)
        .where(AbnormalUse.district_id == district_id)
        .order_by(AbnormalUse.due_at.desc(), AbnormalUse.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(AbnormalUse.due_at, AbnormalUse.id) < after)
    if chosen.closed is not None:
        closed = AbnormalUse.closed_at.is_not(None)
        question = question.where(closed if chosen.closed else ~closed)
    for column, wanted in (
        (AbnormalUse.kind, chosen.kind),
        (AbnormalUse.meter_id, chosen.meter_id),
        (AbnormalUse.owner_id, chosen.owner_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()
