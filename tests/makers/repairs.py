"""Reports for tests: a district with an area, and what somebody tells of trouble in it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from schemas import places, repairs
from tests.makers import crews, sites
from tests.makers import tasks as make

AREA = "area-1"


def area(session: Session) -> None:
    """Make the district with one area, which nobody serves yet."""
    crews.district(session)
    sites.district(session, district_id=make.DISTRICT)
    sites.area(session, area_id=AREA, district_id=make.DISTRICT)


def position(*, north_m: float = 0, east_m: float = 0) -> places.Position:
    """Step from the middle of the area."""
    lat_deg, lon_deg = sites.north_east(north_m=north_m, east_m=east_m)
    return places.Position(lat_deg=lat_deg, lon_deg=lon_deg)


def report(
    *,
    key: str = "hotline-1",
    description: str = "整栋楼没电",
    at: places.Position | None = None,
    service_point_id: str | None = None,
    skill: str = "low_voltage",
    urgency: int = 3,
    reported_at: dt.datetime | None = None,
) -> repairs.Report:
    """Tell of trouble in the middle of the area."""
    nowhere = at is None and service_point_id is None
    return repairs.Report(
        key=key,
        description=description,
        position=position() if nowhere else at,
        service_point_id=service_point_id,
        skill=skill,
        urgency=urgency,
        reported_at=reported_at,
    )
