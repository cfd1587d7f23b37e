"""Waits grow, spread, listen to the server, and have an end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_sync import retry


@pytest.mark.parametrize(
    ("failures", "shortest_s", "longest_s"),
    [(1, 1.0, 2.0), (2, 2.0, 4.0), (3, 4.0, 8.0), (9, 150.0, 300.0), (1_000, 150.0, 300.0)],
)
def test_a_wait_doubles_up_to_its_limit(failures: int, shortest_s: float, longest_s: float) -> None:
    assert retry.delay_s(failures=failures, spread=0.0) == longest_s
    assert retry.delay_s(failures=failures, spread=1.0) == shortest_s


FAILURES = st.integers(1, 100)
SPREAD = st.floats(0, 1)
ASKED_S = st.none() | st.floats(0, 1e9, allow_nan=False)


@pytest.mark.rule("H12")
@given(FAILURES, SPREAD, ASKED_S)
def test_no_wait_is_shorter_than_the_server_asks(
    failures: int, spread: float, retry_after_s: float | None
) -> None:
    wait_s = retry.delay_s(failures=failures, spread=spread, retry_after_s=retry_after_s)
    asked_s = min(retry_after_s or 0.0, retry.ASKED_LONGEST_S)
    assert asked_s <= wait_s <= max(1.5 * asked_s, retry.LONGEST_S)


@given(FAILURES, SPREAD)
def test_our_own_wait_has_an_end(failures: int, spread: float) -> None:
    assert 1.0 <= retry.delay_s(failures=failures, spread=spread) <= retry.LONGEST_S


@pytest.mark.rule("H12")
def test_phones_that_were_told_the_same_do_not_come_back_together() -> None:
    phones = 5_000
    waits = [
        retry.delay_s(failures=1, spread=phone / phones, retry_after_s=120)
        for phone in range(phones)
    ]
    assert (min(waits) >= 120, max(waits)) == (True, 180)
    arrivals = Counter(int(wait_s) for wait_s in waits)
    assert max(arrivals.values()) <= 2 * phones / 60
