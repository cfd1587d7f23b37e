"""How a promise stands as its crew sees it, as far as a handheld can know it.

How a clock is judged is the server's alone: a handheld says what it knows, and what is still open.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Final

from schemas.rules import clocks

NEAR: Final = dt.timedelta(minutes=15)
"""How long before its end a promise is near it, where an older server does not say how it runs."""


class Seen(enum.StrEnum):
    """How it stands; `_here`: the office has not heard all of it, and decides when it does."""

    running = "running"
    near = "near"
    still = "still"
    kept = "kept"
    kept_here = "kept_here"
    late = "late"
    late_here = "late_here"
    broken = "broken"


def clock(
    now: dt.datetime,
    *,
    started_at: dt.datetime | None,
    due_at: dt.datetime,
    stopped_at: dt.datetime | None,
    paused_at: dt.datetime | None,
    stop_event: str | None,
    is_unsent: bool,
) -> Seen:
    """Tell how a promise stands.

    Args:
        now: the server's clock, as well as the handheld knows it.
        started_at: since when it runs; None where an older server does not say.
        due_at: the last instant at which it is kept.
        stopped_at: when it was kept, or came too late.
        paused_at: since when it stands still.
        stop_event: what keeps it; None where an older server does not say.
        is_unsent: whether the office has still to hear of something that was done on its order.
    """
    if stopped_at is not None:
        if stopped_at > due_at:
            return Seen.broken
        return Seen.kept_here if is_unsent else Seen.kept
    if paused_at is not None:
        return Seen.still
    if now > due_at:
        return Seen.late_here if is_unsent else Seen.late
    near_at = _near_at(started_at=started_at, due_at=due_at, stop_event=stop_event)
    return Seen.near if near_at is not None and now >= near_at else Seen.running


def _near_at(
    *, started_at: dt.datetime | None, due_at: dt.datetime, stop_event: str | None
) -> dt.datetime | None:
    if started_at is None or stop_event is None:
        return due_at - NEAR
    return clocks.near_at(
        started_at=started_at, due_at=due_at, stopped_at=None, stop_event=stop_event
    )
