from __future__ import annotations

import datetime as dt
import functools

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
    due_error_s: float = 0.0,
    covered_s: int | None = None,
    voided_s: int | None = None,
) -> clocks.Judgement:
    return clocks.judge(
        now=at(now_s),
        started_at=START,
        due=clocks.told(at(DUE_S), due_error_s),
        stop=None if stop_s is None else clocks.told(at(stop_s), error_s),
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
        due=clocks.told(vectors.must_at(case["due_at"]), case.get("due_error_s", 0.0)),
        stop=stop and clocks.told(vectors.must_at(stop["happened_at"]), stop["error_s"]),
        covered_until=vectors.at(case["covered_until"]),
        grace_s=case["grace_s"],
        voided_at=vectors.at(case["voided_at"]),
        paused_at=vectors.at(case.get("paused_at")),
    )
    expected = case["expect"]
    assert judgement == clocks.Judgement(
        clocks.State(expected["state"]),
        expected["sure"],
        expected["late_s"],
        vectors.at(expected["next_at"]),
    )


@pytest.mark.parametrize("case", vectors.cases("clocks", "near"))
def test_a_crew_is_told_of_a_promise_as_the_vectors_say(case: vectors.Case) -> None:
    near_at = clocks.near_at(
        started_at=vectors.must_at(case["started_at"]),
        due_at=vectors.must_at(case["due_at"]),
        stopped_at=vectors.at(case["stopped_at"]),
        stop_event=case["stop_event"],
    )
    assert near_at == vectors.at(case["expect"])


@given(SECONDS, SECONDS, st.none() | SECONDS, SECONDS)
def test_when_we_hear_of_a_stop_never_matters(
    now_s: int, stop_s: int, covered_s: int | None, later_s: int
) -> None:
    early = judge(now_s, stop_s=stop_s, covered_s=covered_s)
    late = judge(now_s + abs(later_s), stop_s=stop_s, covered_s=None)
    assert early == late
    assert (early.state is clocks.State.kept) == (stop_s <= DUE_S)


@given(SECONDS, SECONDS, st.floats(0, 5_000), st.floats(0, 5_000))
def test_a_sure_judgement_survives_any_true_moments_within_the_errors(
    now_s: int, stop_s: int, error_s: float, due_error_s: float
) -> None:
    judgement = judge(now_s, stop_s=stop_s, error_s=error_s, due_error_s=due_error_s)
    if judgement.sure:
        for true_s in (stop_s - error_s + 1e-5, stop_s, stop_s + error_s):
            for due_s in (DUE_S - due_error_s, DUE_S, DUE_S + due_error_s - 1e-5):
                assert (true_s <= due_s) == (judgement.state is clocks.State.kept)


@given(st.lists(st.tuples(SECONDS, st.integers(0, 5_000)), min_size=1, max_size=5), st.data())
def test_the_earliest_of_many_words_lies_within_their_bounds(
    words: list[tuple[int, int]], data: st.DataObject
) -> None:
    known = functools.reduce(
        clocks.Told.also, [clocks.told(at(said_s), error_s) for said_s, error_s in words]
    )
    true_s = [data.draw(st.integers(said_s - err_s, said_s + err_s)) for said_s, err_s in words]
    assert known.from_at <= at(min(true_s)) <= known.by_at
    assert known.at == at(min(said_s for said_s, _ in words))


def test_a_later_word_that_may_have_been_in_time_leaves_a_breach_in_doubt() -> None:
    late = clocks.told(at(DUE_S + 60))
    maybe = clocks.told(at(DUE_S + 600), 900)
    for stop, sure in ((late, True), (late.also(maybe), False)):
        judgement = clocks.judge(
            now=at(DUE_S + 900),
            started_at=START,
            due=clocks.told(at(DUE_S)),
            stop=stop,
            covered_until=None,
            grace_s=GRACE_S,
        )
        assert (judgement.state, judgement.sure) == (clocks.State.breached, sure)


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
