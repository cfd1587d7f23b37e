"""Work done for another: what becomes of an act whose order has changed hands meanwhile.

A crew without signal cannot hear that the office gave its order away, cancelled or reopened it.
What it did then is always kept; this rule says whether it also moves the order.
The one measure is the world: whoever brought the light back did the work, and whoever stands at
the site ends it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from schemas.rules import transitions
from schemas.rules.transitions import Event, Kind, State, Step

if TYPE_CHECKING:
    from collections.abc import Mapping


class Holding(enum.StrEnum):
    """How the order stood to the sender when the act happened."""

    now = "now"
    """The sender holds it at this moment, or did it in the crew that does."""
    then = "then"
    """The sender held it when the act happened; it was given away since."""
    before = "before"
    """It had been given away already when the act happened; the sender could not hear of it."""


class Verdict(enum.StrEnum):
    """What becomes of the act; whatever it is, the timeline keeps it."""

    own = "own"
    """The table of legal moves decides."""
    kept = "kept"
    """It moves nothing."""
    counts = "counts"
    """Done work: the order moves and comes back into the hands that did it."""
    fact = "fact"
    """The order moves; those who stand at the site keep it and end it."""
    on_site = "on_site"
    """It moves nothing: those who stand at the site end the order."""
    twice = "twice"
    """Somebody else had done it already; the earlier proof stops the clock."""
    cancelled = "cancelled"
    """Work on an order that was called off; a person of the office looks at it."""
    past = "past"
    """It belongs to the time before the order was reopened, or given to the sender anew."""


DONE: Final[Mapping[Event, State]] = MappingProxyType(
    {Event.restore: State.restored, Event.finish: State.finished}
)
"""What counts as work done, and where it brings an order."""

WORK: Final = frozenset({Event.start, *DONE})
"""Acts that leave something behind at the site, also when the order was called off."""

AT_SITE: Final = frozenset({State.arrived, State.working, State.restored})
"""The holder stands at the site."""


def came_to(kind: Kind, events: Iterable[Event]) -> State:
    """Tell how far somebody's own acts alone bring an order that was just given out."""
    state = State.dispatched
    for event in events:
        state = transitions.move(kind, state, event).to
    return state


def weigh(
    kind: Kind,
    state: State,
    event: Event,
    *,
    holding: Holding,
    own_state: State,
    past: bool,
) -> Verdict:
    """Say what becomes of an act of the field.

    Args:
        kind: what kind of work the order is.
        state: where the order stands now.
        event: what the sender did.
        holding: how the order stood to the sender.
        own_state: how far the acts of the sender's crew alone brought it (`came_to`).
        past: whether the act belongs to an earlier opening or giving out of the order.
    """
    if past:
        return Verdict.past
    if state is State.cancelled and event in WORK:
        return Verdict.cancelled
    if holding is Holding.now:
        return Verdict.own
    whole = transitions.move(kind, own_state, event).step is Step.moves
    if state is State.cancelled or event not in DONE or not whole:
        return Verdict.kept
    return _weigh_done(state, event, holding=holding)


def _weigh_done(state: State, event: Event, *, holding: Holding) -> Verdict:
    """Say what becomes of whole work on an order that others hold, or nobody."""
    if _reached(state, DONE[event]):
        return Verdict.twice
    if holding is Holding.then or state not in AT_SITE:
        return Verdict.counts
    return Verdict.fact if event is Event.restore else Verdict.on_site


def _reached(state: State, target: State) -> bool:
    line = transitions.LINE
    return state in line and line.index(state) >= line.index(target)
