"""Questions about readings: which count, which are wanted."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from api.readings.models import Flag, Reading, Skip, Stop
from api.readings.standing import SetAside
from api.readings.store.findings import stands
from api.readings.store.paging import KEYS_PER_QUERY, After
from schemas.rules import usage


class PastReading(NamedTuple):
    """A reading that counts, as judging it needs it."""

    id: str
    meter_id: str
    reader_id: str | None
    read_at: dt.datetime
    total: Decimal
    quality: str
    estimator: str | None


class ReadingRow(NamedTuple):
    """A reading, and whether a later one of the same stop took its place."""

    reading: Reading
    counts: bool


def list_readers(
    session: Session, *, district_id: str, reading_ids: Sequence[str]
) -> dict[str, str | None]:
    """Tell who took some readings, by the reading."""
    readers: dict[str, str | None] = {}
    for start in range(0, len(reading_ids), KEYS_PER_QUERY):
        question = select(Reading.id, Reading.reader_id).where(
            Reading.district_id == district_id,
            Reading.id.in_(reading_ids[start : start + KEYS_PER_QUERY]),
        )
        readers.update((reading_id, reader) for reading_id, reader in session.execute(question))
    return readers


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFilter:
    """Which readings a list holds; None does not choose."""

    reading_id: str | None = None
    meter_id: str | None = None
    reader_id: str | None = None
    route_id: str | None = None
    quality: str | None = None
    flagged: bool | None = None
    from_at: dt.datetime | None = None
    before_at: dt.datetime | None = None


def list_history(
    session: Session, *, district_id: str, meter_ids: Sequence[str], since: dt.datetime
) -> list[PastReading]:
    """List the readings of meters that count, oldest first for each meter."""
    rows: list[PastReading] = []
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = (
            select(
                Reading.id,
                Reading.meter_id,
                Reading.reader_id,
                Reading.read_at,
                Reading.total,
                Reading.quality,
                Reading.estimator,
            )
            .outerjoin(Stop, _of_stop())
            .where(
                Reading.district_id == district_id,
                Reading.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
                Reading.read_at >= since,
                _counts(),
            )
            .order_by(Reading.meter_id, Reading.read_at, Reading.id)
        )
        rows += [PastReading(*row) for row in session.execute(question)]
    return rows


def find_reading(session: Session, *, district_id: str, reading_id: str) -> ReadingRow | None:
    """Find a reading, and whether it counts."""
    question = (
        select(Reading, _counts())
        .outerjoin(Stop, _of_stop())
        .where(Reading.district_id == district_id, Reading.id == reading_id)
    )
    row = session.execute(question).one_or_none()
    return ReadingRow(row[0], bool(row[1])) if row else None


def list_own_values(
    session: Session, *, district_id: str, meter_ids: Sequence[str], since: dt.datetime
) -> list[PastReading]:
    """List customers' own readings of some meters since an instant that count."""
    rows = list_history(session, district_id=district_id, meter_ids=meter_ids, since=since)
    return [row for row in rows if row.quality == usage.Quality.customer]


def page_of_readings(
    session: Session, *, district_id: str, chosen: ReadingFilter, after: After, limit: int
) -> list[ReadingRow]:
    """List readings, the latest first."""
    question = (
        select(Reading, _counts())
        .outerjoin(Stop, _of_stop())
        .where(Reading.district_id == district_id, *_reading_conditions(chosen))
        .order_by(Reading.read_at.desc(), Reading.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(Reading.read_at, Reading.id) < after)
    return [ReadingRow(reading, bool(counts)) for reading, counts in session.execute(question)]


def list_skips(session: Session, *, district_id: str, stop_id: str) -> Sequence[Skip]:
    """List why a stop could not be read, oldest first."""
    question = (
        select(Skip)
        .where(Skip.district_id == district_id, Skip.stop_id == stop_id)
        .order_by(Skip.happened_at, Skip.id)
    )
    return session.scalars(question).all()


def _of_stop() -> ColumnElement[bool]:
    return and_(Stop.district_id == Reading.district_id, Stop.id == Reading.stop_id)


def _counts() -> ColumnElement[bool]:
    """Choose readings that no later one of the same stop took the place of, nor were set aside."""
    set_aside = exists().where(
        SetAside.district_id == Reading.district_id, SetAside.reading_id == Reading.id
    )
    return and_(or_(Reading.stop_id.is_(None), Stop.reading_id == Reading.id), ~set_aside)


def _reading_conditions(chosen: ReadingFilter) -> list[ColumnElement[bool]]:
    equal = (
        (Reading.id, chosen.reading_id),
        (Reading.meter_id, chosen.meter_id),
        (Reading.reader_id, chosen.reader_id),
        (Reading.route_id, chosen.route_id),
        (Reading.quality, chosen.quality),
    )
    conditions = [column == wanted for column, wanted in equal if wanted is not None]
    if chosen.from_at is not None:
        conditions.append(Reading.read_at >= chosen.from_at)
    if chosen.before_at is not None:
        conditions.append(Reading.read_at < chosen.before_at)
    if chosen.flagged is not None:
        flagged = exists().where(
            Flag.district_id == Reading.district_id, Flag.reading_id == Reading.id, stands()
        )
        conditions.append(flagged if chosen.flagged else ~flagged)
    return conditions
