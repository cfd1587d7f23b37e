from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import done_work, transitions
from schemas.rules.done_work import Holding, Verdict
from schemas.rules.transitions import Event, Kind, State
from tests.schemas.rules import vectors

ACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind),
        "state": st.sampled_from(State),
        "event": st.sampled_from(Event),
        "holding": st.sampled_from(Holding),
        "own_state": st.sampled_from(State),
        "past": st.booleans(),
    }
)


def weigh(act: dict[str, object]) -> Verdict:
    return done_work.weigh(
        act["kind"],  # type: ignore[arg-type]  # drawn above
        act["state"],  # type: ignore[arg-type]  # drawn above
        act["event"],  # type: ignore[arg-type]  # drawn above
        holding=act["holding"],  # type: ignore[arg-type]  # drawn above
        own_state=act["own_state"],  # type: ignore[arg-type]  # drawn above
        past=act["past"],  # type: ignore[arg-type]  # drawn above
    )


@pytest.mark.parametrize("case", vectors.cases("done_work"))
def test_an_act_is_weighed_as_the_story_says(case: vectors.Case) -> None:
    kind = Kind(case["kind"])
    own_state = done_work.came_to(kind, map(Event, case["events"]))
    verdict = done_work.weigh(
        kind,
        State(case["state"]),
        Event(case["event"]),
        holding=Holding(case["holding"]),
        own_state=own_state,
        past=case["past"],
    )
    assert verdict == case["verdict"]


def test_every_verdict_has_its_story() -> None:
    told = {case["verdict"] for case in vectors.load("done_work")["cases"]}
    assert told == set(Verdict)


@given(ACTS)
def test_only_whole_work_moves_another_crews_order_and_never_back(act: dict[str, object]) -> None:
    verdict = weigh(act)
    if verdict in {Verdict.counts, Verdict.fact}:
        event, state = Event(str(act["event"])), State(str(act["state"]))
        target = done_work.DONE[event]
        assert (act["kind"], act["own_state"], event) in transitions.MOVES
        assert act["holding"] is not Holding.now
        assert not transitions.is_settled(state)
        assert state not in transitions.LINE[transitions.LINE.index(target) :]


@given(ACTS)
def test_those_at_the_site_lose_the_order_only_to_who_held_it_then(act: dict[str, object]) -> None:
    if weigh(act) is Verdict.counts and act["state"] in done_work.AT_SITE:
        assert act["holding"] is Holding.then


@given(ACTS)
def test_what_is_past_moves_nothing(act: dict[str, object]) -> None:
    assert (weigh(act) is Verdict.past) == act["past"]


@given(st.sampled_from(Kind), st.lists(st.sampled_from(Event), max_size=20))
def test_own_acts_alone_walk_the_table_of_moves(kind: Kind, events: list[Event]) -> None:
    state = done_work.came_to(kind, events)
    assert done_work.came_to(kind, [*events, Event.finish]) == (
        transitions.move(kind, state, Event.finish).to
    )
