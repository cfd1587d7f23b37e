"""Batches: a reader's day, and all that a reader reads, against chance."""

from __future__ import annotations

import json
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import batches
from schemas.rules.batches import Kind
from tests.makers import walks as make

POLICY = make.POLICY.batches
RATES = dict(batches.PRIOR)


def day(total: int, marked: int, kind: Kind) -> list[batches.Mark]:
    """Make a day of so many readings, of which so many are of a kind."""
    return [
        batches.Mark(f"R{number}", frozenset({kind} if number < marked else ()))
        for number in range(total)
    ]


@pytest.mark.parametrize(
    ("kind", "marked", "flagged"),
    [
        (Kind.equal, 1, False),
        (Kind.equal, 2, False),  # two in a hundred are chance
        (Kind.equal, 7, True),
        (Kind.round, 11, False),
        (Kind.round, 16, True),
        (Kind.zero, 20, False),
        (Kind.zero, 40, True),
    ],
)
def test_a_day_against_chance(kind: Kind, marked: int, *, flagged: bool) -> None:
    charged = list(batches.judge(day(100, marked, kind), RATES, POLICY))
    assert [each.reading_id for each in charged] == [f"R{n}" for n in range(marked) if flagged]
    for each in charged:
        json.dumps(dict(each.flag.inputs))
        assert (each.flag.code, each.flag.severity) == ("ER15", "H")


def test_the_sentence_can_be_counted() -> None:
    charge = next(iter(batches.judge(day(60, 9, Kind.equal), RATES, POLICY)))
    assert charge.flag.en == (
        "9 of 60 readings of this reader's day are exact estimates; expected 0.6"
    )
    assert charge.flag.zh == "该抄表员当日 60 个示数中有 9 个与估算值完全相等；预期 0.6 个"


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_tail_is_a_probability_that_falls_with_the_count(
    count: int, more: int, rate: float
) -> None:
    total = count + more
    p = batches.tail(count, total, rate)
    assert 0 <= p <= 1
    if count:
        assert p <= batches.tail(count - 1, total, rate) + 1e-12


@pytest.mark.parametrize(
    ("count", "total", "rate", "p"),
    [(0, 5, 0.1, 1.0), (1, 1, 0.25, 0.25), (2, 3, 0.5, 0.5), (3, 3, 0.0, 0.0), (3, 4, 1.0, 1.0)],
)
def test_the_tail_of_small_cases_is_exact(count: int, total: int, rate: float, p: float) -> None:
    assert batches.tail(count, total, rate) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("chi_square", "p"), [(4.168, 0.9), (14.684, 0.1), (16.919, 0.05), (21.666, 0.01)]
)
def test_digits_answer_as_the_table_of_chi_square(chi_square: float, p: float) -> None:
    # two digits that differ by d from an even 1,000 give a chi-square of 2 d^2 / 1,000
    off = math.sqrt(chi_square * 1_000 / 2)
    counts = [1_000.0] * 8 + [1_000 + off, 1_000 - off]
    assert batches.digits_p(counts) == pytest.approx(p, rel=0.03)


def test_no_digits_are_no_evidence() -> None:
    assert batches.digits_p([0] * 10) == 1.0


@given(st.lists(st.floats(0, 1), max_size=30))
def test_holm_keeps_no_more_than_asking_each_alone(p_values: list[float]) -> None:
    kept = batches.holm(p_values, 0.05)
    assert all(p_values[at] <= 0.05 for at in kept)
    assert {at for at, p in enumerate(p_values) if p * len(p_values) <= 0.05} <= set(kept)
    assert [p_values[at] for at in kept] == sorted(p_values[at] for at in kept)


def reader(name: str, *, total: int = 1_000, zero: int = 130, nines: int = 100) -> batches.Reader:
    """Make a reader of so many readings, of which so many end in nine and so many are zero."""
    rest = (total - nines) // 9
    digits = [rest] * 9 + [total - 9 * rest]
    return batches.Reader(name, digits, {Kind.zero: zero}, total)


def test_a_reader_whose_digits_are_made_up_is_odd() -> None:
    others = [reader(f"r{number}") for number in range(6)]
    (odd,) = batches.odd_readers([*others, reader("li", nines=190)], POLICY)
    assert (odd.reader_id, odd.flag.code, odd.flag.severity) == ("li", "ER40", "L")


def test_a_reader_whose_rates_are_not_the_others_is_odd() -> None:
    others = [reader(f"r{number}") for number in range(6)]
    (odd,) = batches.odd_readers([*others, reader("li", zero=260)], POLICY)
    assert (odd.reader_id, odd.flag.code) == ("li", "ER41")
    assert odd.flag.en == "260 of 1000 readings are zero; 130.1 among all readers"


def test_who_read_little_is_told_nothing() -> None:
    few = reader("li", total=POLICY.digits_readings_min - 1, zero=200, nines=150)
    assert list(batches.odd_readers([reader("r0"), few], POLICY)) == []


@pytest.mark.parametrize(
    ("total", "used", "equals", "kinds"),
    [
        ("12345", "107", False, set()),
        ("12350", "107", False, {Kind.round}),
        ("12345", "150", False, {Kind.round}),
        ("12345", "0", False, {Kind.zero}),
        ("0", None, False, set()),
        ("12345", "107", True, {Kind.equal}),
    ],
)
def test_what_is_remarkable_about_a_value(
    total: str, used: str | None, *, equals: bool, kinds: set[Kind]
) -> None:
    used_units = None if used is None else Decimal(used)
    assert batches.kinds_of(Decimal(total), used_units, equals_estimate=equals) == kinds


def test_a_small_population_leans_on_the_prior() -> None:
    assert batches.rates_of([]) == pytest.approx(RATES)
    many = batches.rates_of([frozenset({Kind.zero})] * 1_800)
    assert many[Kind.zero] == pytest.approx(0.913)
    assert many[Kind.equal] == pytest.approx(0.001)
