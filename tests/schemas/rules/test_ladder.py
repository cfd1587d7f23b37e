from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import ladder
from tests.schemas.rules import vectors

OPENED_AT = dt.datetime(2026, 11, 23, 0, 46, tzinfo=dt.UTC)
LEVELS = ("district", "city", "province", "headquarters")
RUNGS = [
    ladder.Rung(level, after_s, points)
    for level, after_s, points in zip(
        LEVELS, (0, 7_200, 86_400, 259_200), (1, 2, 4, 8), strict=True
    )
]


@pytest.mark.parametrize("case", vectors.cases("ladder", "majors"))
def test_a_major_event_is_known_as_the_vectors_say(case: vectors.Case) -> None:
    major = None if case["major"] is None else ladder.Major(**case["major"])
    found = ladder.is_major(
        major, customers=case["customers"], care=case["care"], urgency=case["urgency"]
    )
    assert found is case["is_major"]


@pytest.mark.parametrize("case", vectors.cases("ladder", "begins"))
def test_a_case_begins_where_the_vectors_say(case: vectors.Case) -> None:
    place = ladder.first(RUNGS, major=case["major"], turn=case["turn"])
    assert RUNGS[place].level == case["begins"]


@pytest.mark.parametrize("case", vectors.cases("ladder", "climbs"))
def test_a_case_climbs_when_the_vectors_say(case: vectors.Case) -> None:
    begun, to = LEVELS.index(case["begun"]), LEVELS.index(case["to"])
    at = ladder.climbs_at(RUNGS, opened_at=OPENED_AT, begun=begun, to=to)
    assert at == vectors.must_at(case["at"])


@pytest.mark.parametrize("case", vectors.cases("ladder", "faults"))
def test_a_wrong_ladder_is_named_as_the_vectors_say(case: vectors.Case) -> None:
    rungs = [ladder.Rung(level, after_s, 1) for level, after_s in case["rungs"]]
    major = None if case["major"] is None else ladder.Major(case["major"])
    assert len(ladder.faults(rungs, major, levels=LEVELS)) == case["faults"]


@given(
    after_s=st.lists(st.integers(1, 10**6), min_size=3, max_size=3, unique=True).map(sorted),
    begun=st.integers(0, 3),
)
def test_a_case_climbs_later_the_higher(after_s: list[int], begun: int) -> None:
    rungs = [
        ladder.Rung(level, seconds, 1) for level, seconds in zip(LEVELS, [0, *after_s], strict=True)
    ]
    times = [
        ladder.climbs_at(rungs, opened_at=OPENED_AT, begun=begun, to=to)
        for to in range(begun, len(rungs))
    ]
    assert times == sorted(set(times))
    assert times[0] == OPENED_AT


@given(turn=st.integers(1, 100), major=st.sampled_from([None, *LEVELS]))
def test_work_that_is_reopened_never_begins_lower(turn: int, major: str | None) -> None:
    before = ladder.first(RUNGS, major=major, turn=turn)
    assert before <= ladder.first(RUNGS, major=major, turn=turn + 1) < len(RUNGS)
