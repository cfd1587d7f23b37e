from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from api.notices import retrying

TRIES = st.integers(min_value=1, max_value=10_000)
SPREADS = st.floats(min_value=0, max_value=1)


def test_each_pause_is_twice_the_one_before_until_an_hour() -> None:
    pauses = [retrying.pause(tries=n, asked_s=None, spread=0).total_seconds() for n in range(1, 12)]
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]


def test_what_the_receiver_asks_for_is_kept_up_to_a_day() -> None:
    assert retrying.pause(tries=1, asked_s=300, spread=0) == dt.timedelta(seconds=300)
    assert retrying.pause(tries=6, asked_s=1, spread=0) == dt.timedelta(seconds=320)
    assert retrying.pause(tries=1, asked_s=999_999_999, spread=0) == dt.timedelta(days=1)


@given(TRIES, SPREADS)
def test_a_pause_is_spread_over_half_of_itself_more(tries: int, spread: float) -> None:
    least, pause, most = (
        retrying.pause(tries=tries, asked_s=None, spread=each) for each in (0, spread, 1)
    )
    assert least <= pause <= most == least * (1 + retrying.JITTER)
