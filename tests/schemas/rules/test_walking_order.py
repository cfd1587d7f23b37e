"""The order of a route as it was walked."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import walking_order

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def place(name: str, minute: int | None, lon_deg: float = 110.3) -> walking_order.Place:
    at = None if minute is None else NOON + dt.timedelta(minutes=minute)
    return walking_order.Place(name, at, 20.0, lon_deg)


def test_what_was_not_read_stays_behind_its_neighbour() -> None:
    plan = [place("a", None), place("b", 9), place("c", None), place("d", 3), place("e", 5)]
    found = walking_order.propose(plan)
    assert (found.stop_ids, found.walked) == (("a", "d", "e", "b", "c"), 3)


def test_a_zigzag_is_longer_than_the_walk() -> None:
    plan = [place("a", 1, 110.30), place("c", 3, 110.32), place("b", 2, 110.31)]
    found = walking_order.propose(plan)
    assert found.stop_ids == ("a", "b", "c")
    assert round(found.planned_m / found.proposed_m, 3) == 1.5


def test_nothing_walked_proposes_the_plan() -> None:
    assert walking_order.propose([]).stop_ids == ()
    plan = [place("b", None), place("a", None)]
    assert walking_order.propose(plan).stop_ids == ("b", "a")


@given(st.lists(st.none() | st.integers(0, 50), max_size=30))
def test_every_stop_is_proposed_once(minutes: list[int | None]) -> None:
    plan = [place(str(number), minute) for number, minute in enumerate(minutes)]
    found = walking_order.propose(plan)
    assert sorted(found.stop_ids) == sorted(each.stop_id for each in plan)
