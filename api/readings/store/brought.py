"""Questions about what readers bring besides plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from api.evidence.models import EvidenceFile
from api.readings.brought import EvidenceGap, WaitingReading
from api.readings.models import Stop
from api.readings.store.paging import After
from schemas.evidence import EvidenceKind
from schemas.readings import StopState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GapFilter:
    """Which missing photos a list holds; None does not choose."""

    kind: str | None = None
    meter_id: str | None = None
    reader_id: str | None = None


def list_waiting(
    session: Session, *, district_id: str, finding_id: str
) -> Sequence[WaitingReading]:
    """List the readings that wait for a finding, oldest first."""
    question = (
        select(WaitingReading)
        .where(WaitingReading.district_id == district_id, WaitingReading.finding_id == finding_id)
        .order_by(WaitingReading.read_at, WaitingReading.id)
    )
    return session.scalars(question).all()


def count_waiting(
    session: Session, *, district_id: str, finding_ids: Sequence[str]
) -> dict[str, int]:
    """Count the readings that wait, by finding."""
    question = (
        select(WaitingReading.finding_id, func.count())
        .where(
            WaitingReading.district_id == district_id,
            WaitingReading.finding_id.in_(finding_ids),
        )
        .group_by(WaitingReading.finding_id)
    )
    return dict(session.execute(question).all())


def list_stops_of_finding(
    session: Session, *, district_id: str, finding_id: str, meter_id: str | None = None
) -> Sequence[Stop]:
    """List the stops that show what was found, locked.

    With `meter_id`, those of its open stops on live routes as well where nobody has found it.
    """
    wanted: ColumnElement[bool] = Stop.finding_id == finding_id
    if meter_id is not None:
        open_ = and_(Stop.live, Stop.state == str(StopState.OPEN), Stop.finding_id.is_(None))
        wanted = or_(wanted, and_(Stop.meter_id == meter_id, open_))
    question = (
        select(Stop)
        .where(Stop.district_id == district_id, wanted)
        .order_by(Stop.id)
        .with_for_update()
    )
    return session.scalars(question).all()


def list_found(session: Session, *, district_id: str, meter_ids: Sequence[str]) -> dict[str, Stop]:
    """Give of each meter the latest stop where a finding is still open."""
    question = (
        select(Stop)
        .where(
            Stop.district_id == district_id,
            Stop.meter_id.in_(meter_ids),
            Stop.finding_id.is_not(None),
        )
        .order_by(Stop.found_at, Stop.id)
    )
    return {stop.meter_id: stop for stop in session.scalars(question)}


def page_of_gaps(
    session: Session, *, district_id: str, chosen: GapFilter, after: After, limit: int
) -> Sequence[EvidenceGap]:
    """List the photos that are still missing, the latest first."""
    question = (
        select(EvidenceGap)
        .where(EvidenceGap.district_id == district_id, ~_has_photo())
        .order_by(EvidenceGap.happened_at.desc(), EvidenceGap.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(EvidenceGap.happened_at, EvidenceGap.id) < after)
    for column, wanted in (
        (EvidenceGap.kind, chosen.kind),
        (EvidenceGap.meter_id, chosen.meter_id),
        (EvidenceGap.reader_id, chosen.reader_id),
    ):
        if wanted is not None:
            question = question.where(column == wanted)
    return session.scalars(question).all()


def _has_photo() -> ColumnElement[bool]:
    """Whether there is a photo of the meter where one was missing, declared before or since."""
    return (
        select(EvidenceFile.id)
        .where(
            Stop.district_id == EvidenceGap.district_id,
            Stop.id == EvidenceGap.stop_id,
            EvidenceFile.district_id == EvidenceGap.district_id,
            EvidenceFile.task_id == Stop.route_id,  # by it the files are found
            EvidenceFile.stop_id == EvidenceGap.stop_id,
            EvidenceFile.kind == str(EvidenceKind.METER),
        )
        .correlate(EvidenceGap)
        .exists()
    )
