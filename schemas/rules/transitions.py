"""The life of an order: one table of legal moves, shared by repairs and reading routes.

Source: the life of an order in the product design; Chinese trade words are in the dictionary.
A repair passes through `restored` and `called_back`; a reading route skips both.
`restored` says that supply is on, also where it was never lost.
"""

from __future__ import annotations

import dataclasses
import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(enum.StrEnum):
    """What kind of work an order is."""

    repair = "repair"
    route = "route"


class State(enum.StrEnum):
    """Where an order stands."""

    reported = "reported"
    dispatched = "dispatched"
    accepted = "accepted"
    en_route = "en_route"
    arrived = "arrived"
    working = "working"
    restored = "restored"
    finished = "finished"
    called_back = "called_back"
    archived = "archived"
    returned = "returned"
    suspended = "suspended"
    cancelled = "cancelled"


class Event(enum.StrEnum):
    """What somebody does to an order."""

    dispatch = "dispatch"
    reassign = "reassign"
    accept = "accept"
    return_ = "return"
    set_out = "set_out"
    arrive = "arrive"
    start = "start"
    restore = "restore"
    finish = "finish"
    call_back = "call_back"
    archive = "archive"
    cancel = "cancel"
    suspend = "suspend"
    resume = "resume"
    reopen = "reopen"


class Step(enum.StrEnum):
    """What an event does to an order."""

    moves = "moves"
    overtaken = "overtaken"
    illegal = "illegal"


@dataclasses.dataclass(frozen=True, slots=True)
class Move:
    """The answer to an event.

    Attributes:
        step: `moves`; `overtaken` (keep the fact, move nothing); `illegal` (refuse).
        to: the state after it; the present state unless the step is `moves`.
    """

    step: Step
    to: State


LINE: Final = (
    State.reported,
    State.dispatched,
    State.accepted,
    State.en_route,
    State.arrived,
    State.working,
    State.restored,
    State.finished,
    State.called_back,
    State.archived,
)
"""The straight road; later implies earlier."""

SETTLED: Final = frozenset({State.archived, State.cancelled})
"""Nothing moves an order from here."""

WITH_CREW: Final = frozenset(
    {
        State.dispatched,
        State.accepted,
        State.en_route,
        State.arrived,
        State.working,
        State.restored,
        State.suspended,
    }
)
"""A crew holds the order: it is on the phone's worklist and counts as load."""

FACTS: Final = frozenset({Event.set_out, Event.arrive, Event.start, Event.restore})
"""Events that tell what happened in the world: kept even when the office has moved on."""

ACCEPTED_BY: Final = FACTS | {Event.accept, Event.finish, Event.return_, Event.suspend}
"""Events by which a crew shows that it has taken note of an order."""

_BOTH: Final = (Kind.repair, Kind.route)
_REPAIR: Final = (Kind.repair,)
_ROUTE: Final = (Kind.route,)
_HELD: Final = (State.accepted, State.en_route, State.arrived, State.working)

# A crew may skip a button, never a proof: who sets out has accepted, who arrives has set out;
# but work on a repair starts only after an arrival, because arrival stops a clock.
_TABLE: Final[tuple[tuple[tuple[Kind, ...], Event, tuple[State, ...], State], ...]] = (
    (_BOTH, Event.dispatch, (State.reported, State.returned), State.dispatched),
    (
        _BOTH,
        Event.reassign,
        (State.dispatched, *_HELD, State.returned, State.suspended),
        State.dispatched,
    ),
    (_BOTH, Event.accept, (State.dispatched,), State.accepted),
    (_BOTH, Event.return_, (State.dispatched, *_HELD), State.returned),
    (_BOTH, Event.set_out, (State.dispatched, State.accepted), State.en_route),
    (_BOTH, Event.arrive, (State.dispatched, State.accepted, State.en_route), State.arrived),
    (_REPAIR, Event.start, (State.arrived,), State.working),
    (
        _ROUTE,
        Event.start,
        (State.dispatched, State.accepted, State.en_route, State.arrived),
        State.working,
    ),
    (_REPAIR, Event.restore, (State.arrived, State.working), State.restored),
    (_REPAIR, Event.finish, (State.restored,), State.finished),
    (_ROUTE, Event.finish, (State.working,), State.finished),
    (_REPAIR, Event.call_back, (State.finished,), State.called_back),
    (_REPAIR, Event.archive, (State.called_back,), State.archived),
    (_ROUTE, Event.archive, (State.finished,), State.archived),
    (
        _BOTH,
        Event.cancel,
        (State.reported, State.dispatched, *_HELD, State.returned, State.suspended),
        State.cancelled,
    ),
    (_BOTH, Event.suspend, _HELD, State.suspended),
    (_BOTH, Event.resume, (State.suspended,), State.accepted),
    (_REPAIR, Event.reopen, (State.finished, State.called_back), State.reported),
    (_ROUTE, Event.reopen, (State.finished,), State.reported),
)

MOVES: Final[Mapping[tuple[Kind, State, Event], State]] = MappingProxyType(
    {
        (kind, state, event): to
        for kinds, event, states, to in _TABLE
        for kind in kinds
        for state in states
    }
)
"""Every legal move, as (kind, state, event) to the next state."""

_RANK: Final = {state: rank for rank, state in enumerate(LINE)}
_TARGET: Final = {
    Event.dispatch: State.dispatched,
    Event.accept: State.accepted,
    Event.set_out: State.en_route,
    Event.arrive: State.arrived,
    Event.start: State.working,
    Event.restore: State.restored,
    Event.finish: State.finished,
    Event.call_back: State.called_back,
    Event.archive: State.archived,
    Event.cancel: State.cancelled,
    Event.suspend: State.suspended,
    Event.return_: State.returned,
}
_FIELD: Final = FACTS | {Event.accept, Event.finish, Event.return_}


def move(kind: Kind, state: State, event: Event) -> Move:
    """Say what `event` does to an order of `kind` in `state`."""
    to = MOVES.get((kind, state, event))
    if to is not None:
        return Move(Step.moves, to)
    step = Step.overtaken if overtaken(kind, state, event) else Step.illegal
    return Move(step, state)


def overtaken(kind: Kind, state: State, event: Event) -> bool:
    """Tell whether `event` comes too late to move anything, yet is no mistake of its sender.

    So it is when the present state already implies it (arrived, heard of after finished), or
    when the office took the order away while the phone could not hear of it: any act of the field
    on a cancelled order, a fact on a returned or suspended one, a return of finished work.
    """
    if not _exists(kind, event) or (kind, state, event) in MOVES:
        return False
    target = _TARGET.get(event)
    if target is None:
        return False
    if state == target:
        return True
    if state is State.cancelled:
        return event in _FIELD
    if state in _RANK:
        end_rank = _RANK[State.finished] if event is Event.return_ else _RANK.get(target)
        return end_rank is not None and _RANK[state] >= end_rank
    return event in FACTS


def implies(event: str, earlier: str) -> bool:
    """Tell whether an event is, or shows that there has been, an earlier one.

    A crew may skip a button, never a proof: whoever set out, or gave the work back, had taken note
    of it; nothing else shows an arrival or a restoration.
    """
    return event == earlier or (earlier == Event.accept and event in ACCEPTED_BY)


def events_from(kind: Kind, state: State) -> tuple[Event, ...]:
    """List the events that would move an order, in the order of `Event`."""
    return tuple(event for event in Event if (kind, state, event) in MOVES)


def is_settled(state: State) -> bool:
    """Tell whether nothing can move the order any more."""
    return state in SETTLED


def _exists(kind: Kind, event: Event) -> bool:
    """Tell whether the event has any meaning for the kind."""
    return any(kind in kinds and event is known for kinds, known, _, _ in _TABLE)
