from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.scheduler import catalogue, slots
from tests.makers import promises

HAIKOU = "Asia/Shanghai"
NEW_YORK = "America/New_York"
INSTANTS = st.datetimes(
    min_value=dt.datetime(2020, 1, 1),  # noqa: DTZ001 - the zone is given beside it
    max_value=dt.datetime(2040, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(dt.UTC),
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("minutes", "now", "slot"),
    [
        (1, "2026-11-23T00:05:59.999999", "2026-11-23T00:05Z"),
        (1, "2026-11-23T00:06:00", "2026-11-23T00:06Z"),
        (15, "2026-11-23T00:44:00", "2026-11-23T00:30Z"),
        (60, "2026-11-23T23:59:59", "2026-11-23T23:00Z"),
    ],
)
def test_minutes_fall_into_slots(minutes: int, now: str, slot: str) -> None:
    assert slots.EveryMinutes(minutes).slot(utc(now), HAIKOU) == slot


@pytest.mark.parametrize(
    ("seconds", "now", "slot"),
    [
        (5, "2026-11-23T00:05:59.999999", "2026-11-23T00:05:55Z"),
        (5, "2026-11-23T00:06:00", "2026-11-23T00:06:00Z"),
        (60, "2026-11-23T00:06:59", "2026-11-23T00:06:00Z"),
    ],
)
def test_seconds_fall_into_slots(seconds: int, now: str, slot: str) -> None:
    assert slots.EverySeconds(seconds).slot(utc(now), HAIKOU) == slot


@pytest.mark.parametrize("seconds", [0, -5, 7, 120])
def test_seconds_divide_the_minute(seconds: int) -> None:
    with pytest.raises(AssertionError):
        slots.EverySeconds(seconds)


@given(INSTANTS)
def test_every_instant_has_a_slot_of_its_own_minute(now: dt.datetime) -> None:
    schedule = slots.EveryMinutes(1)
    slot = schedule.slot(now, HAIKOU)
    assert slot == schedule.slot(now.replace(second=0, microsecond=0), HAIKOU)
    assert slot != schedule.slot(now + dt.timedelta(minutes=1), HAIKOU)


def test_a_day_begins_when_its_time_has_come_on_the_districts_wall() -> None:
    schedule = slots.Daily(1, 30)
    assert schedule.slot(utc("2026-11-22T17:29:59"), HAIKOU) is None
    assert schedule.slot(utc("2026-11-22T17:30:00"), HAIKOU) == "2026-11-23"
    assert schedule.slot(utc("2026-11-23T15:59:59"), HAIKOU) == "2026-11-23"
    assert schedule.slot(utc("2026-11-23T16:00:00"), HAIKOU) is None


def test_half_past_one_that_comes_twice_is_one_slot() -> None:
    schedule = slots.Daily(1, 30)
    first, second = utc("2026-11-01T05:30:00"), utc("2026-11-01T06:30:00")
    assert schedule.slot(first, NEW_YORK) == schedule.slot(second, NEW_YORK) == "2026-11-01"


def test_half_past_two_that_never_comes_is_still_run() -> None:
    schedule = slots.Daily(2, 30)
    assert schedule.slot(utc("2026-03-08T06:59:59"), NEW_YORK) is None
    assert schedule.slot(utc("2026-03-08T07:00:00"), NEW_YORK) == "2026-03-08"


def test_a_schedule_says_when_it_runs() -> None:
    assert slots.EveryMinutes(1).words.en == "every minute"
    assert slots.EveryMinutes(15).words.zh == "每 15 分钟"
    assert slots.Daily(3, 5).words.en == "daily at 03:05, local time"


def test_the_first_jobs_are_on_the_schedule() -> None:
    assert catalogue.BY_NAME["flag_overdue"].schedule == slots.EveryMinutes(1)
    assert isinstance(catalogue.BY_NAME["flag_estimates"].schedule, slots.Daily)
    assert all(job.lease_s >= 60 and job.about.zh for job in catalogue.JOBS)
    assert promises.job(at=promises.OPENED_AT).principal.person_id == "job:flag_overdue"
