"""Visits that are proposed to the office, and who should read which route next."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Id, Instant, Name, Shape, Text
from schemas.rules.no_access import Step


class VisitReason(StrEnum):
    """Why a visit should be arranged with the customer."""

    NO_ACCESS = "no_access"
    ESTIMATES = "estimates"


class VisitDecision(StrEnum):
    """What the office made of a proposal."""

    LETTER_SENT = "letter_sent"
    APPOINTMENT_MADE = "appointment_made"
    DECLINED = "declined"


class VisitProposal(Shape):
    """A meter whose customer should get a letter or an appointment, and why; the office decides.

    `about` is the month that shows it. It is open until `decision`.
    """

    id: Id
    meter_id: Id
    reason: VisitReason
    about: str
    step: Step
    inputs: dict[str, object]
    en: Text
    zh: Text
    opened_at: Instant
    decided_at: Instant | None
    decided_by: Id | None
    decision: VisitDecision | None
    note: Text


class VisitDecided(Shape):
    """What the office does about a proposal."""

    decision: VisitDecision
    note: Text = ""


class Rotation(Shape):
    """Somebody has read a route for long: with the evidence, and who might read it next.

    `findings` counts what asks for a person's eyes in what they read on this route; `readings` all
    that they read there. `to_id` is who has least to read and has not read it for as long; null
    where nobody is left. It changes nothing.
    """

    route: Name
    reader_id: Id
    since_on: str
    months: int
    readings: int
    findings: int
    to_id: Id | None
    en: Text
    zh: Text
