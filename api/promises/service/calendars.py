"""The office's table of days, and when a promise is due by it.

The table is the office's own, for any country; that of China can be filled in from the published
holidays of 2024 to 2026 (package `chinesecalendar`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import chinese_calendar
from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import Stale
from api.promises import models, store
from api.promises.service import held
from api.sites import service as sites
from schemas import promises
from schemas.errors import Refused
from schemas.rules import deadlines

CHINA_YEARS: Final = (2024, 2025, 2026)
"""The years that `chinesecalendar` was found right for."""
WEEKEND: Final = (5, 6)


class DayNotInYear(Refused):
    """The day belongs to another year. Send each day with its own year."""

    code = "day-not-in-year"
    status = 422
    en = "{day} is not a day of {year}."
    zh = "{day} 不属于 {year} 年。"


class DayTwice(Refused):
    """The same day is listed twice. Keep the line that is right."""

    code = "day-twice"
    status = 422
    en = "{day} is listed twice."
    zh = "{day} 重复出现。"


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
        calendar = _work_calendar(session, district_id=district_id)
    else:
        calendar = deadlines.WorkCalendar(zone=zone(session, district_id=district_id))
    return deadlines.due(started_at, allowance, calendar)


def get_calendar(session: Session, *, act: Act) -> promises.Calendar:
    """Give the whole table of the district."""
    row = store.find_calendar(session, district_id=act.district_id) or _empty(act)
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


def put_year(session: Session, *, act: Act, year: promises.CalendarYear) -> promises.Calendar:
    """Put a year of the table in the place of what stood there.

    Raises:
        DayNotInYear: a day belongs to another year.
        DayTwice: a day is listed twice.
        Stale: the table changed since the act's version.
    """
    _check_days(year)
    row = _row_to_change(session, act)
    _put(session, act, row, year)
    return _changed(session, act, row)


def set_weekend(session: Session, *, act: Act, weekend: promises.Weekend) -> promises.Calendar:
    """Set the weekly days off.

    Raises:
        Stale: the table changed since the act's version.
    """
    row = _row_to_change(session, act)
    row.rest_weekdays = sorted(set(weekend.rest_weekdays))
    return _changed(session, act, row)


def seed_china(session: Session, *, act: Act) -> promises.Calendar:
    """Fill in China's published holidays and make-up working days.

    Raises:
        Stale: the table changed since the act's version.
    """
    row = _row_to_change(session, act)
    for number in CHINA_YEARS:
        days = list(_china_days(number))
        _put(session, act, row, promises.CalendarYear(year=number, published=True, days=days))
    return _changed(session, act, row)


def _work_calendar(session: Session, *, district_id: str) -> deadlines.WorkCalendar:
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


def _row_to_change(session: Session, act: Act) -> models.Calendar:
    """Get the row to change; a district's first change makes it."""
    row = store.lock_calendar(session, district_id=act.district_id)
    if row is None:
        row = _empty(act)
        session.add(row)
    if act.based_on is not None and act.based_on != row.version:
        raise Stale(yours=act.based_on, current=row.version)
    return row


def _changed(session: Session, act: Act, row: models.Calendar) -> promises.Calendar:
    row.version += 1
    held.of(session).calendars.pop(act.district_id, None)
    return get_calendar(session, act=act)


def _put(session: Session, act: Act, row: models.Calendar, year: promises.CalendarYear) -> None:
    others = [known for known in row.published_years if known != year.year]
    row.published_years = sorted([*others, year.year] if year.published else others)
    store.replace_days(
        session,
        district_id=act.district_id,
        year=year.year,
        days=[
            models.CalendarDay(
                district_id=act.district_id,
                day=day.day.isoformat(),
                kind=str(day.kind),
                name=day.name,
            )
            for day in year.days
        ],
    )


def _check_days(year: promises.CalendarYear) -> None:
    seen: set[dt.date] = set()
    for day in year.days:
        if day.day.year != year.year:
            raise DayNotInYear(day=day.day.isoformat(), year=year.year)
        if day.day in seen:
            raise DayTwice(day=day.day.isoformat())
        seen.add(day.day)


def _china_days(year: int) -> Iterator[promises.CalendarDay]:
    """List the days of a year that differ from their weekday in China."""
    first = dt.date(year, 1, 1)
    for number in range((dt.date(year + 1, 1, 1) - first).days):
        day = first + dt.timedelta(days=number)
        is_rest = day.weekday() in WEEKEND
        if is_rest and chinese_calendar.is_workday(day):
            yield promises.CalendarDay(day=day, kind=promises.DayKind.makeup)
        elif not is_rest and chinese_calendar.is_holiday(day):
            yield promises.CalendarDay(day=day, kind=promises.DayKind.holiday)


def _empty(act: Act) -> models.Calendar:
    """Make the calendar of a district where nobody has set any: weekends alone."""
    return models.Calendar(
        district_id=act.district_id,
        rest_weekdays=list(WEEKEND),
        published_years=[],
        version=0,
    )
