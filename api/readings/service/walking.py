"""Readers' days: what times, positions and chance say of all that one reader read on a day.

A day is judged whenever one of its readings comes, with all of it that has come by then; each
finding is kept once for a reading and rule, so a late phone adds and takes nothing away.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import store
from api.readings.models import Unjudged
from api.readings.service import findings, histories, thresholds
from api.sites import service as sites
from schemas import places
from schemas.rules import batches, datums, flags, geofence, shapes, walks

_FENCES_KEPT: Final = 4_096
_WGS84: Final = datums.Datum.wgs84
_EQUAL_CODE: Final = "ER14"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Day:
    """One reader's day."""

    reader_id: str
    on: dt.date


def days_of(session: Session, *, act: Act, unjudged: Sequence[Unjudged]) -> set[Day]:
    """Tell whose days some new readings belong to."""
    zone = _zone(session, act)
    taken = store.list_readers_at(
        session,
        district_id=act.district_id,
        reading_ids=[each.reading_id for each in unjudged],
    )
    return {Day(reader_id, at.astimezone(zone).date()) for reader_id, at in taken}


def flag_days(session: Session, *, act: Act, days: Iterable[Day]) -> dict[str, int]:
    """Judge readers' days, keep what is new, and count it by code."""
    counts: Counter[str] = Counter()
    zone = _zone(session, act)
    for day in sorted(days):
        takes = _takes_of(session, act, day, zone)
        ids = [take.reading_id for take in takes]
        book = findings.Book(session, act=act, reading_ids=ids)
        for take, flag in _findings(session, act, takes, book.there):
            book.keep(
                flag,
                reading_id=take.reading_id,
                meter_id=take.meter_id,
                reader_id=day.reader_id,
            )
        counts.update(book.counts)
    return counts


def _zone(session: Session, act: Act) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)


def _takes_of(session: Session, act: Act, day: Day, zone: zoneinfo.ZoneInfo) -> list[store.TakeRow]:
    starts, ends = (
        dt.datetime.combine(on, dt.time(), tzinfo=zone).astimezone(dt.UTC)
        for on in (day.on, day.on + dt.timedelta(days=1))
    )
    return store.list_takes(
        session,
        district_id=act.district_id,
        reader_id=day.reader_id,
        from_at=starts,
        to_at=ends,
    )


def _findings(
    session: Session,
    act: Act,
    rows: Sequence[store.TakeRow],
    there: Collection[tuple[str, str]],
) -> Iterator[tuple[store.TakeRow, flags.Flag]]:
    """List what a day shows, but for what happened at a meter explains."""
    if not rows:
        return
    by_id = {row.reading_id: row for row in rows}
    explained = _explained(session, act, rows)
    policy = thresholds.IN_FORCE
    takes = [take for take in map(_take, rows) if take is not None]
    for found in walks.judge(takes, policy.walking):
        if found.flag.severity is flags.Severity.statistic:
            continue  # it accuses no reading; a reader's share of it is looked at instead
        row = by_id[found.reading_id]
        if not flags.is_silent(found.flag.code, explained.get(row.meter_id, frozenset())):
            yield row, found.flag
    marks = [batches.Mark(row.reading_id, _kinds(row, there)) for row in rows]
    rates = _rates(session, act, before_at=rows[0].read_at)
    for charge in batches.judge(marks, rates, policy.batches):
        yield by_id[charge.reading_id], charge.flag


def _explained(
    session: Session, act: Act, rows: Sequence[store.TakeRow]
) -> dict[str, frozenset[flags.Explanation]]:
    """Tell what happened at the meters of a day that explains odd readings."""
    meter_ids = sorted({row.meter_id for row in rows})
    meters = sites.load_meters(session, district_id=act.district_id, ids=meter_ids)
    first_at, last_at = rows[0].read_at, rows[-1].read_at
    events = histories.events_of(session, act.district_id, meters, first_at, last_at)
    return {
        meter_id: histories.explained(happened, after=first_at, until=last_at)
        for meter_id, happened in events.items()
    }


def _rates(session: Session, act: Act, *, before_at: dt.datetime) -> dict[batches.Kind, float]:
    """Work out what is common in the district, from its readings before the day."""
    sample = store.list_sample(session, district_id=act.district_id, before_at=before_at)
    found = store.list_flag_codes(
        session, district_id=act.district_id, reading_ids=[row.reading_id for row in sample]
    )
    return batches.rates_of([_kinds(row, found) for row in sample])


def _kinds(
    row: store.TakeRow | store.SampleRow, found: Collection[tuple[str, str]]
) -> frozenset[batches.Kind]:
    used_units = None if row.used_kwh is None else row.used_kwh / row.multiplier
    return batches.kinds_of(
        row.total, used_units, equals_estimate=(row.reading_id, _EQUAL_CODE) in found
    )


def _take(row: store.TakeRow) -> walks.Take | None:
    """Shape a row as the rules see it; None where its meter has no place on the ground."""
    fence = _fence(msgspec.json.encode(row.geometry), row.radius_m, datums.Datum(row.datum))
    if fence is None:
        return None
    fix = None if row.fix is None else msgspec.convert(row.fix, places.Fix)
    lat_deg, lon_deg = _centre(row.geometry, datums.Datum(row.datum))
    return walks.Take(
        reading_id=row.reading_id,
        meter_id=row.meter_id,
        box=row.box,
        at=row.read_at,
        error_s=row.error_s,
        suspect=row.clock_suspect,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        radius_m=row.radius_m,
        fix=None if fix is None else _in_wgs84(fix),
        verdict=geofence.verdict(fix, fence, age_max_s=thresholds.IN_FORCE.walking.fix_age_s_max),
    )


@functools.lru_cache(maxsize=_FENCES_KEPT)
def _fence(geometry: bytes, radius_m: float, datum: datums.Datum) -> geofence.Fence | None:
    try:
        return geofence.Fence(msgspec.json.decode(geometry), radius_m=radius_m, datum=datum)
    except shapes.BadGeometry:
        return None


def _centre(geometry: Mapping[str, Any], datum: datums.Datum) -> tuple[float, float]:
    lat_deg, lon_deg = shapes.centre(shapes.parse(geometry))
    return datums.convert(lat_deg, lon_deg, source=datum, target=_WGS84)


def _in_wgs84(fix: places.Fix) -> geofence.Fix:
    lat_deg, lon_deg = datums.convert(fix.lat_deg, fix.lon_deg, source=fix.datum, target=_WGS84)
    return geofence.Fix(
        lat_deg,
        lon_deg,
        accuracy_m=fix.accuracy_m,
        age_s=fix.age_s,
        simulated=fix.simulated,
        provider=fix.provider,
    )
