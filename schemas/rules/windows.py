"""The window of a promise to a customer: whether it may be given or moved, and what keeps it.

A customer who was told "between two and four" waits from two to four, so an arrival before the
window keeps nothing: a crew that waits for it checks in again when it opens.
Light, and the end of the work, are what the customer wants: they keep it however early they come.
Aware instants.
"""

from __future__ import annotations

import datetime as dt
import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from schemas.rules.transitions import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

AHEAD_DAYS_MAX: Final = 366
"""No promise reaches farther ahead than this from the day on which it is given."""


class Aim(enum.StrEnum):
    """What shall have happened by the end of the window."""

    arrive = "arrive"
    restore = "restore"
    finish = "finish"


class Fault(enum.StrEnum):
    """Why a window cannot be promised."""

    over = "over"
    """It ends before the word was given."""
    backwards = "backwards"
    """It ends before it begins."""
    too_far = "too_far"
    """It ends more than `AHEAD_DAYS_MAX` days ahead."""


class Hindrance(enum.StrEnum):
    """Why a promise cannot be agreed anew."""

    settled = "settled"
    """What was promised has happened, or the promise was taken back."""
    after_due = "after_due"
    """It is broken, and no consent undoes that."""


_AIMS: Final[Mapping[Aim, frozenset[Event]]] = MappingProxyType(
    {
        Aim.arrive: frozenset({Event.arrive, Event.restore, Event.finish}),
        Aim.restore: frozenset({Event.restore, Event.finish}),
        Aim.finish: frozenset({Event.finish}),
    }
)
"""The events that show that an aim is reached."""


def fault(
    given_at: dt.datetime, *, from_at: dt.datetime | None, due_at: dt.datetime
) -> Fault | None:
    """Judge a window that is about to be promised.

    Args:
        given_at: when the word is given.
        from_at: when the window opens; None from now on.
        due_at: the last instant of the window.
    """
    if from_at is not None and due_at <= from_at:
        return Fault.backwards
    if due_at <= given_at:
        return Fault.over
    return Fault.too_far if due_at - given_at > dt.timedelta(days=AHEAD_DAYS_MAX) else None


def hindrance(
    at: dt.datetime, *, due_at: dt.datetime, ended_at: dt.datetime | None
) -> Hindrance | None:
    """Say why a promise cannot be agreed anew at an instant; None when it can.

    Args:
        at: when the customer consented.
        due_at: the last instant of the present window.
        ended_at: when it was fulfilled or taken back, if it was.
    """
    if ended_at is not None and ended_at <= at:
        return Hindrance.settled
    return Hindrance.after_due if at > due_at else None


def proves(
    aim: Aim,
    event: str,
    *,
    by_at: dt.datetime,
    opened_at: dt.datetime,
    given_at: dt.datetime,
    from_at: dt.datetime | None,
) -> bool:
    """Tell whether an event shows that a promise's aim was reached.

    Args:
        aim: what was promised.
        event: what happened to the order.
        by_at: when that had happened at the latest.
        opened_at: when the order was opened, or opened anew; whoever promises something on work
            that was ended since then, did not know of it.
        given_at: when the word was given; other acts before it are no answer to it.
        from_at: when the window opens; None from when the word was given.
    """
    if event not in _AIMS[aim]:
        return False
    if event == Event.finish:
        return by_at >= opened_at
    if by_at < given_at:
        return False
    return event != Event.arrive or from_at is None or by_at >= from_at
