from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import seen
from schemas.rules.seen import Seen
from tests.schemas.rules import vectors

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)
INSTANTS = st.integers(-600, 600).map(lambda minutes: NOON + dt.timedelta(minutes=minutes))


@pytest.mark.parametrize("case", vectors.cases("seen"))
def test_a_promise_is_seen_as_the_vectors_say(case: vectors.Case) -> None:
    found = seen.clock(
        vectors.must_at(case["now"]),
        started_at=vectors.at(case["started_at"]),
        due_at=vectors.must_at(case["due_at"]),
        stopped_at=vectors.at(case["stopped_at"]),
        paused_at=vectors.at(case["paused_at"]),
        stop_event=case["stop_event"],
        is_unsent=case["is_unsent"],
    )
    assert found == case["expect"]


@given(INSTANTS, INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS)
def test_nothing_is_said_to_be_settled_that_the_office_has_not_heard_of(
    now: dt.datetime,
    due_at: dt.datetime,
    stopped_at: dt.datetime | None,
    paused_at: dt.datetime | None,
) -> None:
    found = seen.clock(
        now,
        started_at=None,
        due_at=due_at,
        stopped_at=stopped_at,
        paused_at=paused_at,
        stop_event=None,
        is_unsent=True,
    )
    assert found not in {Seen.kept, Seen.late}
