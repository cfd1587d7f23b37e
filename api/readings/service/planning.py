"""How a route comes to be: meters in walking order become stops with all that their checks need."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.readings import store
from api.readings.models import Route, Stop
from api.readings.service import histories
from api.requests import service as requests
from api.sites import service as sites
from api.sites.models import District, Meter, ServicePoint
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import places, readings
from schemas.errors import FieldValue, Refused
from schemas.rules import datums, judging, transitions, usage

_URGENCY: Final = 4
_METERS_PER_LOAD: Final = 500


class MeterTwice(Refused):
    """A meter is on the route twice. Name it once, where the walk first meets it."""

    code = "meter-twice"
    status = 422
    en = "Meter {meter_id} is on the route more than once."
    zh = "电表 {meter_id} 在该抄表路线中重复出现。"


class MeterRemoved(Refused):
    """The meter was taken down. Name the one that stands there now."""

    code = "meter-removed"
    status = 422
    en = "Meter {meter_id} was removed and cannot be read."
    zh = "电表 {meter_id} 已拆除，无法抄表。"


def plan_route(session: Session, *, act: Act, draft: readings.RouteDraft) -> Task:
    """Open a reading route, give it to a crew or a person if one is named, and lay its stops.

    Raises:
        NotFound: the district has no such meter, crew or person.
        HandsGone: the crew is disbanded or the person has left.
        MeterTwice: a meter is named more than once.
        MeterRemoved: a meter does not stand any more.
    """
    district = sites.get_district(session, district_id=act.district_id)
    meters = _meters(session, act, draft)
    route = open_route(session, act=act, draft=draft)
    session.add_all(_stops(session, act, district, route, meters))
    return tasks.get_to_change(session, act=act, task_id=route.id)


def open_route(session: Session, *, act: Act, draft: readings.RouteDraft) -> Route:
    """Open a route, and give it to a crew or a person if one is named; its stops are still to come.

    Raises:
        NotFound: the district has no such crew or person.
        HandsGone: the crew is disbanded or the person has left.
    """
    hands = {"crew_id": draft.crew_id, "person_id": draft.person_id}
    tasks.require_hands(session, act=act, crew_id=draft.crew_id, person_id=draft.person_id)
    task = tasks.open_task(
        session,
        act=act,
        draft=tasks.TaskDraft(
            kind=transitions.Kind.route,
            title=draft.name,
            note=draft.note,
            urgency=_URGENCY,
            area_id=_area(session, act, draft.meter_ids),
        ),
    )
    if draft.crew_id is not None or draft.person_id is not None:
        tasks.assign(session, act=act, task=task, why="planned", **hands)
    session.flush()  # a route stands on its task, a stop on its route
    planned_at = draft.planned_at or act.happened.at
    route = Route(
        district_id=act.district_id, id=task.id, name=draft.name, planned_at=planned_at, live=True
    )
    session.add(route)
    session.flush()
    detail: dict[str, FieldValue] = {**hands, "meters": len(draft.meter_ids)}
    crews.audit(session, act=act, what="route.planned", subject_id=task.id, detail=detail)
    return route


def retire_routes(session: Session, *, act: Act, limit: int) -> int:
    """Take the stops of settled routes off the phones.

    Args:
        session: the unit of work.
        act: whose district.
        limit: routes at one time; their stops are loaded whole.
    """
    routes = store.list_live_settled(session, district_id=act.district_id, limit=limit)
    for route in routes:
        route.live = False
        for stop in store.list_stops_of_route(
            session,
            district_id=act.district_id,
            route_id=route.id,
            after_sequence=0,
            limit=readings.STOPS_MAX,
        ):
            stop.live = False
    return len(routes)


def prepare_again(session: Session, *, act: Act, stop: Stop, meter: Meter) -> None:
    """Give a stop anew what the checks of its meter need."""
    route = store.find_route(session, district_id=act.district_id, route_id=stop.route_id)
    assert route is not None
    planned_at = route.route.planned_at
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter.id], until=planned_at
    )
    _prepare(stop, known, meter, planned_at)


def _meters(session: Session, act: Act, draft: readings.RouteDraft) -> list[Meter]:
    """Find the meters of a route, in walking order."""
    found = sites.load_meters(session, district_id=act.district_id, ids=draft.meter_ids)
    seen: set[str] = set()
    for meter_id in draft.meter_ids:
        if meter_id not in found:
            raise NotFound(what="meter", id=meter_id)
        if found[meter_id].removed_at is not None:
            raise MeterRemoved(meter_id=meter_id)
        if meter_id in seen:
            raise MeterTwice(meter_id=meter_id)
        seen.add(meter_id)
    return [found[meter_id] for meter_id in draft.meter_ids]


def _area(session: Session, act: Act, meter_ids: Sequence[str]) -> str | None:
    """Tell in which area the middle of the walk lies; its reader gets that area's map."""
    middle = sites.get_meter(
        session, district_id=act.district_id, meter_id=meter_ids[len(meter_ids) // 2]
    )
    point = sites.get_service_point(
        session, district_id=act.district_id, service_point_id=middle.service_point_id
    )
    position = places.Position(
        lat_deg=point.lat_deg, lon_deg=point.lon_deg, datum=datums.Datum(point.datum)
    )
    return sites.locate(session, district_id=act.district_id, position=position).area_id


def _stops(
    session: Session, act: Act, district: District, route: Route, meters: list[Meter]
) -> Iterator[Stop]:
    """Lay the stops, a few hundred meters' histories at a time."""
    numbered = enumerate(meters, start=1)
    while some := list(itertools.islice(numbered, _METERS_PER_LOAD)):
        known = histories.load(
            session,
            district_id=act.district_id,
            meter_ids=[meter.id for _, meter in some],
            until=route.planned_at,
        )
        points = sites.load_service_points(
            session,
            district_id=act.district_id,
            ids={meter.service_point_id for _, meter in some},
        )
        awaited = requests.list_awaited(
            session, district_id=act.district_id, meter_ids=[meter.id for _, meter in some]
        )
        found = store.list_found(
            session, district_id=act.district_id, meter_ids=[meter.id for _, meter in some]
        )
        for sequence, meter in some:
            stop = _stop(act.new_id(), district, route, meter, points[meter.service_point_id])
            stop.sequence = sequence
            stop.awaited = meter.id in awaited
            _prepare(stop, known, meter, route.planned_at)
            if meter.id in found:
                _show_as_found(stop, found[meter.id])
            yield stop


def _stop(
    stop_id: str, district: District, route: Route, meter: Meter, point: ServicePoint
) -> Stop:
    return Stop(
        district_id=route.district_id,
        id=stop_id,
        route_id=route.id,
        live=True,
        state=str(readings.StopState.OPEN),
        service_point_id=point.id,
        meter_id=meter.id,
        serial=meter.serial,
        digits=meter.digits,
        decimals=meter.decimals,
        multiplier=meter.multiplier,
        registers=meter.registers,
        address=point.address,
        access_note=point.access_note,
        keys=point.keys,
        dogs=point.dogs,
        care=point.care is not None,
        geometry={"type": "Point", "coordinates": [point.lon_deg, point.lat_deg]},
        datum=point.datum,
        radius_m=district.radius_m,
        box=meter.box,
        skip_code=None,
        reading_id=None,
        read_at=None,
    )


def _show_as_found(stop: Stop, before: Stop) -> None:
    """Let a new stop show the meter that was found there before, while the office looks into it."""
    stop.serial, stop.digits, stop.decimals = before.serial, before.digits, before.decimals
    stop.previous_value, stop.previous_at = before.previous_value, before.previous_at
    stop.reported_value = stop.reported_at = stop.reported_quality = None
    stop.typical_kwh = stop.low_kwh = stop.high_kwh = None
    stop.active_history = False
    stop.finding_id, stop.found_at = before.finding_id, before.found_at


def _prepare(stop: Stop, known: histories.Known, meter: Meter, planned_at: dt.datetime) -> None:
    """Give a stop what its checks need: the last actual value, and the usual use since then.

    Beside it stands what was reported last, whatever that was worth.
    """
    past = known.readings.get(meter.id, ())
    cycles = judging.cycles_of(histories.past_of(known, meter.id), histories.register_of(meter))
    last = next((each for each in reversed(past) if each.quality == usage.Quality.actual), None)
    stop.previous_value = last.total if last else meter.installed_value
    stop.previous_at = last.read_at if last else meter.installed_at
    reported = past[-1] if past else None
    stop.reported_value = reported.total if reported else None
    stop.reported_at = reported.read_at if reported else None
    stop.reported_quality = str(reported.quality) if reported else None
    stop.active_history = usage.is_active(cycles)
    stop.typical_kwh = stop.low_kwh = stop.high_kwh = None
    days = (planned_at - stop.previous_at).days
    usual = usage.usual(cycles, days=max(days, 1)) if last else None
    if usual is not None:
        stop.typical_kwh = usual.typical_kwh
        stop.low_kwh, stop.high_kwh = usual.low_kwh, usual.high_kwh
