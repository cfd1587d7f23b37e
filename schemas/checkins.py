"""Check-ins: arrival as a verdict with its reasons, recorded and never refused."""

from __future__ import annotations

from schemas.base import Id, Instant, Shape, Text
from schemas.places import Fix
from schemas.rules.geofence import VerdictKind


class CheckIn(Shape):
    """Operation `checkin.record`: the crew says it has arrived; the fix says how surely.

    `verdict` is what the phone showed; the server judges again by the same function.
    """

    fix: Fix | None = None
    verdict: VerdictKind | None = None
    note: Text = ""


class RecordedCheckIn(Shape):
    """A check-in as the office sees it."""

    id: Id
    task_id: Id
    person_id: Id
    device_id: Id | None
    happened_at: Instant
    error_s: float
    clock_suspect: bool
    received_at: Instant
    fix: Fix | None
    verdict: VerdictKind
    verdict_on_phone: VerdictKind | None
    distance_m: float | None
    reasons: list[str]
    datum_suspect: bool
