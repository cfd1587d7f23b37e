"""A small district to work in: two orders for a lineman, a route for a reader, and an office."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api import acts
from api.readings.models import Stop
from api.sites import service
from api.sites.models import Meter
from schemas.crews import Role
from schemas.readings import SkipCode
from schemas.sites import TOTAL, DistrictSettings
from tests.makers import crews, readings, sites, tasks

PASSWORD: Final = crews.PASSWORD
"""Of everybody."""
LINEMAN, READER, DISPATCHER, ADMINISTRATOR = "li", "wang", "zhou", "admin"
"""Ids and logins."""
CREW: Final = "crew-1"
ORDER, FAR_ORDER = "order-1", "order-2"
LATE_ORDER: Final = "order-3"
"""Where a story opens it (`open_late`)."""
FAR_NORTH_M: Final = 900
AREA, AREA_NAME = "area-1", "灵山片区"
FEEDERS: Final = ("灵山线", "新市线")
"""From west to east, and from south to north."""
METERS: Final = 30
GATED_AT: Final = 2
"""The meter behind a gate, by its number on the route."""
KEYS, DOGS = "大门钥匙在门卫处", "院内一只，拴着"


def settle(session: Session, *, now: dt.datetime) -> None:
    """Make the district and all that is in it.

    Args:
        session: a unit of work on an empty, migrated database.
        now: what the server's clock shows.
    """
    for person_id, role in (
        (LINEMAN, Role.LINEMAN),
        (READER, Role.READER),
        (DISPATCHER, Role.DISPATCHER),
        (ADMINISTRATOR, Role.ADMINISTRATOR),
    ):
        crews.person(session, person_id=person_id, roles=[role], password=PASSWORD)
    tasks.district(session)
    lay(session, now=now)
    opened_at = now - dt.timedelta(minutes=10)
    tasks.task(session, task_id=ORDER, at=opened_at, urgency=2, title="整栋楼没电")
    far = tasks.site()
    lat_deg, lon_deg = sites.north_east(north_m=FAR_NORTH_M)
    geometry: dict[str, object] = {"type": "Point", "coordinates": [lon_deg, lat_deg]}
    tasks.task(
        session,
        task_id=FAR_ORDER,
        at=opened_at,
        title="路灯不亮",
        on_site=type(far)(geometry=geometry, datum=far.datum, radius_m=50, address="东路 3 号"),
    )
    meter_ids = [f"M{number:04}" for number in range(1, METERS + 1)]
    gated = f"P-{meter_ids[GATED_AT - 1]}"
    sites.service_point(session, service_point_id=gated, keys=KEYS, dogs=DOGS)
    for meter_id in meter_ids:
        readings.history(session, meter_id=meter_id, ends_at=now - readings.MONTH)
    readings.route(session, meter_ids=meter_ids, person_id=READER)


def open_late(session: Session, *, now: dt.datetime) -> None:
    """Open an order whose crew should have been there a quarter of an hour ago."""
    opened_at = now - dt.timedelta(hours=1)
    tasks.task(session, task_id=LATE_ORDER, at=opened_at, title="街灯闪烁")


def ask_for_photos(session: Session, *, now: dt.datetime) -> None:
    """Let the district ask for a photo of locked doors, and of odd values that are confirmed."""
    act = acts.system(district_id=sites.DISTRICT, now=now, job="ground")
    known = service.get_district(session, district_id=sites.DISTRICT)
    asked = DistrictSettings(
        name=known.name, photo_on_skip=[SkipCode.LOCKED], photo_on_confirm=True
    )
    service.set_district(session, act=act, settings=asked)


def give_peak(session: Session, *, number: int) -> None:
    """Give a meter of the route, by its number there, a register of its peak use."""
    rows = [
        *session.query(Meter).filter(Meter.id == f"M{number:04}"),
        *session.query(Stop).filter(Stop.sequence == number),
    ]
    for row in rows:
        row.registers = [TOTAL, "peak"]


def lay(session: Session, *, now: dt.datetime) -> None:
    """Lay the area that the crew serves, and two feeders that cross in it."""
    sites.area(session, area_id=AREA, name=AREA_NAME, geometry=sites.square(side_m=4_000))
    crews.area(session, crew_id=CREW, area_id=AREA)
    feeders = [
        sites.feeder(session, feeder_id="F01", name=FEEDERS[0], geometry=_span(east_m=3_000)),
        sites.feeder(session, feeder_id="F02", name=FEEDERS[1], geometry=_span(north_m=3_000)),
    ]
    act = acts.system(district_id=sites.DISTRICT, now=now, job="ground")
    service.draw_feeders(session, act=act, feeders=feeders)


def _span(*, north_m: float = 0, east_m: float = 0) -> dict[str, object]:
    """Draw a line through a place beside the middle, so far to both sides."""
    ends = [
        sites.north_east(north_m=200 + way * north_m, east_m=150 + way * east_m) for way in (-1, 1)
    ]
    return {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in ends]}
