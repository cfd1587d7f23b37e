from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import belonging
from schemas.rules.belonging import Hand, Held, Stay
from schemas.rules.done_work import Holding
from tests.schemas.rules import vectors

DAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
CREWS = st.sampled_from(["a", "b", "c"])
INSTANTS = st.integers(0, 20).map(lambda hours: DAY + dt.timedelta(hours=hours))
HANDS = st.lists(
    st.builds(Hand, st.none() | CREWS, st.sampled_from([None, "li", "chen"]), INSTANTS), max_size=5
).map(lambda hands: sorted(hands, key=lambda hand: hand.since))
STAYS = st.lists(st.builds(Stay, CREWS, st.none() | INSTANTS, st.none() | INSTANTS), max_size=4)


def at(text: str | None) -> dt.datetime | None:
    return None if text is None else clock(text)


def clock(text: str) -> dt.datetime:
    return dt.datetime.combine(DAY.date(), dt.time.fromisoformat(text), tzinfo=dt.UTC)


def stays_of(case: vectors.Case) -> list[Stay]:
    return [Stay(crew_id, at(since), at(until)) for crew_id, since, until in case["stays"]]


def ask(
    hands: list[Hand], stays: list[Stay], earliest_at: dt.datetime, latest_at: dt.datetime
) -> Held | None:
    return belonging.held(
        hands, stays, person_id="li", earliest_at=earliest_at, latest_at=latest_at
    )


@pytest.mark.parametrize("case", vectors.cases("belonging"))
def test_an_order_stood_to_a_person_as_the_story_says(case: vectors.Case) -> None:
    hands = [Hand(crew_id, person_id, clock(since)) for crew_id, person_id, since in case["hands"]]
    held = ask(hands, stays_of(case), *map(clock, case["happened"]))
    told = (None, None) if held is None else (held.holding, held.place)
    assert told == (case["holding"], case["place"])
    assert held is None or held.place in held.places


@pytest.mark.parametrize("case", vectors.cases("belonging", "was_in"))
def test_a_person_was_in_a_crew_from_when_to_when(case: vectors.Case) -> None:
    assert belonging.was_in(stays_of(case), at=clock(case["at"])) is case["answer"]


@given(HANDS, STAYS, INSTANTS)
def test_every_hand_that_was_theirs_is_named_and_no_other(
    hands: list[Hand], stays: list[Stay], when: dt.datetime
) -> None:
    held = ask(hands, stays, when, when)
    mine = {
        place
        for place, hand in enumerate(hands)
        if hand.person_id == "li" or hand.crew_id in {stay.crew_id for stay in stays}
    }
    assert (held.places if held else set()) <= mine
    alone = {place for place in mine if hands[place].person_id == "li"}
    assert alone <= (held.places if held else frozenset())


@given(HANDS, STAYS, INSTANTS, INSTANTS)
def test_a_wider_doubt_is_never_to_the_persons_harm(
    hands: list[Hand], stays: list[Stay], one: dt.datetime, other: dt.datetime
) -> None:
    order = list(Holding)
    sure, doubtful = (
        ask(hands, stays, one, one),
        ask(hands, stays, min(one, other), max(one, other)),
    )
    assert (sure is None) == (doubtful is None)
    if sure and doubtful:
        assert order.index(doubtful.holding) <= order.index(sure.holding)


@given(HANDS, STAYS, INSTANTS, CREWS)
def test_to_have_been_in_a_crew_for_longer_takes_nothing_away(
    hands: list[Hand], stays: list[Stay], when: dt.datetime, crew_id: str
) -> None:
    order = [*Holding, None]
    before, after = (ask(hands, each, when, when) for each in (stays, [*stays, Stay(crew_id)]))
    told = [None if each is None else each.holding for each in (before, after)]
    assert order.index(told[1]) <= order.index(told[0])
