"""The life of a service request: one table of legal moves for complaints and every other kind.

A complaint is contacted before it is answered, and archived only after a call-back; the others end
with their answer.
Source: the product's closed loop for complaints (dispatch, contact, answer, call-back).
"""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(enum.StrEnum):
    """What is asked for."""

    complaint = "complaint"
    reading_dispute = "reading_dispute"
    meter_test = "meter_test"
    reconnection = "reconnection"
    hazard = "hazard"
    no_access = "no_access"


class State(enum.StrEnum):
    """Where a request stands."""

    reported = "reported"
    dispatched = "dispatched"
    contacted = "contacted"
    answered = "answered"
    called_back = "called_back"
    archived = "archived"
    withdrawn = "withdrawn"


class Event(enum.StrEnum):
    """What somebody does to a request."""

    dispatch = "dispatch"
    contact = "contact"
    answer = "answer"
    call_back = "call_back"
    reopen = "reopen"
    archive = "archive"
    withdraw = "withdraw"


SETTLED: Final = frozenset({State.archived, State.withdrawn})
"""Nothing moves a request from here."""

STARTS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.complaint: "report",
        Kind.reading_dispute: "request",
        Kind.meter_test: "request",
        Kind.reconnection: "pay",
        Kind.hazard: "notice",
        Kind.no_access: "skip",
    }
)
"""The event by which each kind begins, as policy rows name it."""

ENDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.complaint: "answer",
        Kind.reading_dispute: "answer",
        Kind.meter_test: "answer",
        Kind.reconnection: "reconnect",
        Kind.hazard: "rectify",
        Kind.no_access: "read",
    }
)
"""The event by which each kind is answered, as policy rows name it."""

_UNANSWERED: Final = (State.reported, State.dispatched, State.contacted)
_COMPLAINT: Final = MappingProxyType(
    {
        (State.reported, Event.dispatch): State.dispatched,
        (State.dispatched, Event.dispatch): State.dispatched,
        (State.contacted, Event.dispatch): State.contacted,
        (State.dispatched, Event.contact): State.contacted,
        (State.contacted, Event.answer): State.answered,
        (State.answered, Event.call_back): State.called_back,
        (State.called_back, Event.archive): State.archived,
        (State.called_back, Event.reopen): State.reported,
        **{(state, Event.withdraw): State.withdrawn for state in _UNANSWERED},
    }
)
_OTHER: Final = MappingProxyType(
    {
        (State.reported, Event.dispatch): State.dispatched,
        (State.dispatched, Event.dispatch): State.dispatched,
        (State.reported, Event.answer): State.archived,
        (State.dispatched, Event.answer): State.archived,
        (State.reported, Event.withdraw): State.withdrawn,
        (State.dispatched, Event.withdraw): State.withdrawn,
    }
)


def move(kind: Kind, state: State, event: Event) -> State | None:
    """Say where an event brings a request of a kind; None where it cannot happen."""
    table = _COMPLAINT if kind is Kind.complaint else _OTHER
    return table.get((state, event))


def events_from(kind: Kind, state: State) -> tuple[Event, ...]:
    """List the events that can happen to a request, in the order of `Event`."""
    return tuple(event for event in Event if move(kind, state, event) is not None)
