"""Changing the office's table of days: year by year, the weekend, or a country's published days.

China's come from the package `chinesecalendar`, which was found right for 2024 to 2026.
Whatever was due in a year that is published now is worked out anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

import chinese_calendar
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import Stale
from api.promises import models, store
from api.promises.service import calendars, held, keeping
from schemas import promises
from schemas.errors import FieldValue, Refused

CHINA_YEARS: Final = (2024, 2025, 2026)


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
    detail = {"year": year.year, "days": len(year.days), "published": year.published}
    return _changed(session, act, row, "calendar.year_put", detail)


def set_weekend(session: Session, *, act: Act, weekend: promises.Weekend) -> promises.Calendar:
    """Set the weekly days off.

    Raises:
        Stale: the table changed since the act's version.
    """
    row = _row_to_change(session, act)
    row.rest_weekdays = sorted(set(weekend.rest_weekdays))
    detail = {"rest_weekdays": [str(weekday) for weekday in row.rest_weekdays]}
    return _changed(session, act, row, "calendar.weekend_set", detail)


def put_country(
    session: Session,
    *,
    act: Act,
    year: promises.CalendarYear,
    rest_weekdays: list[int],
    country: str,
) -> promises.Calendar:
    """Put a year of a country's days, and its weekly days off, in the place of what stood there.

    Raises:
        Stale: the table changed since the act's version.
    """
    row = _row_to_change(session, act)
    row.rest_weekdays = rest_weekdays
    _put(session, act, row, year)
    detail: dict[str, FieldValue] = {
        "country": country,
        "year": year.year,
        "days": len(year.days),
    }
    return _changed(session, act, row, "calendar.country_seeded", detail)


def seed_china(session: Session, *, act: Act) -> promises.Calendar:
    """Fill in China's published holidays and make-up working days.

    Raises:
        Stale: the table changed since the act's version.
    """
    row = _row_to_change(session, act)
    for number in CHINA_YEARS:
        days = list(_china_days(number))
        _put(session, act, row, promises.CalendarYear(year=number, published=True, days=days))
    detail = {"years": [str(number) for number in CHINA_YEARS]}
    return _changed(session, act, row, "calendar.china_seeded", detail)


def _row_to_change(session: Session, act: Act) -> models.Calendar:
    """Get the row to change; a district's first change makes it."""
    row = store.lock_calendar(session, district_id=act.district_id)
    if row is None:
        row = calendars.unset(district_id=act.district_id)
        session.add(row)
    if act.based_on is not None and act.based_on != row.version:
        raise Stale(yours=act.based_on, current=row.version)
    return row


def _changed(
    session: Session,
    act: Act,
    row: models.Calendar,
    what: str,
    detail: Mapping[str, FieldValue],
) -> promises.Calendar:
    row.version += 1
    crews.audit(session, act=act, what=what, subject_id=act.district_id, detail=detail)
    held.of(session).calendars.pop(act.district_id, None)
    session.flush()
    keeping.redo_provisional(session, act=act)
    return calendars.get_calendar(session, act=act)


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
        is_rest = day.weekday() in calendars.WEEKEND
        if is_rest and chinese_calendar.is_workday(day):
            yield promises.CalendarDay(day=day, kind=promises.DayKind.makeup)
        elif not is_rest and chinese_calendar.is_holiday(day):
            yield promises.CalendarDay(day=day, kind=promises.DayKind.holiday)
