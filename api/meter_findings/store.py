"""Questions about findings at meters."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from api.meter_findings.models import MeterFinding

After = tuple[dt.datetime, str] | None
"""When the last row of the page before happened, and its id."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which findings a list holds; None does not choose."""

    settled: bool | None = None
    kind: str | None = None
    route_id: str | None = None
    meter_id: str | None = None


def find(session: Session, *, district_id: str, finding_id: str) -> MeterFinding | None:
    """Find a finding, and hold it against whoever settles it at the same time."""
    question = (
        select(MeterFinding)
        .where(MeterFinding.district_id == district_id, MeterFinding.id == finding_id)
        .with_for_update()
    )
    return session.scalars(question).one_or_none()


def page(
    session: Session, *, district_id: str, chosen: Filter, after: After, limit: int
) -> Sequence[MeterFinding]:
    """List findings, the latest first."""
    question = (
        select(MeterFinding)
        .where(MeterFinding.district_id == district_id)
        .order_by(MeterFinding.happened_at.desc(), MeterFinding.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(MeterFinding.happened_at, MeterFinding.id) < after)
    if chosen.settled is not None:
        settled = MeterFinding.settled_at.is_not(None)
        question = question.where(settled if chosen.settled else ~settled)
    for column, wanted in (
        (MeterFinding.kind, chosen.kind),
        (MeterFinding.route_id, chosen.route_id),
        (MeterFinding.meter_id, chosen.meter_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()


def point_open(session: Session, *, district_id: str, old_id: str, new_id: str) -> None:
    """Let what else was found at a meter, and is open, be about the one that took its place."""
    session.execute(
        update(MeterFinding)
        .where(
            MeterFinding.district_id == district_id,
            MeterFinding.meter_id == old_id,
            MeterFinding.settled_at.is_(None),
        )
        .values(meter_id=new_id)
    )
