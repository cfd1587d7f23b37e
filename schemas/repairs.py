"""Repairs: a report of trouble becomes an order on a phone."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Id, Instant, Name, Shape, Text
from schemas.places import Position
from schemas.tasks import Task, Urgency


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
    """

    key: Id
    channel: Channel = Channel.HOTLINE
    description: Text
    position: Position | None = None
    service_point_id: Id | None = None
    address: Text = ""
    contact: Text = ""
    skill: Name = "low_voltage"
    urgency: Urgency = 3
    reported_at: Instant | None = None


class Placement(Shape):
    """Where a report went and why: the code, its sentence in both languages, the numbers."""

    code: str
    en: Text
    zh: Text


class Placed(Shape):
    """The answer to a report: the order, and why it went where it went."""

    task: Task
    placement: Placement


class Restored(Shape):
    """Operation `repair.restored`: the lights are on again."""

    note: Text = ""
