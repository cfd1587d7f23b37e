from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import windows
from schemas.rules.transitions import Event
from schemas.rules.windows import Aim
from tests.schemas.rules import vectors

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)
MINUTES = st.integers(-600_000, 600_000).map(lambda minutes: NOON + dt.timedelta(minutes=minutes))


@pytest.mark.parametrize("case", vectors.cases("windows", "windows"))
def test_a_window_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    found = windows.fault(
        vectors.must_at(case["given_at"]),
        from_at=vectors.at(case["from_at"]),
        due_at=vectors.must_at(case["due_at"]),
    )
    assert found == case["fault"]


@pytest.mark.parametrize("case", vectors.cases("windows", "agreements"))
def test_an_agreement_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    found = windows.hindrance(
        vectors.must_at(case["at"]),
        due_at=vectors.must_at(case["due_at"]),
        ended_at=vectors.at(case["ended_at"]),
    )
    assert found == case["hindrance"]


@pytest.mark.parametrize("case", vectors.cases("windows", "proofs"))
def test_what_keeps_a_promise_is_what_the_vectors_say(case: vectors.Case) -> None:
    found = windows.proves(
        Aim(case["aim"]),
        case["event"],
        by_at=vectors.must_at(case["by_at"]),
        opened_at=vectors.must_at(case["opened_at"]),
        given_at=vectors.must_at(case["given_at"]),
        from_at=vectors.at(case["from_at"]),
    )
    assert found is case["proves"]


@given(given_at=MINUTES, from_at=st.none() | MINUTES, due_at=MINUTES)
def test_a_window_that_stands_ends_after_everything_else(
    given_at: dt.datetime, from_at: dt.datetime | None, due_at: dt.datetime
) -> None:
    if windows.fault(given_at, from_at=from_at, due_at=due_at) is None:
        assert given_at < due_at
        assert from_at is None or from_at < due_at


@given(at=MINUTES, due_at=MINUTES, ended_at=st.none() | MINUTES)
def test_nothing_is_agreed_anew_after_it_is_due(
    at: dt.datetime, due_at: dt.datetime, ended_at: dt.datetime | None
) -> None:
    if at > due_at:
        assert windows.hindrance(at, due_at=due_at, ended_at=ended_at) is not None


@given(
    aim=st.sampled_from(Aim),
    event=st.sampled_from(Event),
    by_at=MINUTES,
    later_s=st.integers(0, 10_000_000),
    since=st.fixed_dictionaries(
        {"opened_at": MINUTES, "given_at": MINUTES, "from_at": st.none() | MINUTES}
    ),
)
def test_what_proves_goes_on_proving_when_it_happened_later(
    aim: Aim, event: Event, by_at: dt.datetime, later_s: int, since: dict[str, dt.datetime]
) -> None:
    later = by_at + dt.timedelta(seconds=later_s)
    if windows.proves(aim, event, by_at=by_at, **since):
        assert windows.proves(aim, event, by_at=later, **since)
