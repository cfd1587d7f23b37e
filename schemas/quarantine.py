"""Quarantine: operations that were not let in, and what the office does with each of them."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Id, Instant, Name, Seconds, Shape, Text
from schemas.sync import Outcome


class Reason(StrEnum):
    """Why an operation was not let in."""

    FORK = "fork"
    """Another operation of the device has its number: a copy, or a restored backup."""
    REVOKED = "revoked"
    """The device was revoked before it could send it."""
    SIGNATURE = "signature"
    """The push was not signed by the device's key."""
    EXPORTED = "exported"
    """The phone handed it out as a file, which nobody has signed."""


class State(StrEnum):
    """What became of an operation in quarantine."""

    WAITING = "waiting"
    SETTLED = "settled"
    """It came again by itself and was settled there; there is nothing to decide."""
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class QuarantineView(Shape):
    """An operation that was not let in: whose, when it happened, why it waits, what was decided.

    `outcome` is what came of it when it was accepted; `why` says why it was dismissed.
    """

    id: Id
    reason: Reason
    state: State
    device_id: Id
    person_id: Id
    n: int
    operation_id: Id
    type: Name
    subject_id: str
    happened_at: Instant
    error_s: Seconds
    clock_suspect: bool
    received_at: Instant
    decided_at: Instant | None
    decided_by: Id | None
    why: Text | None
    outcome: Outcome | None
    operation: dict[str, object]


class QuarantinedDevice(Shape):
    """A device with operations that wait for the office: how many, and since when the oldest."""

    device_id: Id
    person_id: Id
    waiting: int
    since: Instant


class Dismissal(Shape):
    """Why an operation in quarantine is not let in, for the record."""

    reason: Text
