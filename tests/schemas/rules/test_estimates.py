from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import estimates, estimators, flags, meter_reading, usage
from tests.schemas.rules import vectors

Decimal = decimal.Decimal
USES = st.lists(st.integers(0, 2_000), min_size=1, max_size=20)
REGISTER = meter_reading.Register(6)


def cycle(fields: vectors.Case) -> usage.Cycle:
    used_kwh = fields["used_kwh"]
    return usage.Cycle(
        dt.date.fromisoformat(fields["read_on"]),
        Decimal(fields["value"]),
        usage.Quality(fields["quality"]),
        fields["days"],
        None if used_kwh is None else Decimal(used_kwh),
    )


def register(fields: vectors.Case) -> meter_reading.Register:
    return meter_reading.Register(
        fields["digits"], fields["decimals"], Decimal(fields["multiplier"])
    )


def cycles(uses: list[int], *, quality: usage.Quality = usage.Quality.actual) -> list[usage.Cycle]:
    day = dt.date(2024, 1, 1)
    value = Decimal(100_000)
    known = [usage.Cycle(day, value, usage.Quality.actual, 0, None)]
    for used in uses:
        day += dt.timedelta(days=30)
        value += used
        known.append(usage.Cycle(day, value, quality, 30, Decimal(used)))
    return known


def judge(known: list[usage.Cycle]) -> tuple[flags.Flag, ...]:
    return estimates.judge(estimates.Case(known[-1], known[:-1], REGISTER), estimates.Limits())


@pytest.mark.parametrize("case", vectors.cases("estimates"))
def test_a_reading_is_flagged_as_the_vectors_say(case: vectors.Case) -> None:
    known = [cycle(fields) for fields in case["cycles"]]
    found = estimates.judge(
        estimates.Case(
            known[-1],
            known[:-1],
            register(case["register"]),
            method=case["method"] and estimators.Method(case["method"]),
            shown_kwh=case["shown_kwh"] and Decimal(case["shown_kwh"]),
            explained=frozenset(map(flags.Explanation, case["explained"])),
        ),
        estimates.Limits(),
    )
    told = [{"code": flag.code, "en": flag.en, "back": flag.back} for flag in found]
    assert told == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("estimators"))
def test_an_estimator_answers_as_the_vectors_say(case: vectors.Case) -> None:
    estimate = estimators.estimate(
        estimators.Method(case["method"]),
        estimators.Basis(
            [cycle(fields) for fields in case["cycles"]],
            dt.date.fromisoformat(case["read_on"]),
            case["days"],
            register(case["register"]),
            case["class_kwh_per_day"] and Decimal(case["class_kwh_per_day"]),
            case["agreed_kwh"] and Decimal(case["agreed_kwh"]),
        ),
    )
    if case["expect"] is None:
        assert estimate is None
    else:
        assert estimate is not None
        assert estimate.method == case["method"]
        assert estimate.used_kwh == Decimal(case["expect"])
        json.dumps(dict(estimate.inputs))


@pytest.mark.parametrize("case", vectors.cases("usage"))
def test_the_usual_is_what_the_vectors_say(case: vectors.Case) -> None:
    usual = usage.usual([cycle(fields) for fields in case["cycles"]], days=case["days"])
    expected = case["expect"] and usage.Usual(*map(Decimal, case["expect"]))
    assert usual == expected


@given(USES)
def test_running_again_gives_the_same_flags_ready_for_json(uses: list[int]) -> None:
    known = cycles(uses)
    found = judge(known)
    assert found == judge(known)
    for flag in found:
        json.dumps(dict(flag.inputs))
        assert "{" not in flag.en + flag.zh


@given(USES, st.integers(100, 5_000))
def test_a_copy_of_last_month_is_always_flagged(uses: list[int], used: int) -> None:
    assert "ER14" in {flag.code for flag in judge(cycles([*uses, used, used]))}


@given(st.lists(st.integers(101, 2_000), min_size=3, max_size=20))
def test_the_mean_of_three_is_always_flagged(uses: list[int]) -> None:
    known = cycles(uses)
    mean_kwh = estimators.rounded(Decimal(sum(uses[-3:])) / 3, REGISTER)
    assert "ER14" in {flag.code for flag in judge(cycles([*uses, int(mean_kwh)]))}
    assert known[-1].used_kwh == uses[-1]


@given(USES)
def test_a_register_that_only_moves_forward_is_never_negative(uses: list[int]) -> None:
    assert "ER10" not in {flag.code for flag in judge(cycles(uses))}


@given(USES, st.sampled_from(usage.Quality))
def test_only_declared_estimates_are_called_estimates(
    uses: list[int], quality: usage.Quality
) -> None:
    known = cycles(uses)
    known[-1] = dataclasses.replace(known[-1], quality=quality)
    codes = {flag.code for flag in judge(known)}
    assert ("ER01" in codes) is (quality is usage.Quality.estimated)


@given(
    st.lists(st.integers(150, 250), min_size=6, max_size=12),
    st.integers(3_000, 50_000),
    st.integers(150, 250),
)
def test_the_honest_reading_after_a_wild_one_is_not_blamed(
    uses: list[int], wild: int, honest: int
) -> None:
    known = cycles([*uses, wild, honest - wild])
    assert [(flag.code, flag.back) for flag in judge(known)] == [("ER10", 1)]


@given(USES, st.sampled_from(estimators.Method), st.integers(1, 60))
def test_no_estimate_is_negative_or_finer_than_the_register(
    uses: list[int], method: estimators.Method, days: int
) -> None:
    display = meter_reading.Register(6, 1, Decimal(60))
    estimate = estimators.estimate(
        method, estimators.Basis(cycles(uses), dt.date(2026, 1, 1), days, display)
    )
    if estimate is not None:
        assert estimate.used_kwh >= 0
        assert estimate.used_kwh % 6 == 0


@pytest.mark.parametrize(
    ("method", "inputs", "kwh"),
    [
        ("zero", {}, 0),
        ("agreed", {"agreed_kwh": "120"}, 120),
        ("mean_of_three", {"used_kwh": ["10", "20", "33"]}, 21),
        ("customer_class", {"class_kwh_per_day": "3.2", "days_wanted": 30}, 96),
        ("previous_scaled", {"used_kwh": "100", "days": 30, "days_wanted": 15}, 50),
    ],
)
def test_an_estimate_is_worked_out_again_from_its_inputs(
    method: str, inputs: dict[str, flags.Input], kwh: int
) -> None:
    assert estimators.recompute(estimators.Method(method), inputs, REGISTER) == kwh


@given(USES, st.sampled_from(estimators.Method), st.integers(1, 60))
def test_an_estimate_comes_again_from_its_kept_inputs_alone(
    uses: list[int], method: estimators.Method, days: int
) -> None:
    display = meter_reading.Register(6, 1, Decimal(60))
    basis = estimators.Basis(
        cycles(uses),
        dt.date(2026, 1, 1),
        days,
        display,
        class_kwh_per_day=Decimal("3.217"),
        agreed_kwh=Decimal("90.5"),
    )
    estimate = estimators.estimate(method, basis)
    if estimate is not None:
        kept = json.loads(json.dumps(dict(estimate.inputs)))
        assert estimators.recompute(method, kept, display) == estimate.used_kwh


@given(st.lists(st.sampled_from(usage.Quality), min_size=1, max_size=30))
def test_the_estimate_that_is_refused_is_the_one_that_would_be_flagged(
    qualities: list[usage.Quality],
) -> None:
    known = [
        dataclasses.replace(one, quality=quality)
        for one, quality in zip(cycles([100] * len(qualities))[1:], qualities, strict=True)
    ]
    limits = estimates.Limits(days_since_actual=100_000)
    day = known[-1].read_on + dt.timedelta(days=30)
    one_more = usage.Cycle(day, Decimal(0), usage.Quality.estimated, 30, Decimal(0))
    flagged = estimates.judge(estimates.Case(one_more, known, REGISTER), limits)
    is_used_up = estimates.used_up(known, day, limits) is not None
    assert is_used_up is any(flag.code == "ER02" for flag in flagged)


def test_what_is_used_up_tells_since_when_and_how_many() -> None:
    known = cycles([100, 100], quality=usage.Quality.estimated)
    day = known[-1].read_on + dt.timedelta(days=30)
    found = estimates.used_up(known, day, estimates.Limits())
    assert found == estimates.UsedUp(2, 2, known[1].read_on)
    for limits in (estimates.Limits(in_a_row=0), estimates.Limits(in_12_months=0)):
        none = estimates.used_up(known[:1], day, limits)
        assert none == estimates.UsedUp(0, 0, day)


@given(USES, st.integers(0, 100))
def test_the_typical_lies_within_its_band(uses: list[int], days: int) -> None:
    usual = usage.usual(cycles(uses), days=days)
    if usual is not None:
        assert 0 <= usual.low_kwh <= usual.typical_kwh <= usual.high_kwh


@given(USES)
def test_a_meter_is_active_only_if_it_always_used_something(uses: list[int]) -> None:
    recent = uses[-usage.CYCLES_MAX :]
    active = len(recent) >= usage.CYCLES_MIN and all(recent)
    assert usage.is_active(cycles(uses)) is active


def test_every_rule_speaks_both_languages() -> None:
    for rule in flags.RULES.values():
        assert rule.en
        assert rule.zh
        assert bool(rule.ask_en) is bool(rule.ask_zh)
