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


@pytest.mark.parametrize(
    ("schedule", "now", "zone", "next_at"),
    [
        (slots.EveryMinutes(1), "2026-11-23T00:05:30", HAIKOU, "2026-11-23T00:06:00"),
        (slots.EveryMinutes(30), "2026-11-23T00:30:00", HAIKOU, "2026-11-23T01:00:00"),
        (slots.Daily(1, 30), "2026-11-22T17:29:59", HAIKOU, "2026-11-22T17:30:00"),
        (slots.Daily(1, 30), "2026-11-22T17:30:00", HAIKOU, "2026-11-23T17:30:00"),
        # New York skips 02:00 to 03:00 on 8 March and has 01:00 to 02:00 twice on 1 November.
        (slots.Daily(2, 30), "2026-03-08T06:00:00", NEW_YORK, "2026-03-08T07:00:00"),
        (slots.Daily(1, 30), "2026-11-01T05:00:00", NEW_YORK, "2026-11-01T05:30:00"),
        (slots.Daily(1, 30), "2026-11-01T05:40:00", NEW_YORK, "2026-11-02T06:30:00"),
    ],
)
def test_the_next_slot_is_told(schedule: slots.Schedule, now: str, zone: str, next_at: str) -> None:
    assert schedule.next_at(utc(now), zone) == utc(next_at)


@given(
    INSTANTS,
    st.sampled_from([HAIKOU, NEW_YORK, "America/Sao_Paulo", "Australia/Lord_Howe"]),
    st.sampled_from([slots.EveryMinutes(15), slots.Daily(0, 0), slots.Daily(2, 30)]),
)
def test_the_next_slot_begins_when_it_is_told_and_not_before(
    now: dt.datetime, zone: str, schedule: slots.Schedule
) -> None:
    at = schedule.next_at(now, zone)
    before = at - dt.timedelta(microseconds=1)

    assert at > now
    assert schedule.slot(at, zone) not in {None, schedule.slot(now, zone)}
    assert schedule.slot(before, zone) in {None, schedule.slot(now, zone)}


@pytest.mark.parametrize(
    ("schedule", "earlier", "later", "between"),
    [
        (slots.EveryMinutes(1), "2026-11-23T00:05Z", "2026-11-23T00:06Z", 0),
        (slots.EveryMinutes(10), "2026-11-23T00:10Z", "2026-11-24T00:10Z", 143),
        (slots.EveryMinutes(1), "2026-11-23T00:05Z", "2026-11-23T00:01Z", 0),
        (slots.Daily(1, 0), "2026-11-23", "2026-11-27", 3),
    ],
)
def test_slots_between_two_are_counted(
    schedule: slots.Schedule, earlier: str, later: str, between: int
) -> None:
    assert schedule.between(earlier, later) == between
