from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import transitions
from tests.schemas.rules import vectors

KINDS = st.sampled_from(transitions.Kind)
STATES = st.sampled_from(transitions.State)
EVENTS = st.sampled_from(transitions.Event)


@pytest.mark.parametrize("case", vectors.cases("transitions", "stories"))
def test_a_story_walks_through_its_states(case: vectors.Case) -> None:
    kind = transitions.Kind(case["kind"])
    state = transitions.State(case["state"])
    walked = []
    for event in case["events"]:
        move = transitions.move(kind, state, transitions.Event(event))
        assert move.step is transitions.Step.moves
        state = move.to
        walked.append(state)
    assert walked == case["states"]


@pytest.mark.parametrize("case", vectors.cases("transitions", "proofs"))
def test_what_an_event_shows_is_what_the_vectors_say(case: vectors.Case) -> None:
    assert transitions.implies(case["event"], case["earlier"]) is case["implies"]


@pytest.mark.parametrize("case", vectors.cases("transitions", "table"))
def test_each_state_answers_each_event_as_the_table_says(case: vectors.Case) -> None:
    kind = transitions.Kind(case["kind"])
    state = transitions.State(case["state"])
    moves = {}
    overtaken = []
    for event in transitions.Event:
        move = transitions.move(kind, state, event)
        if move.step is transitions.Step.moves:
            moves[event.value] = move.to.value
        else:
            assert move.to is state
        if move.step is transitions.Step.overtaken:
            overtaken.append(event.value)
    assert moves == case["moves"]
    assert overtaken == case["overtaken"]


def test_the_table_covers_every_kind_and_state() -> None:
    named = {(case["kind"], case["state"]) for case in vectors.load("transitions")["table"]}
    assert named == {(kind, state) for kind in transitions.Kind for state in transitions.State}


@given(KINDS, STATES, EVENTS)
def test_what_moves_is_never_overtaken(
    kind: transitions.Kind, state: transitions.State, event: transitions.Event
) -> None:
    moves = (kind, state, event) in transitions.MOVES
    assert not (moves and transitions.overtaken(kind, state, event))
    assert moves == (event in transitions.events_from(kind, state))


@given(KINDS, STATES, EVENTS)
def test_nothing_moves_a_settled_order(
    kind: transitions.Kind, state: transitions.State, event: transitions.Event
) -> None:
    move = transitions.move(kind, state, event)
    assert not (transitions.is_settled(state) and move.step is transitions.Step.moves)


@given(KINDS, st.lists(EVENTS, max_size=40))
def test_no_walk_archives_a_repair_that_was_not_called_back(
    kind: transitions.Kind, events: list[transitions.Event]
) -> None:
    state = transitions.State.reported
    seen = [state]
    for event in events:
        state = transitions.move(kind, state, event).to
        seen.append(state)
    if kind is transitions.Kind.repair and state is transitions.State.archived:
        assert transitions.State.called_back in seen


@given(KINDS)
def test_every_open_state_that_a_kind_reaches_can_still_settle(kind: transitions.Kind) -> None:
    for state in _reachable(kind, transitions.State.reported):
        assert _reachable(kind, state) & transitions.SETTLED


def _reachable(kind: transitions.Kind, start: transitions.State) -> set[transitions.State]:
    seen = {start}
    frontier = [start]
    while frontier:
        state = frontier.pop()
        for event in transitions.events_from(kind, state):
            to = transitions.move(kind, state, event).to
            if to not in seen:
                seen.add(to)
                frontier.append(to)
    return seen
