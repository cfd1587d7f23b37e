"""Questions about readers' days: whose days have new readings, and what was taken on one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from api.readings.models import Reading, Stop
from api.readings.store.paging import KEYS_PER_QUERY

TAKES_MAX: Final = 5_000
"""Nobody reads more meters on one day; a phone that says so is judged by its first ones."""
SAMPLE_MAX: Final = 2_000
"""So many of a district's latest readings say what is common there."""


class TakeRow(NamedTuple):
    """One reading of a day with the place of its meter."""

    reading_id: str
    meter_id: str
    read_at: dt.datetime
    error_s: float
    clock_suspect: bool
    total: Decimal
    used_kwh: Decimal | None
    fix: Mapping[str, Any] | None
    box: str | None
    geometry: Mapping[str, Any]
    datum: str
    radius_m: float
    multiplier: Decimal


class SampleRow(NamedTuple):
    """One reading of the population that a day is held against."""

    reading_id: str
    total: Decimal
    used_kwh: Decimal | None
    multiplier: Decimal


def list_sample(session: Session, *, district_id: str, before_at: dt.datetime) -> list[SampleRow]:
    """List a district's latest readings at meters before an instant."""
    question = (
        select(Reading.id, Reading.total, Reading.used_kwh, Stop.multiplier)
        .join(Stop, and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id))
        .where(Reading.district_id == district_id, Reading.read_at < before_at)
        .order_by(Reading.read_at.desc(), Reading.id.desc())
        .limit(SAMPLE_MAX)
    )
    return [SampleRow(*row) for row in session.execute(question)]


def list_takes_lately(
    session: Session, *, district_id: str, reader_id: str, since: dt.datetime, limit: int
) -> list[SampleRow]:
    """List what one reader took at meters since an instant, the latest first."""
    question = (
        select(Reading.id, Reading.total, Reading.used_kwh, Stop.multiplier)
        .join(Stop, and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id))
        .where(
            Reading.district_id == district_id,
            Reading.reader_id == reader_id,
            Reading.read_at >= since,
        )
        .order_by(Reading.read_at.desc(), Reading.id.desc())
        .limit(limit)
    )
    return [SampleRow(*row) for row in session.execute(question)]


def list_readers_at(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> set[tuple[str, dt.datetime]]:
    """List who took some readings, and when; those that nobody took at a meter are left out."""
    found: set[tuple[str, dt.datetime]] = set()
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Reading.reader_id, Reading.read_at).where(
            Reading.district_id == district_id,
            Reading.id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
            Reading.reader_id.is_not(None),
            Reading.stop_id.is_not(None),
        )
        found.update((str(reader), read_at) for reader, read_at in session.execute(question))
    return found


def list_takes(
    session: Session, *, district_id: str, reader_id: str, from_at: dt.datetime, to_at: dt.datetime
) -> list[TakeRow]:
    """List what one reader took at meters within a time, in the order of event time."""
    question = (
        select(
            Reading.id,
            Reading.meter_id,
            Reading.read_at,
            Reading.error_s,
            Reading.clock_suspect,
            Reading.total,
            Reading.used_kwh,
            Reading.fix,
            Stop.box,
            Stop.geometry,
            Stop.datum,
            Stop.radius_m,
            Stop.multiplier,
        )
        .join(Stop, and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id))
        .where(
            Reading.district_id == district_id,
            Reading.reader_id == reader_id,
            Reading.read_at >= from_at,
            Reading.read_at < to_at,
        )
        .order_by(Reading.read_at, Reading.id)
        .limit(TAKES_MAX)
    )
    return [TakeRow(*row) for row in session.execute(question)]
