"""The office's own table of days, for any country, and when a promise is due by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import models, store
from api.promises.service import held
from api.sites import service as sites
from schemas import promises
from schemas.rules import deadlines

WEEKEND: Final = (5, 6)


def zone(session: Session, *, district_id: str) -> str:
    """Name the time zone of a district."""
    zones = held.of(session).zones
    if district_id not in zones:
        zones[district_id] = sites.get_district(session, district_id=district_id).zone
    return zones[district_id]


def due(
    session: Session, *, district_id: str, started_at: dt.datetime, allowance: deadlines.Allowance
) -> deadlines.Due:
    """Work out when a promise that started at an instant is due in a district."""
    if allowance.unit is deadlines.Unit.working_days:
        calendar = work_calendar(session, district_id=district_id)
    else:
        calendar = deadlines.WorkCalendar(zone=zone(session, district_id=district_id))
    return deadlines.due(started_at, allowance, calendar)


def get_calendar(session: Session, *, act: Act) -> promises.Calendar:
    """Give the whole table of the district."""
    row = store.find_calendar(session, district_id=act.district_id) or unset(
        district_id=act.district_id
    )
    days: dict[int, list[promises.CalendarDay]] = {year: [] for year in row.published_years}
    for day in store.list_days(session, district_id=act.district_id):
        shape = promises.CalendarDay(
            day=dt.date.fromisoformat(day.day), kind=promises.DayKind(day.kind), name=day.name
        )
        days.setdefault(shape.day.year, []).append(shape)
    return promises.Calendar(
        version=row.version,
        zone=zone(session, district_id=act.district_id),
        rest_weekdays=row.rest_weekdays,
        years=[
            promises.CalendarYear(year=year, published=year in row.published_years, days=days[year])
            for year in sorted(days)
        ],
    )


def unset(*, district_id: str) -> models.Calendar:
    """Make the calendar of a district where nobody has set any: weekends alone."""
    return models.Calendar(
        district_id=district_id, rest_weekdays=list(WEEKEND), published_years=[], version=0
    )


def work_calendar(session: Session, *, district_id: str) -> deadlines.WorkCalendar:
    """Gather the table for the rule; a unit of work asks for it once."""
    calendars = held.of(session).calendars
    if district_id not in calendars:
        row = store.find_calendar(session, district_id=district_id)
        days = store.list_days(session, district_id=district_id)
        calendars[district_id] = deadlines.WorkCalendar(
            zone=zone(session, district_id=district_id),
            holidays=_of_kind(days, promises.DayKind.holiday),
            makeup_days=_of_kind(days, promises.DayKind.makeup),
            published_years=frozenset(row.published_years if row else ()),
            rest_weekdays=frozenset(row.rest_weekdays if row else WEEKEND),
        )
    return calendars[district_id]


def _of_kind(days: Sequence[models.CalendarDay], kind: promises.DayKind) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(day.day) for day in days if day.kind == kind)
