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
    kept = "kept"
    breached = "breached"
    void = "void"


SETTLED: Final = frozenset({State.kept, State.void})
"""States that no passing of time changes; a breach may still be cleared by evidence."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """The event that stops a clock, as `event_time` derived it.

    Attributes:
        happened_at: best estimate of the moment.
        error_s: the truth lies within this of it.
    """

    happened_at: dt.datetime
    error_s: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a clock now.

    Attributes:
        state: how it stands.
        sure: False when the error of the stopping moment reaches across the deadline, or when
            the phone was never heard again: a person looks before anybody is blamed.
        late_s: seconds past the deadline, at the stop or now; 0 when not late.
        next_at: when time alone may change the answer; None if it never will.
    """

    state: State
    sure: bool
    late_s: float
    next_at: dt.datetime | None


def judge(
    *,
    now: dt.datetime,
    started_at: dt.datetime,
    due_at: dt.datetime,
    stop: Stop | None,
    covered_until: dt.datetime | None,
    grace_s: float,
    voided_at: dt.datetime | None = None,
) -> Judgement:
    """Judge a clock.

    Args:
        now: the present.
        started_at: when the promise began.
        due_at: the last instant at which it is kept.
        stop: the event that stops it; None while none is known.
        covered_until: everything that the phone in charge did before this has arrived; None when
            no phone is in charge, so that nothing can still be on its way.
        grace_s: how long after `due_at` silence counts as unsynced work.
        voided_at: when the promise lost its object (cancelled, agreed anew), if it did.
            A cancellation after the deadline hides no breach.
    """
    if stop is not None and (voided_at is None or stop.happened_at <= voided_at):
        return _stopped(due_at, stop)
    if voided_at is not None and voided_at <= due_at:
        return Judgement(State.void, sure=True, late_s=0.0, next_at=None)
    if now <= due_at:
        return _running(now, started_at, due_at)
    return _past_due(now, due_at, covered_until, grace_s)


def _stopped(due_at: dt.datetime, stop: Stop) -> Judgement:
    late_s = (stop.happened_at - due_at).total_seconds()
    return Judgement(
        State.breached if late_s > 0 else State.kept,
        sure=not -stop.error_s < late_s <= stop.error_s,
        late_s=max(0.0, late_s),
        next_at=None,
    )


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
    now: dt.datetime, due_at: dt.datetime, covered_until: dt.datetime | None, grace_s: float
) -> Judgement:
    late_s = (now - due_at).total_seconds()
    unsynced = covered_until is not None and covered_until < due_at
    if unsynced and late_s <= grace_s:
        grace_ends_at = due_at + dt.timedelta(seconds=grace_s)
        return Judgement(State.provisional, sure=False, late_s=late_s, next_at=grace_ends_at)
    return Judgement(State.breached, sure=not unsynced, late_s=late_s, next_at=None)
