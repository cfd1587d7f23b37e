"""The public holidays of other countries, by the package `holidays`, for years that are known.

The package works out any year, also those that nobody has published: it says so of days that follow
the moon ("estimated"), and is silent where a government trades days off each year anew.
Both are refused here, and so is whatever lies beyond next year.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises.service import days
from schemas import promises
from schemas.errors import FieldValue, Refused

if TYPE_CHECKING:
    import holidays

_TRADED_YEARS: Final = 5
"""A country that made up for days off in one of so many years does so each year."""
_ESTIMATED: Final = "estimated"


class CountryNotKnown(Refused):
    """There is no table for this country, or this part of it. Enter the year's days yourself."""

    code = "country-not-known"
    status = 422
    en = "There is no table of holidays for {country}; enter the year by PUT /v1/calendar/years."
    zh = "没有 {country} 的节假日数据；请用 PUT /v1/calendar/years 逐年录入。"


class YearNotPublished(Refused):
    """Nobody has published this year's days off. Wait, or enter those that are certain yourself."""

    code = "year-not-published"
    status = 422
    en = "The days off of {country} in {year} are not published: {why}."
    zh = "{country} {year} 年的节假日安排尚未公布：{why_zh}。"


def seed(session: Session, *, act: Act, body: promises.CalendarCountry) -> promises.Calendar:
    """Fill in a year of a country's public holidays, and its weekly days off.

    Raises:
        CountryNotKnown: the package has no such country, or no such part of it.
        YearNotPublished: the year's days are not certain.
        Stale: the table changed since the act's version.
    """
    known = _known(body)
    _require_published(known, body, now=act.received_at)
    rest_weekdays = sorted(known.weekend)
    year = promises.CalendarYear(
        year=body.year, published=True, days=_days(known, body.year, rest_weekdays)
    )
    return days.put_country(
        session,
        act=act,
        year=year,
        rest_weekdays=rest_weekdays,
        country=_name(body),
    )


def _known(body: promises.CalendarCountry) -> holidays.HolidayBase:
    """Work out the holidays of the year, and of some years before it."""
    import holidays  # noqa: PLC0415 - it takes half a second, which a server's start need not wait

    years = range(body.year - _TRADED_YEARS, body.year + 1)
    try:
        return holidays.country_holidays(
            body.country, subdiv=body.subdivision, years=years, language="en_US"
        )
    except NotImplementedError as error:
        raise CountryNotKnown(country=_name(body)) from error


def _require_published(
    known: holidays.HolidayBase, body: promises.CalendarCountry, *, now: dt.datetime
) -> None:
    """Let pass a year whose days are certain.

    Raises:
        YearNotPublished: they are not.
    """
    told: dict[str, FieldValue] = {"country": _name(body), "year": body.year}
    if not known.start_year <= body.year <= min(known.end_year, now.year + 1):
        raise YearNotPublished(
            **told, why="it lies beyond what is known", why_zh="超出已知数据的年份范围"
        )
    if any(day.year == body.year and _ESTIMATED in name for day, name in known.items()):
        raise YearNotPublished(**told, why="some are estimates", why_zh="部分日期为推算")
    traded = {day.year for day in known.weekend_workdays}
    if body.year not in traded and traded & set(known.years):
        raise YearNotPublished(
            **told, why="its make-up days are not known", why_zh="调休上班日尚未公布"
        )


def _days(
    known: holidays.HolidayBase, year: int, rest_weekdays: list[int]
) -> list[promises.CalendarDay]:
    """List the days of a year that differ from their weekday."""
    off = [
        promises.CalendarDay(day=day, kind=promises.DayKind.holiday, name=name)
        for day, name in known.items()
        if day.year == year and day.weekday() not in rest_weekdays
    ]
    made_up = [
        promises.CalendarDay(day=day, kind=promises.DayKind.makeup)
        for day in known.weekend_workdays
        if day.year == year and day.weekday() in rest_weekdays
    ]
    return sorted([*off, *made_up], key=lambda each: each.day)


def _name(body: promises.CalendarCountry) -> str:
    return body.country if body.subdivision is None else f"{body.country}-{body.subdivision}"
