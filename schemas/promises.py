"""Promises: clocks that run from an event to an event and are judged on when things happened."""

from __future__ import annotations

from schemas.base import Id, Instant, Shape, Text
from schemas.rules import clocks


class ClockMoment(Shape):
    """One line of a clock's ledger: what changed, when it happened, who or what caused it."""

    at: Instant
    state: clocks.State
    cause: Text


class Clock(Shape):
    """A promise on one piece of work, with the policy row it was opened under."""

    id: Id
    subject_id: Id
    kind: str
    policy: str
    source: Text
    crew_id: Id | None
    state: clocks.State
    started_at: Instant
    due_at: Instant
    due_provisional: bool
    stopped_at: Instant | None
    moments: list[ClockMoment] = []


class Supervision(Shape):
    """A supervision case (督办): one for each broken promise, opened once."""

    id: Id
    clock_id: Id
    subject_id: Id
    kind: str
    opened_at: Instant
    unit_id: Id
    state: str
    en: Text
    zh: Text
