"""The life of a promise's clock: judged on when things happened, never on when we heard.

A deadline that passes while the phone in charge may still hold the proof is *provisional*: late
evidence settles it as kept or breached, and only the grace turns silence into a breach.
Evidence that comes after that still clears it: judging is a pure function of what is known now.
Seconds, aware instants.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Final

from schemas.rules import deadlines

WARN_50_FRACTION: Final = 0.5
WARN_80_FRACTION: Final = 0.8


class State(enum.StrEnum):
    """How a clock stands."""

    running = "running"
    warned_50 = "warned_50"
    warned_80 = "warned_80"
    provisional = "provisional"
    paused = "paused"
    kept = "kept"
    breached = "breached"
    void = "void"


RUNNING: Final = frozenset({State.running, State.warned_50, State.warned_80})
"""States before the deadline."""
OFFICE_EVENTS: Final = frozenset(
    {"answer", "call_back", "contact", "dispatch", "reconnect", "rectify"}
)
"""What the office does to keep a promise: no crew can hurry for it, and no phone holds it back."""
SETTLED: Final = frozenset({State.kept, State.void})
"""States that no passing of time changes; a breach may still be cleared by evidence."""


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A moment as everybody who told of it gives it; the earliest counts.

    Attributes:
        at: best estimate.
        from_at: it cannot have been before this.
        by_at: it had been by this.
    """

    at: dt.datetime
    from_at: dt.datetime
    by_at: dt.datetime

    def also(self, other: Told) -> Told:
        """Take another word for the same moment."""
        return Told(
            min(self.at, other.at),
            min(self.from_at, other.from_at),
            min(self.by_at, other.by_at),
        )


def told(at: dt.datetime, error_s: float = 0.0) -> Told:
    """Take one word for a moment, as `event_time` derived it.

    Args:
        at: best estimate.
        error_s: the truth lies within this of it.
    """
    error = dt.timedelta(seconds=error_s)
    return Told(at, at - error, at + error)


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a clock now.

    Attributes:
        state: how it stands.
        sure: False when the moment that stops it and its deadline may lie the other way round, or
            when the phone was never heard again: a person looks before anybody is blamed.
        late_s: seconds past the deadline, at the stop or now; 0 when not late.
        next_at: when time alone may change the answer; None if it never will.
    """

    state: State
    sure: bool
    late_s: float
    next_at: dt.datetime | None


def near_at(
    *,
    started_at: dt.datetime,
    due_at: dt.datetime,
    stopped_at: dt.datetime | None,
    stop_event: str,
) -> dt.datetime | None:
    """Say from when on a crew is told that a promise of theirs is near its end.

    Returns:
        The instant at which 80 % of its time is gone; None where it was kept or is the office's.
    """
    if stopped_at is not None or stop_event in OFFICE_EVENTS:
        return None
    return deadlines.warn_at(started_at, due_at, fraction=WARN_80_FRACTION)


def judge(
    *,
    now: dt.datetime,
    started_at: dt.datetime,
    due: Told,
    stop: Told | None,
    covered_until: dt.datetime | None,
    grace_s: float,
    voided_at: dt.datetime | None = None,
    paused_at: dt.datetime | None = None,
) -> Judgement:
    """Judge a clock.

    Args:
        now: the present.
        started_at: when the promise began.
        due: the last instant at which it is kept; its start may not be known to the second.
        stop: the event that stops it; None while none is known.
        covered_until: everything that the phone in charge did before this has arrived; None when
            no phone is in charge, so that nothing can still be on its way.
        grace_s: how long after it is due silence counts as unsynced work.
        voided_at: when the promise lost its object (cancelled, agreed anew), if it did.
            A cancellation after the deadline hides no breach.
        paused_at: since when it stands still, if it does; what stood still before has moved `due`.
            A pause that begins after the deadline hides no breach.
    """
    if stop is not None and (voided_at is None or stop.at <= voided_at):
        return _stopped(due, stop)
    if voided_at is not None and voided_at <= due.at:
        return Judgement(State.void, sure=True, late_s=0.0, next_at=None)
    if paused_at is not None and paused_at <= due.at:
        return Judgement(State.paused, sure=True, late_s=0.0, next_at=None)
    if now <= due.at:
        return _running(now, started_at, due.at)
    return _past_due(now, due, covered_until, grace_s)


def _stopped(due: Told, stop: Told) -> Judgement:
    late_s = (stop.at - due.at).total_seconds()
    if late_s > 0:
        return Judgement(State.breached, stop.from_at > due.by_at, late_s, None)
    return Judgement(State.kept, stop.by_at <= due.from_at, 0.0, None)


def _running(now: dt.datetime, started_at: dt.datetime, due_at: dt.datetime) -> Judgement:
    half_at = deadlines.warn_at(started_at, due_at, fraction=WARN_50_FRACTION)
    late_at = deadlines.warn_at(started_at, due_at, fraction=WARN_80_FRACTION)
    if now < half_at:
        state, next_at = State.running, half_at
    elif now < late_at:
        state, next_at = State.warned_50, late_at
    else:
        state, next_at = State.warned_80, due_at
    return Judgement(state, sure=True, late_s=0.0, next_at=next_at)


def _past_due(
    now: dt.datetime, due: Told, covered_until: dt.datetime | None, grace_s: float
) -> Judgement:
    late_s = (now - due.at).total_seconds()
    if covered_until is not None and covered_until < due.at and late_s <= grace_s:
        grace_ends_at = due.at + dt.timedelta(seconds=grace_s)
        return Judgement(State.provisional, sure=False, late_s=late_s, next_at=grace_ends_at)
    sure = covered_until is None or covered_until >= due.by_at
    return Judgement(State.breached, sure, late_s, None)
