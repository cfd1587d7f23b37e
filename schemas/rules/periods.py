"""Periods of local days: weeks and months of a district's own calendar, as instants.

A day begins at midnight of the district's wall clock, so that one on which the clocks change has 23
or 25 hours; where daylight saving skips midnight, it begins at the first instant after.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import enum
import zoneinfo
from typing import Final

_DAY: Final = dt.timedelta(days=1)
_WEEK_DAYS: Final = 7


class Grain(enum.StrEnum):
    """What a stretch of days is cut into."""

    day = "day"
    week = "week"
    month = "month"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days from the first to the last, both of them in it."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """Give the stretch of as many days that ends where this one begins.

        A whole month is set against the whole month before it.
        """
        if self == containing(self.first, Grain.month):
            return containing(self.first - _DAY, Grain.month)
        return Period(self.first - self.days * _DAY, self.first - _DAY)


def containing(day: dt.date, grain: Grain) -> Period:
    """Give the day, the week from Monday, or the month that a day lies in."""
    match grain:
        case Grain.day:
            return Period(day, day)
        case Grain.week:
            monday = day - day.weekday() * _DAY
            return Period(monday, monday + (_WEEK_DAYS - 1) * _DAY)
        case Grain.month:
            length = calendar.monthrange(day.year, day.month)[1]
            return Period(day.replace(day=1), day.replace(day=length))


def cut(period: Period, grain: Grain) -> list[Period]:
    """Cut a period; its first and last part may be less than whole."""
    parts: list[Period] = []
    first = period.first
    while first <= period.last:
        last = min(containing(first, grain).last, period.last)
        parts.append(Period(first, last))
        first = last + _DAY
    return parts


def begins_at(day: dt.date, zone: str) -> dt.datetime:
    """Tell when a local day begins, UTC."""
    midnight = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone))
    return midnight.astimezone(dt.UTC)


def ends_at(day: dt.date, zone: str) -> dt.datetime:
    """Tell when a local day ends, UTC: the first instant that is not in it."""
    return begins_at(day + _DAY, zone)
