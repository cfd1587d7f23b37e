"""Acts of one boot are tied by its monotonic clock."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import boots
from schemas.rules.event_time import JUMP_S
from tests.schemas.rules.test_event_time import DAY_S, ENROLLED, Phone, at

MINUTE_S = 60


def test_each_act_lies_between_those_before_and_after_it() -> None:
    phone = Phone(0)
    first, second = phone.reading(0), phone.reading(10 * MINUTE_S)
    tied = boots.Tied([first, second])
    assert tied.window(first, not_before=at(-60), received_at=at(3_600)) == (
        at(-60),
        at(3_000.062),
    )
    assert tied.window(second, not_before=at(-60), received_at=at(3_600)) == (
        at(539.938),
        at(3_600.002),
    )


def test_a_clock_set_between_two_acts_is_seen() -> None:
    early, late = Phone(0).reading(0), Phone(JUMP_S + 1).reading(100)
    assert boots.Tied([early, late]).was_set
    assert not boots.Tied([early, Phone(JUMP_S).reading(100)]).was_set


def test_boots_are_tied_apart() -> None:
    tied = boots.tie([Phone(0, "A").reading(0), Phone(1_145, "B").reading(0)])
    assert {boot: each.was_set for boot, each in tied.items()} == {"A": False, "B": False}
    assert boots.tie([]) == {}


@given(st.lists(DAY_S, min_size=1, max_size=8), st.integers(0, 3_600))
def test_no_window_leaves_out_the_truth(acts_s: list[int], later_s: int) -> None:
    """However the acts of a boot lie, what is told of each by the others holds it."""
    phone = Phone(-90_000)
    readings = [phone.reading(act_s) for act_s in acts_s]
    tied = boots.Tied(readings)
    received_at = at(max(acts_s) + later_s)
    for act_s, reading in zip(acts_s, readings, strict=True):
        earliest, latest = tied.window(reading, not_before=ENROLLED, received_at=received_at)
        assert earliest <= at(act_s) <= latest + dt.timedelta(seconds=0.001)
