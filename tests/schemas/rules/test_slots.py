from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import deadlines, slots
from tests.schemas.rules import vectors

CALENDAR = deadlines.WorkCalendar(
    zone="Asia/Shanghai",
    holidays=frozenset({dt.date(2026, 11, 25)}),
    makeup_days=frozenset({dt.date(2026, 11, 28)}),
    published_years=frozenset({2026}),
)
PATTERN = slots.Pattern((dt.time(8, 30), dt.time(14, 30)), slot_min=120, lead_min=60)
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
DAYS = [dt.date(2026, 11, 23) + dt.timedelta(days=step) for step in range(14)]
HOURS = st.integers(0, 14 * 24).map(lambda hours: NOW + dt.timedelta(hours=hours))
SHIFTS = st.lists(
    st.tuples(HOURS, HOURS | st.none()).filter(lambda each: each[1] is None or each[0] < each[1]),
    max_size=8,
).map(lambda pairs: [slots.Duty(*pair) for pair in pairs])


@pytest.mark.parametrize("case", vectors.cases("slots"))
def test_slots_are_those_of_the_vectors(case: vectors.Case) -> None:
    found = slots.slots(
        list(map(dt.date.fromisoformat, case["days"])),
        now=vectors.must_at(case["now"]),
        pattern=PATTERN,
        calendar=CALENDAR,
        duty=[slots.Duty(vectors.must_at(start), vectors.at(end)) for start, end in case["duty"]],
        days_off=frozenset(map(dt.date.fromisoformat, case["days_off"])),
    )
    assert [slot.from_at for slot in found] == list(map(vectors.must_at, case["from"]))


@given(duty=SHIFTS, days_off=st.frozensets(st.sampled_from(DAYS)))
def test_a_slot_lies_where_the_crew_works(
    duty: list[slots.Duty], days_off: frozenset[dt.date]
) -> None:
    found = list(
        slots.slots(DAYS, now=NOW, pattern=PATTERN, calendar=CALENDAR, duty=duty, days_off=days_off)
    )
    assert found == sorted(set(found))
    for slot in found:
        instants = [slot.from_at + dt.timedelta(minutes=step) for step in range(0, 120, 20)]
        assert all(any(_covers(each, at) for each in duty) for at in instants)
        assert slot.from_at.date() not in days_off


def _covers(duty: slots.Duty, at: dt.datetime) -> bool:
    return duty.starts_at <= at and (duty.ends_at is None or at < duty.ends_at)


@pytest.mark.parametrize(
    ("starts", "slot_min", "lead_min"),
    [
        ((dt.time(8, 30), dt.time(9, 30)), 61, 0),
        ((dt.time(14, 30), dt.time(8, 30)), 60, 0),
        ((dt.time(8, 30), dt.time(8, 30)), 60, 0),
        ((dt.time(8, 30),), 0, 0),
        ((dt.time(8, 30),), 60, -1),
    ],
)
def test_slots_that_overlap_are_refused(
    starts: tuple[dt.time, ...], slot_min: float, lead_min: float
) -> None:
    with pytest.raises(ValueError, match="overlap"):
        slots.Pattern(starts, slot_min, lead_min)
