from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import quiet_hours
from tests.schemas.rules import vectors

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
INSTANTS = st.timedeltas(dt.timedelta(), dt.timedelta(days=1_000)).map(START.__add__)


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("case", vectors.cases("quiet_hours"))
def test_quiet_hours_end_and_begin_when_the_vectors_say(case: vectors.Case) -> None:
    begins, ends = (dt.time.fromisoformat(case[name]) for name in ("begins", "ends"))
    quiet = quiet_hours.Quiet(begins, ends, case["zone"])
    at = dt.datetime.fromisoformat(case["at"])
    assert quiet_hours.ends_at(quiet, at) == _instant(case["ends_at"])
    assert quiet_hours.begins_at(quiet, at) == _instant(case["begins_at"])


@given(TIMES, TIMES, st.sampled_from(ZONES), INSTANTS)
def test_quiet_hours_end_and_the_next_begin_after_an_instant(
    begins: dt.time, ends: dt.time, zone: str, at: dt.datetime
) -> None:
    quiet = quiet_hours.Quiet(begins, ends, zone)
    over, next_ = quiet_hours.ends_at(quiet, at), quiet_hours.begins_at(quiet, at)
    if over is not None:
        assert at < over <= at + dt.timedelta(hours=26)
    if begins == ends:
        assert (over, next_) == (None, None)
        return
    assert next_ is not None
    assert at < next_ <= at + dt.timedelta(hours=50)
    assert quiet_hours.ends_at(quiet, next_) is not None


@given(st.dates(dt.date(2025, 1, 1), dt.date(2028, 1, 1)), TIMES, st.sampled_from(ZONES))
def test_a_local_time_is_what_the_clock_on_the_wall_shows_or_was_leapt_over(
    day: dt.date, time: dt.time, zone: str
) -> None:
    at = quiet_hours.local(day, time, zone=zone)
    there = at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    leapt = there - dt.datetime.combine(day, time)
    assert dt.timedelta() <= leapt <= dt.timedelta(hours=1)
