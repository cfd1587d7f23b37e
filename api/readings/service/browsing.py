"""What the office sees: routes and how far they are, readings, findings, and maps."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import Invalid, NotFound
from api.readings import store
from api.readings.models import Flag, MeterEvent, Reading, Stop
from api.readings.standing import SetAside
from api.sites import service as sites
from api.sites.service import geojson
from schemas import reading_standing, readings
from schemas import sites as places
from schemas.rules import estimators
from schemas.rules.datums import Datum
from schemas.rules.transitions import State

YEARS: Final = range(1970, 2200)


def list_routes(
    session: Session, *, act: Act, chosen: store.RouteFilter, after: store.After, limit: int
) -> list[readings.Route]:
    """List routes with their progress, those planned last first."""
    rows = store.page_of_routes(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return _with_progress(session, act, rows)


def get_route(session: Session, *, act: Act, route_id: str) -> readings.Route:
    """Get a route with its progress.

    Raises:
        NotFound: there is none with this id for this principal.
    """
    row = store.find_route(session, district_id=act.district_id, route_id=route_id)
    if row is None:
        raise NotFound(what="route", id=route_id)
    return _with_progress(session, act, [row])[0]


def list_stops(
    session: Session, *, act: Act, route_id: str, after_sequence: int, limit: int
) -> Sequence[Stop]:
    """List a route's stops in walking order.

    Raises:
        NotFound: there is no such route for this principal.
    """
    get_route(session, act=act, route_id=route_id)
    return store.list_stops_of_route(
        session,
        district_id=act.district_id,
        route_id=route_id,
        after_sequence=after_sequence,
        limit=limit,
    )


def draw_route(session: Session, *, act: Act, route_id: str) -> places.FeatureCollection:
    """Draw a route's stops for a map, in WGS-84.

    Raises:
        NotFound: there is no such route for this principal.
    """
    stops = list_stops(
        session, act=act, route_id=route_id, after_sequence=0, limit=readings.STOPS_MAX
    )
    features = [
        places.Feature(
            id=stop.id,
            geometry=geojson.in_wgs84(stop.geometry, datum=Datum(stop.datum)),
            properties={
                "sequence": stop.sequence,
                "state": stop.state,
                "serial": stop.serial,
                "address": stop.address,
                "skip_code": stop.skip_code,
            },
        )
        for stop in stops
    ]
    return places.FeatureCollection(features=features)


def list_readings(
    session: Session, *, act: Act, chosen: store.ReadingFilter, after: store.After, limit: int
) -> list[readings.Reading]:
    """List readings with the codes of what was found in them, the latest first."""
    rows = store.page_of_readings(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    found = store.list_flag_codes(
        session, district_id=act.district_id, reading_ids=[row.reading.id for row in rows]
    )
    codes: dict[str, list[str]] = {}
    for reading_id, code in sorted(found):
        codes.setdefault(reading_id, []).append(code)
    ids = [row.reading.id for row in rows]
    gone = store.list_set_aside(session, district_id=act.district_id, reading_ids=ids)
    disputed = store.list_disputed(session, district_id=act.district_id, reading_ids=ids)
    return [
        view(
            row.reading,
            counts=row.counts,
            flags=codes.get(row.reading.id, []),
            disputed=row.reading.id in disputed,
            set_aside=gone.get(row.reading.id),
        )
        for row in rows
    ]


def get_reading(session: Session, *, act: Act, reading_id: str) -> readings.Reading:
    """Get one reading as the office sees it.

    Raises:
        NotFound: there is none with this id.
    """
    chosen = store.ReadingFilter(reading_id=reading_id)
    found = list_readings(session, act=act, chosen=chosen, after=None, limit=1)
    if not found:
        raise NotFound(what="reading", id=reading_id)
    return found[0]


def list_readings_of_meter(
    session: Session, *, act: Act, meter_id: str, after: store.After, limit: int
) -> list[readings.Reading]:
    """List one meter's readings, the latest first.

    Raises:
        NotFound: there is no such meter for this principal.
    """
    sites.get_meter(session, district_id=act.district_id, meter_id=meter_id)
    chosen = store.ReadingFilter(meter_id=meter_id)
    return list_readings(session, act=act, chosen=chosen, after=after, limit=limit)


def list_flags(
    session: Session, *, act: Act, chosen: store.FlagFilter, after: store.After, limit: int
) -> list[readings.Flag]:
    """List findings, the latest first."""
    rows = store.page_of_flags(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [_flag(row) for row in rows]


def list_events(
    session: Session, *, act: Act, meter_id: str | None, after: store.After, limit: int
) -> list[readings.MeterEvent]:
    """List events that explain readings, the latest first."""
    rows = store.page_of_events(
        session, district_id=act.district_id, meter_id=meter_id, after=after, limit=limit
    )
    return [event_view(row) for row in rows]


def day_bounds(session: Session, *, act: Act, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Give the first instant of a local day of the district, and of the day after it.

    Raises:
        Invalid: nobody read a meter in that year.
    """
    if day.year not in YEARS:
        raise Invalid(reason=f"day must lie in the years {YEARS.start} to {YEARS.stop - 1}")
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    starts = [
        dt.datetime.combine(each, dt.time(), tzinfo=zone).astimezone(dt.UTC)
        for each in (day, day + dt.timedelta(days=1))
    ]
    return starts[0], starts[1]


def view(
    row: Reading,
    *,
    counts: bool,
    flags: list[str],
    disputed: bool = False,
    set_aside: SetAside | None = None,
) -> readings.Reading:
    """Shape a reading as the office sees it."""
    return readings.Reading(
        id=row.id,
        meter_id=row.meter_id,
        route_id=row.route_id,
        stop_id=row.stop_id,
        reader_id=row.reader_id,
        read_at=row.read_at,
        received_at=row.received_at,
        total=row.total,
        tariffs=msgspec.convert(row.tariffs, dict[str, Decimal], strict=False),
        used_kwh=row.used_kwh,
        method=readings.Method(row.method),
        quality=readings.Quality(row.quality),
        estimator=estimators.Method(row.estimator) if row.estimator else None,
        counts=counts,
        prompts=row.prompts,
        confirmed=row.confirmed,
        flags=flags,
        disputed=disputed,
        set_aside=msgspec.convert(set_aside, reading_standing.SetAside, from_attributes=True)
        if set_aside
        else None,
        note=row.note,
    )


def event_view(row: MeterEvent) -> readings.MeterEvent:
    """Shape an event as it was recorded."""
    return msgspec.convert(row, readings.MeterEvent, from_attributes=True)


def _flag(row: Flag) -> readings.Flag:
    return msgspec.convert(row, readings.Flag, from_attributes=True)


def _with_progress(
    session: Session, act: Act, rows: Sequence[store.RouteRow]
) -> list[readings.Route]:
    ids = [row.route.id for row in rows]
    counts = store.count_stops(session, district_id=act.district_id, route_ids=ids)

    def count(route_id: str, state: readings.StopState) -> int:
        return counts.get((route_id, str(state)), 0)

    return [
        readings.Route(
            id=row.route.id,
            name=row.route.name,
            planned_at=row.route.planned_at,
            state=State(row.state),
            crew_id=row.crew_id,
            person_id=row.person_id,
            stops_open=count(row.route.id, readings.StopState.OPEN),
            stops_read=count(row.route.id, readings.StopState.READ),
            stops_skipped=count(row.route.id, readings.StopState.SKIPPED),
        )
        for row in rows
    ]
