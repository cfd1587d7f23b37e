from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import deadlines
from tests.schemas.rules import vectors

MINUTES = st.integers(0, 1_500_000)
INSTANTS = MINUTES.map(
    lambda minute: dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)
)
UNITS = st.sampled_from(deadlines.Unit)


def calendar(name: str) -> deadlines.WorkCalendar:
    table = vectors.load("deadlines")["calendars"][name]
    return deadlines.WorkCalendar(
        zone=table["zone"],
        holidays=frozenset(map(dt.date.fromisoformat, table["holidays"])),
        makeup_days=frozenset(map(dt.date.fromisoformat, table["makeup_days"])),
        published_years=frozenset(table["published_years"]),
        rest_weekdays=frozenset(table["rest_weekdays"]),
    )


CHINA = calendar("china")


@pytest.mark.parametrize("case", vectors.cases("deadlines"))
def test_a_promise_falls_due_as_the_vectors_say(case: vectors.Case) -> None:
    allowance = deadlines.Allowance(case["amount"], deadlines.Unit(case["unit"]))
    started_at = vectors.must_at(case["started_at"])
    due = deadlines.due(started_at, allowance, calendar(case["calendar"]))
    assert due.day.isoformat() == case["expect"]["day"]
    assert due.at == vectors.must_at(case["expect"]["at"])
    assert due.provisional is case["expect"]["provisional"]


@given(INSTANTS, st.integers(0, 60), UNITS)
def test_a_longer_allowance_is_never_due_earlier(
    started_at: dt.datetime, days: int, unit: deadlines.Unit
) -> None:
    short = deadlines.due(started_at, deadlines.Allowance(days, unit), CHINA)
    long = deadlines.due(started_at, deadlines.Allowance(days + 1, unit), CHINA)
    assert started_at <= short.at < long.at


@given(INSTANTS, st.integers(1, 60))
def test_a_working_day_deadline_is_a_workday_with_as_many_before_it(
    started_at: dt.datetime, days: int
) -> None:
    due = deadlines.due(started_at, deadlines.Allowance(days, deadlines.Unit.working_days), CHINA)
    first = started_at.astimezone(zoneinfo.ZoneInfo(CHINA.zone)).date()
    span = [first + dt.timedelta(days=n + 1) for n in range((due.day - first).days)]
    assert sum(map(CHINA.is_workday, span)) == days
    assert CHINA.is_workday(due.day)


@given(INSTANTS, st.integers(0, 60))
def test_only_an_unpublished_year_makes_a_deadline_provisional(
    started_at: dt.datetime, days: int
) -> None:
    allowance = deadlines.Allowance(days, deadlines.Unit.working_days)
    due = deadlines.due(started_at, allowance, CHINA)
    assert due.provisional is (due.day.year not in CHINA.published_years)


@given(INSTANTS, st.integers(0, 100_000), st.floats(0, 1))
def test_a_warning_falls_between_start_and_deadline(
    started_at: dt.datetime, seconds: int, fraction: float
) -> None:
    due_at = started_at + dt.timedelta(seconds=seconds)
    assert started_at <= deadlines.warn_at(started_at, due_at, fraction=fraction) <= due_at


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        (-1, deadlines.Unit.seconds),
        (1.5, deadlines.Unit.working_days),
        (deadlines.DAYS_MAX + 1, deadlines.Unit.calendar_days),
        (float("nan"), deadlines.Unit.seconds),
    ],
)
def test_an_allowance_that_no_policy_can_mean_is_refused(
    amount: float, unit: deadlines.Unit
) -> None:
    with pytest.raises(ValueError, match="allowance"):
        deadlines.Allowance(amount, unit)


def test_a_calendar_without_a_working_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="working weekday"):
        deadlines.WorkCalendar(zone="Asia/Shanghai", rest_weekdays=frozenset(range(7)))


def test_a_calendar_of_an_unknown_zone_is_refused() -> None:
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        deadlines.WorkCalendar(zone="Atlantis/Capital")


def test_a_long_run_of_holidays_is_counted_through() -> None:
    holidays = frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(200))
    table = deadlines.WorkCalendar(zone="UTC", holidays=holidays, published_years=frozenset({2026}))
    allowance = deadlines.Allowance(1, deadlines.Unit.working_days)
    due = deadlines.due(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), allowance, table)
    assert due.day == dt.date(2026, 7, 20)
