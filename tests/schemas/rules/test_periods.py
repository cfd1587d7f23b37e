from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import periods
from schemas.rules.periods import Grain, Period

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2199, 12, 31))
ZONES = st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "Africa/Cairo", "Asia/Kathmandu"]
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "zone", "begins", "ends"),
    [
        ("2025-10-01", "Asia/Shanghai", "2025-09-30T16:00", "2025-10-01T16:00"),
        # A day of 23 hours, one of 25, and one whose midnight daylight saving skips.
        ("2026-03-08", "America/New_York", "2026-03-08T05:00", "2026-03-09T04:00"),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00", "2026-11-02T05:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00", "2018-11-05T02:00"),
    ],
)
def test_a_day_is_as_long_as_the_wall_clock_says(
    day: str, zone: str, begins: str, ends: str
) -> None:
    date = dt.date.fromisoformat(day)
    assert (periods.begins_at(date, zone), periods.ends_at(date, zone)) == (utc(begins), utc(ends))


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    day = dt.date(2025, 10, 5)
    assert periods.containing(day, Grain.week) == Period(dt.date(2025, 9, 29), day)
    october = periods.containing(day, Grain.month)
    assert october == Period(dt.date(2025, 10, 1), dt.date(2025, 10, 31))
    assert october.before() == Period(dt.date(2025, 9, 1), dt.date(2025, 9, 30))
    assert Period(day, day + dt.timedelta(days=2)).before() == Period(
        day - dt.timedelta(days=3), day - dt.timedelta(days=1)
    )


@given(DAYS, st.integers(0, 400), st.sampled_from(Grain))
def test_parts_add_up_to_the_whole(first: dt.date, days: int, grain: Grain) -> None:
    period = Period(first, first + dt.timedelta(days=days))
    parts = periods.cut(period, grain)

    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert sum(part.days for part in parts) == period.days
    for part, following in itertools.pairwise(parts):
        assert following.first == part.last + dt.timedelta(days=1)
        assert periods.containing(part.last, grain) != periods.containing(following.first, grain)


@given(DAYS, ZONES)
def test_days_follow_each_other_without_gap_or_overlap(day: dt.date, zone: str) -> None:
    assert periods.ends_at(day, zone) == periods.begins_at(day + dt.timedelta(days=1), zone)
    assert periods.begins_at(day, zone) < periods.ends_at(day, zone)
