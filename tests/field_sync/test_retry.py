"""Waits grow, spread, listen to the server, and have an end."""

from __future__ import annotations

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


@given(st.integers(1, 100), st.floats(0, 1), st.none() | st.floats(0, 1e9, allow_nan=False))
def test_no_wait_is_longer_than_the_limit_or_shorter_than_the_server_asks(
    failures: int, spread: float, retry_after_s: float | None
) -> None:
    wait_s = retry.delay_s(failures=failures, spread=spread, retry_after_s=retry_after_s)
    assert min(retry_after_s or 0.0, retry.LONGEST_S) <= wait_s <= retry.LONGEST_S
