"""What a meter has used: its readings as cycles, and the events that explain odd ones."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.readings import store
from api.readings.models import MeterEvent
from api.sites import service as sites
from api.sites.models import Meter
from schemas.rules import estimators, flags, judging, meter_reading, usage

HISTORY_DAYS_MAX: Final = 800
"""How far back a reading is judged by: 24 months of readings and their slack."""


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """Some meters, their readings that count and what happened to them."""

    meters: Mapping[str, Meter]
    readings: Mapping[str, Sequence[store.PastReading]]
    events: Mapping[str, Sequence[MeterEvent]]
    zone: zoneinfo.ZoneInfo


def load(
    session: Session, *, district_id: str, meter_ids: Sequence[str], until: dt.datetime
) -> Known:
    """Bring together what is known of meters, with a few questions for many.

    Args:
        session: the unit of work.
        district_id: whose meters.
        meter_ids: some hundred meters at most.
        until: the newest moment that matters; the oldest is `HISTORY_DAYS_MAX` before.
    """
    district = sites.get_district(session, district_id=district_id)
    meters = sites.load_meters(session, district_id=district_id, ids=meter_ids)
    since = until - dt.timedelta(days=HISTORY_DAYS_MAX)
    readings: dict[str, list[store.PastReading]] = {}
    for row in store.list_history(
        session, district_id=district_id, meter_ids=sorted(meters), since=since
    ):
        readings.setdefault(row.meter_id, []).append(row)
    events = events_of(session, district_id, meters, since, until)
    return Known(meters, readings, events, zoneinfo.ZoneInfo(district.zone))


def apart(known: Known) -> Known:
    """Leave out customers' own readings, for what judges those of readers."""
    return dataclasses.replace(
        known,
        readings={
            meter_id: [row for row in rows if row.quality != usage.Quality.customer]
            for meter_id, rows in known.readings.items()
        },
    )


def register_of(meter: Meter) -> meter_reading.Register:
    """Tell what a meter shows."""
    return meter_reading.Register(meter.digits, meter.decimals, meter.multiplier)


def past_of(known: Known, meter_id: str) -> list[judging.Past]:
    """List a meter's readings, oldest first, as they are judged."""
    readings = known.readings.get(meter_id, ())
    events = known.events.get(meter_id, ())
    before = [None, *(reading.read_at for reading in readings)]
    return [
        judging.Past(
            reading.id,
            reading.read_at.astimezone(known.zone).date(),
            reading.total,
            usage.Quality(reading.quality),
            estimators.Method(reading.estimator) if reading.estimator else None,
            explained(events, after=after, until=reading.read_at),
        )
        for reading, after in zip(readings, before, strict=False)
    ]


def explained(
    events: Sequence[MeterEvent], *, after: dt.datetime | None, until: dt.datetime
) -> frozenset[flags.Explanation]:
    """Tell what happened between two readings that explains the later one."""
    return frozenset(
        flags.Explanation(event.kind)
        for event in events
        if event.from_at <= until and (after is None or event.to_at is None or event.to_at >= after)
    )


def events_of(
    session: Session,
    district_id: str,
    meters: Mapping[str, Meter],
    since: dt.datetime,
    until: dt.datetime,
) -> dict[str, list[MeterEvent]]:
    """Gather events by meter: its own, and those of the transformer in front of it."""
    points = sites.load_service_points(
        session,
        district_id=district_id,
        ids=sorted({meter.service_point_id for meter in meters.values()}),
    )
    behind: dict[str, list[str]] = {}
    for meter in meters.values():
        point = points.get(meter.service_point_id)
        if point is not None and point.transformer_id is not None:
            behind.setdefault(point.transformer_id, []).append(meter.id)
    by_meter: dict[str, list[MeterEvent]] = {}
    for event in store.list_events_about(
        session,
        district_id=district_id,
        meter_ids=sorted(meters),
        transformer_ids=sorted(behind),
        from_at=since,
        to_at=until,
    ):
        about = [event.meter_id] if event.meter_id else behind.get(event.transformer_id or "", [])
        for meter_id in about:
            by_meter.setdefault(meter_id, []).append(event)
    return by_meter
