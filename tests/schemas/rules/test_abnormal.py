"""Abnormal use, and a meter's readings judged one after the other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import estimates, flags, judging, meter_reading, usage
from tests.makers import walks as make

REGISTER = meter_reading.Register(6)
POLICY = judging.Policy(estimates.Limits(), make.POLICY.use)
EVEN = (200, 190, 210, 205, 195, 202, 198, 207, 193, 201, 199, 204)
USES = st.lists(st.integers(0, 900), min_size=1, max_size=26)


def past(
    uses: Sequence[int], *, start: int = 10_000, explained: flags.Explanation | None = None
) -> list[judging.Past]:
    """Make a meter's readings from what was used month by month; the last one is explained."""
    value, day = start, dt.date(2024, 1, 15)
    made = [judging.Past("R0", day, Decimal(value), usage.Quality.actual)]
    for number, used in enumerate(uses, start=1):
        value, day = (value + used) % 1_000_000, day + dt.timedelta(days=30)
        is_last = number == len(uses)
        reasons = frozenset({explained} if explained and is_last else ())
        made.append(
            judging.Past(f"R{number}", day, Decimal(value), usage.Quality.actual, explained=reasons)
        )
    return made


def judge(readings: Sequence[judging.Past], *, since: int = 0) -> list[tuple[str, str]]:
    """Judge readings; list what was found as (reading, code)."""
    found = list(
        judging.judge(
            readings,
            register=REGISTER,
            since=since,
            doubted=(),
            policies=[POLICY] * len(readings),
        )
    )
    for finding in found:
        json.dumps(dict(finding.flag.inputs))
        assert "{" not in finding.flag.en + finding.flag.zh
    return [(finding.reading_id, finding.flag.code) for finding in found]


def newest(
    uses: Sequence[int], *, explained: flags.Explanation | None = None
) -> list[tuple[str, str]]:
    """Judge the newest of some readings."""
    readings = past(uses, explained=explained)
    return judge(readings, since=len(readings) - 1)


@pytest.mark.parametrize(
    ("last", "codes"),
    [(206, []), (900, ["ER18"]), (12, ["ER19"]), (230, [])],
    ids=["usual", "high", "low", "a little more"],
)
def test_high_and_low_go_on_a_list(last: int, codes: list[str]) -> None:
    assert [code for _, code in newest([*EVEN, last])] == codes


def test_the_list_says_what_is_usual() -> None:
    readings = past([*EVEN, 900])
    (finding,) = judging.judge(
        readings, register=REGISTER, since=13, doubted=(), policies=[POLICY] * 14
    )
    assert finding.flag.severity == "M"
    assert finding.flag.en == "900 against usual 200.5"


def test_a_summer_like_last_summer_is_not_high() -> None:
    summer = [*EVEN[:11], 800]
    year = [200, 190, 210, 205, 195, 202, 198, 207, 193, 201, 199]
    assert newest([*summer, *year, 780]) == []


def test_a_few_units_are_never_abnormal() -> None:
    assert newest([1, 2, 1, 2, 1, 2, 1, 9]) == []


def test_growth_as_a_year_ago_is_none() -> None:
    assert newest([200, 320, *EVEN[:9], 320, 330, 315]) == []
    assert ("R14", "ER22") in newest([200, 200, *EVEN[:9], 320, 330, 315])


def test_growth_by_a_few_units_is_none() -> None:
    assert newest([2, 2, 2, 2, 2, 2, 2, 4, 5, 4]) == []


@pytest.mark.parametrize(
    ("explained", "codes"),
    [
        (flags.Explanation.vacancy, []),
        (flags.Explanation.outage, []),
        (flags.Explanation.datum_change, ["ER19"]),
    ],
)
def test_what_happened_explains_a_low_month(explained: flags.Explanation, codes: list[str]) -> None:
    assert [code for _, code in newest([*EVEN, 12], explained=explained)] == codes


def test_three_cycles_of_nothing_are_a_field_check_once() -> None:
    found = judge(past([*EVEN, 0, 0, 0, 0]))
    assert [(reading, code) for reading, code in found if code == "ER13"] == [("R15", "ER13")]


def test_a_month_made_up_for_charges_the_month_before() -> None:
    assert judge(past([*EVEN, 10, 390]), since=13) == [("R13", "ER19"), ("R13", "ER20")]
    zero = judge(past([*EVEN, 0, 402]), since=13)
    assert zero == [("R13", "ER12"), ("R13", "ER20")]


@pytest.mark.parametrize(
    ("low", "high"), [(10, 205), (10, 900), (150, 250), (10, 120)],
    ids=["no high", "too high", "not low", "still low"],
)  # fmt: skip
def test_what_does_not_fit_together_charges_nobody(low: int, high: int) -> None:
    assert "ER20" not in {code for _, code in judge(past([*EVEN, low, high]), since=13)}


@pytest.mark.parametrize("uses", [(), (10,), (10, 390), (200, 10, 390)])
def test_too_short_a_past_says_nothing(uses: tuple[int, ...]) -> None:
    assert judge(past(uses)) == []


def test_an_estimate_is_neither_high_nor_low() -> None:
    readings = past([*EVEN, 900])
    estimated = judging.Past(
        "R13", readings[-1].read_on, readings[-1].value, usage.Quality.estimated
    )
    assert {code for _, code in judge([*readings[:-1], estimated], since=13)} == {"ER01"}


def test_after_estimates_alone_nothing_is_abnormal() -> None:
    first = judging.Past("R0", dt.date(2024, 1, 1), Decimal(0), usage.Quality.estimated)
    second = judging.Past("R1", dt.date(2024, 2, 1), Decimal(500), usage.Quality.actual)
    assert judge([first, second], since=1) == []


def test_a_low_estimate_that_is_put_right_charges_nobody() -> None:
    readings = past([*EVEN, 10, 390])
    low = judging.Past("R13", readings[13].read_on, readings[13].value, usage.Quality.estimated)
    assert "ER20" not in {code for _, code in judge([*readings[:13], low, readings[14]], since=14)}


def test_two_readings_of_one_day_are_no_month() -> None:
    readings = past([*EVEN, 900])
    again = judging.Past("again", readings[-1].read_on, readings[-1].value, usage.Quality.actual)
    assert ("again", "ER18") not in judge([*readings, again], since=14)


def test_the_honest_reading_after_a_wild_one_is_judged_without_it() -> None:
    readings = past([*EVEN, 60_000])
    honest = judging.Past(
        "honest", dt.date(2025, 3, 10), readings[12].value + 420, usage.Quality.actual
    )
    found = judge([*readings, honest], since=13)
    assert found == [("R13", "ER18"), ("R13", "ER10")]


def test_a_negative_reading_is_no_ground_for_the_next() -> None:
    assert judge(past([*EVEN, -300, 700]), since=13) == [("R13", "ER10")]


@given(USES)
def test_judging_again_or_from_the_middle_finds_the_same(uses: list[int]) -> None:
    readings = past(uses)
    whole = judge(readings)
    assert judge(readings) == whole
    doubted = {reading for reading, code in whole if code in judging.WRONG_CODES}
    middle = len(readings) // 2
    again = judging.judge(
        readings,
        register=REGISTER,
        since=middle,
        doubted=doubted,
        policies=[POLICY] * len(readings),
    )
    assert {(each.reading_id, each.flag.code) for each in again} <= set(whole)


@given(st.lists(st.integers(1, 900), min_size=4, max_size=20), st.integers(0, 2_000))
def test_deviations_have_the_sign_of_the_difference(uses: list[int], used: int) -> None:
    cycles = judging.cycles_of(past(uses), REGISTER)
    z = usage.deviations(cycles, used_kwh=Decimal(used), days=30)
    usual = usage.usual(cycles, days=30)
    assert z is not None
    assert usual is not None
    if used > usual.typical_kwh + 1:
        assert z > 0
    if used < usual.typical_kwh - 1:
        assert z < 0


def test_no_days_have_no_deviation() -> None:
    cycles = judging.cycles_of(past(EVEN), REGISTER)
    assert usage.deviations(cycles, used_kwh=Decimal(1), days=0) is None
    assert usage.deviations(cycles[:2], used_kwh=Decimal(1), days=30) is None
