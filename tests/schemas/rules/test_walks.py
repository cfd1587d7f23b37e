"""Walks: what times and positions say of a reader's day."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import datums, geofence, walks
from tests.makers import walks as make

APART_M = 40.0


def codes(day: Sequence[walks.Take]) -> set[tuple[str, str]]:
    """Judge a day; list what was found as (reading, code)."""
    found = list(walks.judge(day, make.POLICY.walking))
    for finding in found:
        json.dumps(dict(finding.flag.inputs))
        assert "{" not in finding.flag.en + finding.flag.zh
    told = [(finding.reading_id, finding.flag.code) for finding in found]
    assert len(told) == len(set(told)), "a finding is told once"
    return set(told)


def honest(count: int, *, step_s: float = 55.0, apart_m: float = APART_M) -> list[walks.Take]:
    """Walk along the street and read, with ways of different length."""
    day, north_m, at_s = [], 0.0, 0.0
    for number in range(count):
        way_m = apart_m * (1 + number % 3)
        north_m, at_s = north_m + way_m, at_s + step_s + (way_m - apart_m) * 0.9
        day.append(make.take(number, at_s=at_s, north_m=north_m, fixed=make.fix(north_m + 4)))
    return day


@given(st.integers(0, 40), st.floats(50, 300))
def test_who_walks_and_reads_is_left_alone(count: int, step_s: float) -> None:
    assert codes(honest(count, step_s=step_s)) == set()


@given(st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_in_which_readings_came_is_nothing(count: int, chance: random.Random) -> None:
    day = [*honest(count), make.take(99, at_s=30, north_m=900, fixed=make.fix(0))]
    mixed = list(day)
    chance.shuffle(mixed)
    assert codes(mixed) == codes(day)


def test_far_away_says_how_far_and_how_sure() -> None:
    day = [make.take(1, at_s=0, north_m=0, fixed=make.fix(300, accuracy_m=20))]
    (finding,) = walks.judge(day, make.POLICY.walking)
    assert (finding.flag.code, finding.flag.severity) == ("ER30", "H")
    assert finding.flag.en == "300 m from the meter (+/- 20)"
    assert finding.flag.zh == "距电表 300 米（误差 ±20 米）"
    assert finding.flag.inputs["radius_m"] == 50


@pytest.mark.parametrize("north_m", [0, 49, 75])
def test_near_or_perhaps_near_is_not_far(north_m: float) -> None:
    day = [make.take(1, at_s=0, north_m=0, fixed=make.fix(north_m, accuracy_m=20))]
    assert "ER30" not in {code for _, code in codes(day)}


def test_a_mix_up_of_maps_is_no_distance() -> None:
    here = datums.convert(20.0, 110.0, source=datums.Datum.gcj02, target=datums.Datum.wgs84)
    fixed = geofence.Fix(*here, accuracy_m=5, age_s=1)
    day = [make.take(1, at_s=0, north_m=0, fixed=fixed)]
    assert day[0].verdict.datum_suspect
    assert codes(day) == set()


@pytest.mark.parametrize(
    "fixed",
    [None, make.fix(0, accuracy_m=None), make.fix(0, accuracy_m=90), make.fix(0, age_s=900)],
)
def test_no_proof_is_a_statistic_and_accuses_nobody(fixed: geofence.Fix | None) -> None:
    (finding,) = walks.judge([make.take(1, at_s=0, north_m=0, fixed=fixed)], make.POLICY.walking)
    assert (finding.flag.code, finding.flag.severity, finding.flag.cim) == ("ER31", "L", None)


def test_a_simulated_position_is_named_by_its_maker() -> None:
    day = [make.take(1, at_s=0, north_m=0, fixed=make.fix(0, simulated=True))]
    (finding,) = walks.judge(day, make.POLICY.walking)
    assert finding.flag.code == "ER34"
    assert finding.flag.inputs["provider"] == "gps"


def two(seconds: float, apart_m: float, *, proven: bool, **second: object) -> list[walks.Take]:
    """Read two meters, the positions proving both or neither."""
    fixes = (make.fix(0), make.fix(apart_m)) if proven else (None, None)
    return [
        make.take(1, at_s=0, north_m=0, fixed=fixes[0]),
        make.take(2, at_s=seconds, north_m=apart_m, fixed=fixes[1], **second),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("seconds", "apart_m", "proven", "fast"),
    [
        (30, 200, False, True),  # 6 m/s on foot
        (90, 200, False, False),  # 2 m/s
        (30, 200, True, False),  # rode, and was there
        (5, 200, True, True),  # nobody rides 36 m/s between two stairwells
        (100, 900, False, False),  # too far to walk: rode
        (30, 900, False, True),  # nobody rides so fast
        (0, 19, False, False),  # one glance reads both
        (0, 60, False, True),
    ],
)
def test_faster_than_anybody_goes(
    seconds: float, apart_m: float, *, proven: bool, fast: bool
) -> None:
    found = {code for _, code in codes(two(seconds, apart_m, proven=proven))}
    assert ("ER32" in found) is fast


def test_the_proven_end_of_an_impossible_way_is_not_charged() -> None:
    day = two(10, 200, proven=False)
    day[0] = dataclasses.replace(day[0], fix=make.fix(0), verdict=two(1, 0, proven=True)[0].verdict)
    assert [reading for reading, code in codes(day) if code == "ER32"] == ["R2"]


@pytest.mark.parametrize(
    "second",
    [{"suspect": True}, {"error_s": 120.0}, {"box": "B1"}],
    ids=["suspect", "error", "box"],
)
def test_what_explains_a_short_time_is_heard(second: dict[str, object]) -> None:
    day = two(10, 200, proven=False, **second)
    day[0] = dataclasses.replace(day[0], box="B1")
    assert "ER32" not in {code for _, code in codes(day)}


def passed(count: int, *, start_s: float, start_m: float) -> list[walks.Take]:
    """Walk past meters and stop at none; every position is true."""
    return [
        make.take(
            100 + number,
            at_s=start_s + (number + 1) * (APART_M * 0.9 + 1),
            north_m=start_m + (number + 1) * APART_M,
            fixed=make.fix(start_m + (number + 1) * APART_M + 6),
        )
        for number in range(count)
    ]


def test_who_walks_past_and_never_stops_has_read_nothing() -> None:
    day = honest(30)
    last_s = (day[-1].at - make.BEGAN).total_seconds()
    last_m = sum(APART_M * (1 + number % 3) for number in range(30))
    found = codes([*day, *passed(8, start_s=last_s, start_m=last_m)])
    assert found == {(f"R{100 + number}", "ER32") for number in range(8)}


def test_a_few_quick_ones_are_luck() -> None:
    day = honest(30)
    last_s = (day[-1].at - make.BEGAN).total_seconds()
    last_m = sum(APART_M * (1 + number % 3) for number in range(30))
    assert codes([*day, *passed(2, start_s=last_s, start_m=last_m)]) == set()


def test_ways_that_are_all_alike_suspect_nobody() -> None:
    day = passed(20, start_s=0, start_m=0)
    assert codes(day) == set()


def test_quick_readings_of_a_small_yard_are_no_walk() -> None:
    day = [
        make.take(number, at_s=number * 4, north_m=number * 3, fixed=make.fix(number * 3))
        for number in range(12)
    ]
    assert codes(day) == set()


def test_many_meters_from_one_spot() -> None:
    day = [
        make.take(number, at_s=number * 400, north_m=number * 150, fixed=make.fix(225))
        for number in range(4)
    ]
    found = codes(day)
    assert {reading for reading, code in found if code == "ER33"} == {"R0", "R1", "R2", "R3"}
    sentence = next(
        each.flag.en for each in walks.judge(day, make.POLICY.walking) if each.flag.code == "ER33"
    )
    assert sentence == "4 meters read from one spot"


@pytest.mark.parametrize(
    "fixed",
    [
        make.fix(225, accuracy_m=400),
        make.fix(225, accuracy_m=None),
        make.fix(225, age_s=600),
        make.fix(225, simulated=True),
        None,
    ],
)
def test_a_fix_that_names_no_spot_names_none(fixed: geofence.Fix | None) -> None:
    day = [
        make.take(number, at_s=number * 400, north_m=number * 150, fixed=fixed)
        for number in range(4)
    ]
    assert "ER33" not in {code for _, code in codes(day)}


def test_one_wall_is_read_from_one_spot() -> None:
    day = [
        make.take(
            number, at_s=number * 6, north_m=number * 150, fixed=make.fix(600 + number), box="B1"
        )
        for number in range(5)
    ]
    assert {code for _, code in codes(day)} == {"ER30"}


def same(count: int, *, apart_m: float, age_s: float | None) -> list[walks.Take]:
    """Read meters with one and the same position to the centimetre."""
    return [
        make.take(
            number,
            at_s=number * 90,
            north_m=number * apart_m,
            fixed=make.fix(20, accuracy_m=5, age_s=age_s),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("age_s", [None, 0.0, 4.0])
def test_fresh_fixes_that_are_all_equal_were_made(age_s: float | None) -> None:
    assert {code for _, code in codes(same(4, apart_m=15, age_s=age_s))} == {"ER34"}


@pytest.mark.parametrize(("count", "apart_m", "age_s"), [(2, 15, 1.0), (4, 2, 1.0), (4, 15, 60.0)])
def test_a_phone_that_stood_still_or_remembered_is_no_maker(
    count: int, apart_m: float, age_s: float
) -> None:
    assert codes(same(count, apart_m=apart_m, age_s=age_s)) == set()
