"""A small district to work in: two orders for a lineman, a route for a reader, and an office."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from schemas.crews import Role
from tests.makers import crews, readings, sites, tasks

PASSWORD: Final = crews.PASSWORD
"""Of everybody."""
LINEMAN, READER, DISPATCHER, ADMINISTRATOR = "li", "wang", "zhou", "admin"
"""Ids and logins."""
CREW: Final = "crew-1"
ORDER, FAR_ORDER = "order-1", "order-2"
FAR_NORTH_M: Final = 900
METERS: Final = 30


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
    for meter_id in meter_ids:
        readings.history(session, meter_id=meter_id, ends_at=now - readings.MONTH)
    readings.route(session, meter_ids=meter_ids, person_id=READER)
