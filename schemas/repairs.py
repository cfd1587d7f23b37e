"""Repairs: a report of trouble becomes an order on a phone."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Shape, Text
from schemas.crews import Skill
from schemas.places import Position
from schemas.rules import placement
from schemas.tasks import Task, Urgency

CUSTOMERS_MAX: Final = 100_000_000


class Channel(StrEnum):
    """The door by which a report came in."""

    HOTLINE = "hotline"
    PORTAL = "portal"
    ALARM = "alarm"
    OFFICE = "office"
    PATROL = "patrol"


class Report(Shape):
    """Trouble as somebody told it.

    With `service_point_id` the position may be left out: it is the service point's own.
    `key` is the reporter's own id for the report: sent twice, it opens one order.
    `customers_out` is how many customers are known to be without power; 0 where nobody counted.
    """

    key: Id
    channel: Channel = Channel.HOTLINE
    description: Text
    position: Position | None = None
    service_point_id: Id | None = None
    address: Text = ""
    contact: Text = ""
    skill: Skill = "low_voltage"
    urgency: Urgency = 3
    reported_at: Instant | None = None
    customers_out: Annotated[int, Meta(ge=0, le=CUSTOMERS_MAX)] = 0


class Placement(Shape):
    """Where a report went and why: the ground, a sentence in both languages, the numbers.

    `gap` is why the area's own crews could not take it; `considered` is how many crews qualified,
    `open_tasks` what the chosen one had to do already, `distance_m` how far a neighbour is.
    """

    code: placement.Why
    en: Text
    zh: Text
    gap: placement.Gap | None = None
    crew_id: Id | None = None
    area_id: Id | None = None
    skill: Text = ""
    considered: int = 0
    open_tasks: int | None = None
    distance_m: float | None = None


class Placed(Shape):
    """The answer to a report: the order, and why it went where it went.

    `again` says that the reporter's key had opened it before.
    """

    task: Task
    placement: Placement
    again: bool = False


class ReportFilter(Shape):
    """Which reports the office asks for."""

    task_id: Id | None = None
    channel: Channel | None = None


class KnownReport(Shape):
    """A report as the office sees it."""

    id: Id
    key: Id
    reporter_id: Id
    channel: Channel
    description: Text
    task_id: Id
    reported_at: Instant
    received_at: Instant
    placement: Placement


class Restored(Shape):
    """Operation `repair.restored`: the lights are on again."""

    note: Text = ""
