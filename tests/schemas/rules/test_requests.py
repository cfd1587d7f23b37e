from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import requests as shapes
from schemas.rules import requests
from schemas.rules.requests import Event, Kind, State
from tests.schemas.rules import vectors

WALKS = st.lists(st.sampled_from(Event), max_size=30)


@pytest.mark.parametrize("case", vectors.cases("requests"))
def test_a_request_moves_as_the_vectors_say(case: vectors.Case) -> None:
    to = requests.move(Kind(case["kind"]), State(case["state"]), Event(case["event"]))
    assert to == case["to"]


@given(kind=st.sampled_from(Kind), walk=WALKS)
def test_a_complaint_is_archived_only_behind_a_call_back(kind: Kind, walk: list[Event]) -> None:
    state, seen = State.reported, [State.reported]
    for event in walk:
        to = requests.move(kind, state, event)
        assert (event in requests.events_from(kind, state)) is (to is not None)
        if to is not None:
            state = to
            seen.append(to)
    if kind is Kind.complaint and state is State.archived:
        assert seen[-4:] == [State.contacted, State.answered, State.called_back, State.archived]
    if state in requests.SETTLED:
        assert requests.events_from(kind, state) == ()


def test_every_kind_has_the_events_that_its_promises_run_between() -> None:
    assert set(requests.STARTS) == set(requests.ENDS) == set(Kind)


def test_every_state_and_event_has_its_chinese_word() -> None:
    assert set(shapes.STATE_ZH) == set(State)
    assert set(shapes.EVENT_ZH) == set(Event)
