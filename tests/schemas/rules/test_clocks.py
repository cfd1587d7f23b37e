from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import clocks
from tests.schemas.rules import vectors

START = dt.datetime(2026, 5, 6, tzinfo=dt.UTC)
DUE_S = 3_600
GRACE_S = 7_200.0
SECONDS = st.integers(-1_000, 20_000)


def at(second: int) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


def judge(
    now_s: int,
    *,
    stop_s: int | None = None,
    error_s: float = 0.0,
    covered_s: int | None = None,
    voided_s: int | None = None,
) -> clocks.Judgement:
    return clocks.judge(
        now=at(now_s),
        started_at=START,
        due_at=at(DUE_S),
        stop=None if stop_s is None else clocks.Stop(at(stop_s), error_s),
        covered_until=None if covered_s is None else at(covered_s),
        grace_s=GRACE_S,
        voided_at=None if voided_s is None else at(voided_s),
    )


@pytest.mark.parametrize("case", vectors.cases("clocks"))
def test_a_clock_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    stop = case["stop"]
    judgement = clocks.judge(
        now=vectors.must_at(case["now"]),
        started_at=vectors.must_at(case["started_at"]),
        due_at=vectors.must_at(case["due_at"]),
        stop=stop and clocks.Stop(vectors.must_at(stop["happened_at"]), stop["error_s"]),
        covered_until=vectors.at(case["covered_until"]),
        grace_s=case["grace_s"],
        voided_at=vectors.at(case["voided_at"]),
    )
    expected = case["expect"]
    assert judgement == clocks.Judgement(
        clocks.State(expected["state"]),
        expected["sure"],
        expected["late_s"],
        vectors.at(expected["next_at"]),
    )


@given(SECONDS, SECONDS, st.none() | SECONDS, SECONDS)
def test_when_we_hear_of_a_stop_never_matters(
    now_s: int, stop_s: int, covered_s: int | None, later_s: int
) -> None:
    early = judge(now_s, stop_s=stop_s, covered_s=covered_s)
    late = judge(now_s + abs(later_s), stop_s=stop_s, covered_s=None)
    assert early == late
    assert (early.state is clocks.State.kept) == (stop_s <= DUE_S)


@given(SECONDS, SECONDS, st.floats(0, 5_000))
def test_a_sure_judgement_survives_any_true_moment_within_the_error(
    now_s: int, stop_s: int, error_s: float
) -> None:
    judgement = judge(now_s, stop_s=stop_s, error_s=error_s)
    if judgement.sure:
        for true_s in (stop_s - error_s + 1e-5, stop_s, stop_s + error_s):
            kept = true_s <= DUE_S
            assert kept == (judgement.state is clocks.State.kept)


@given(SECONDS, st.none() | SECONDS)
def test_a_wait_ends_at_next_at_and_not_before(now_s: int, covered_s: int | None) -> None:
    judgement = judge(now_s, covered_s=covered_s)
    if judgement.next_at is not None:
        next_s = int((judgement.next_at - START).total_seconds())
        assert next_s >= now_s
        between = judge((now_s + next_s) // 2, covered_s=covered_s)
        assert between.state is judgement.state
        after = judge(next_s + 1, covered_s=covered_s)
        assert after.state is not judgement.state
    else:
        assert judge(now_s + 10**6, covered_s=covered_s).state is judgement.state


@given(SECONDS, st.none() | SECONDS)
def test_no_breach_is_called_while_a_silent_phone_is_in_its_grace(
    now_s: int, covered_s: int | None
) -> None:
    judgement = judge(now_s, covered_s=covered_s)
    silent = covered_s is not None and covered_s < DUE_S
    if silent and now_s <= DUE_S + GRACE_S:
        assert judgement.state is not clocks.State.breached


@given(SECONDS, SECONDS)
def test_a_cancellation_voids_only_before_the_deadline(now_s: int, voided_s: int) -> None:
    judgement = judge(now_s, voided_s=voided_s)
    assert (judgement.state is clocks.State.void) == (voided_s <= DUE_S)
