"""Deadlines: when a promise is due, by elapsed time, calendar days or working days.

Day one is the day after the start, by the district's own wall clock (IANA zone).
A deadline in days falls on the last second (23:59:59) of its local day.
Working days follow the office's table of holidays and make-up working days; where the count
touches a year whose table is not yet published, plain weekends are assumed and the result is
provisional.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import itertools
import zoneinfo
from typing import Final

DAYS_MAX: Final = 3_660
SECONDS_MAX: Final = DAYS_MAX * 86_400
_WEEK_DAYS: Final = 7
_WEEKEND: Final = frozenset({5, 6})


class Unit(enum.StrEnum):
    """What an allowance is counted in."""

    seconds = "seconds"
    calendar_days = "calendar_days"
    working_days = "working_days"


@dataclasses.dataclass(frozen=True, slots=True)
class Allowance:
    """How long a promise gives: `amount` of `unit`.

    Raises:
        ValueError: the amount is negative, or longer than `DAYS_MAX` days; or it is no whole
            number of days.
    """

    amount: float
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse an allowance that no policy can mean."""
        days = self.unit is not Unit.seconds
        if not 0 <= self.amount <= (DAYS_MAX if days else SECONDS_MAX):
            msg = f"an allowance of {self.amount} {self.unit} is out of range"
            raise ValueError(msg)
        if days and self.amount != int(self.amount):
            msg = f"an allowance of {self.amount} {self.unit} is no whole number of days"
            raise ValueError(msg)


@dataclasses.dataclass(frozen=True, slots=True)
class WorkCalendar:
    """An office's table of days.

    Attributes:
        zone: IANA time zone of the district, such as Asia/Shanghai.
        holidays: days off beyond the weekly ones.
        makeup_days: weekly days off that are worked.
        published_years: the years for which the two sets are complete.
        rest_weekdays: weekly days off, Monday is 0.

    Raises:
        ValueError: every weekday is a day off.
        zoneinfo.ZoneInfoNotFoundError: the zone is unknown.
    """

    zone: str
    holidays: frozenset[dt.date] = frozenset()
    makeup_days: frozenset[dt.date] = frozenset()
    published_years: frozenset[int] = frozenset()
    rest_weekdays: frozenset[int] = _WEEKEND

    def __post_init__(self) -> None:
        """Refuse a table by which no promise would ever fall due."""
        if set(range(_WEEK_DAYS)) <= self.rest_weekdays:
            msg = "a calendar needs a working weekday"
            raise ValueError(msg)
        zoneinfo.ZoneInfo(self.zone)

    def is_workday(self, day: dt.date) -> bool:
        """Tell whether the office works on `day`."""
        if day in self.makeup_days:
            return True
        return day not in self.holidays and day.weekday() not in self.rest_weekdays


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """When a promise is due.

    Attributes:
        at: the last instant at which it is kept, UTC.
        day: the local day of that instant.
        provisional: whether a year without a published calendar was touched.
    """

    at: dt.datetime
    day: dt.date
    provisional: bool


def due(started_at: dt.datetime, allowance: Allowance, calendar: WorkCalendar) -> Due:
    """Work out when a promise that started at an aware instant is due."""
    zone = zoneinfo.ZoneInfo(calendar.zone)
    if allowance.unit is Unit.seconds:
        at = started_at.astimezone(dt.UTC) + dt.timedelta(seconds=allowance.amount)
        return Due(at, at.astimezone(zone).date(), provisional=False)
    first = started_at.astimezone(zone).date()
    days = int(allowance.amount)
    if allowance.unit is Unit.calendar_days:
        last, provisional = first + dt.timedelta(days=days), False
    else:
        last = _nth_workday(first, days, calendar)
        provisional = _touches_unpublished(first, last, calendar)
    return Due(end_of(last, zone), last, provisional=provisional)


def warn_at(started_at: dt.datetime, due_at: dt.datetime, *, fraction: float) -> dt.datetime:
    """Find the instant at which `fraction` (0 to 1) of a promise's time is gone."""
    return started_at + (due_at - started_at) * fraction


def end_of(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Give the last second of a local day; of a doubled hour, the second pass (fold 1)."""
    local = dt.datetime.combine(day, dt.time(23, 59, 59, fold=1), tzinfo=zone)
    return local.astimezone(dt.UTC)


def _nth_workday(first: dt.date, days: int, calendar: WorkCalendar) -> dt.date:
    """Count working days after `first`; the scan is bounded by the table's own size."""
    if days == 0:
        return first
    scan_days_max = (days + 1) * _WEEK_DAYS + len(calendar.holidays) * _WEEK_DAYS
    after = (first + dt.timedelta(days=step) for step in range(1, scan_days_max + 1))
    workdays = (day for day in after if calendar.is_workday(day))
    return next(itertools.islice(workdays, days - 1, None))


def _touches_unpublished(first: dt.date, last: dt.date, calendar: WorkCalendar) -> bool:
    counted_from = first + dt.timedelta(days=min(1, (last - first).days))
    years = range(counted_from.year, last.year + 1)
    return any(year not in calendar.published_years for year in years)
