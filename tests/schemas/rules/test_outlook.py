from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import outlook
from schemas.rules.outlook import Errand, Pace, Place
from tests.schemas.rules import vectors

NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)
PLACES = st.none() | st.builds(Place, st.floats(-60, 60), st.floats(-179, 179))
ERRANDS = st.lists(st.builds(Errand, PLACES, st.floats(0, 86_400)), max_size=8)
PACES = st.builds(Pace, st.floats(1, 3), st.floats(5, 120))


def _place(pair: list[float] | None) -> Place | None:
    return None if pair is None else Place(*pair)


def _after_s(instant: dt.datetime) -> int:
    return round((instant - NOW).total_seconds())


@pytest.mark.parametrize("case", vectors.cases("outlook"))
def test_a_crew_is_foreseen_as_the_vectors_say(case: vectors.Case) -> None:
    errands = [Errand(_place(place), work_s) for place, work_s in case["errands"]]
    seen = list(outlook.foresee(NOW, _place(case["start"]), errands, Pace(*case["pace"])))
    assert [_after_s(each.arrives_at) for each in seen] == case["arrives_s"]
    assert [_after_s(each.done_at) for each in seen] == case["done_s"]


@given(start=PLACES, errands=ERRANDS, pace=PACES)
def test_a_crew_comes_in_the_order_of_its_work(
    start: Place | None, errands: list[Errand], pace: Pace
) -> None:
    seen = list(outlook.foresee(NOW, start, errands, pace))
    instants = [each for one in seen for each in (one.arrives_at, one.done_at)]
    slack = dt.timedelta(milliseconds=1)  # sums of seconds are rounded to microseconds
    pairs = zip([NOW, *instants], instants, strict=False)
    assert all(before <= after + slack for before, after in pairs)
    assert [each.ahead for each in seen] == list(range(len(errands)))


@given(start=PLACES, errands=ERRANDS.filter(len), pace=PACES, faster=st.floats(1.01, 5))
def test_who_drives_faster_is_never_there_later(
    start: Place | None, errands: list[Errand], pace: Pace, faster: float
) -> None:
    swift = Pace(pace.detour_factor, pace.speed_kmh * faster)
    slow_seen = list(outlook.foresee(NOW, start, errands, pace))
    swift_seen = list(outlook.foresee(NOW, start, errands, swift))
    assert swift_seen[-1].arrives_at <= slow_seen[-1].arrives_at


@pytest.mark.parametrize(("detour_factor", "speed_kmh"), [(0.9, 30), (1.4, 0), (1.4, -3)])
def test_a_pace_that_nobody_has_is_refused(detour_factor: float, speed_kmh: float) -> None:
    with pytest.raises(ValueError, match="no pace"):
        Pace(detour_factor, speed_kmh)
