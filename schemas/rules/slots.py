"""Slots of a crew's calendar in which somebody can be given an appointment.

A slot begins at one of the office's times, on a day that the office works and the crew is not off,
while the crew is on duty from its first minute to its last.
Local dates and wall times by the district's IANA zone; instants are UTC.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.rules.deadlines import WorkCalendar


class Slot(NamedTuple):
    """A time in which a crew comes: from `from_at` until `due_at`."""

    from_at: dt.datetime
    due_at: dt.datetime


class Duty(NamedTuple):
    """A time in which a crew is on duty; without an end it lasts until further notice."""

    starts_at: dt.datetime
    ends_at: dt.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """How an office cuts its days into slots.

    Attributes:
        starts: wall times at which a slot begins.
        slot_min: how long each is.
        lead_min: how long before a slot it can still be given away.

    Raises:
        ValueError: slots would overlap, end before they begin, or begin twice.
    """

    starts: tuple[dt.time, ...]
    slot_min: float
    lead_min: float

    def __post_init__(self) -> None:
        """Refuse a pattern by which a crew would be promised twice at once."""
        minutes = [start.hour * 60 + start.minute for start in self.starts]
        gaps = [after - before for before, after in itertools.pairwise(minutes)]
        if self.slot_min <= 0 or self.lead_min < 0 or any(gap < self.slot_min for gap in gaps):
            msg = f"slots of {self.slot_min} min from {', '.join(map(str, self.starts))} overlap"
            raise ValueError(msg)


def slots(
    days: Sequence[dt.date],
    *,
    now: dt.datetime,
    pattern: Pattern,
    calendar: WorkCalendar,
    duty: Sequence[Duty],
    days_off: frozenset[dt.date],
) -> Iterator[Slot]:
    """List the slots of some days that a crew's calendar has, in their order.

    Args:
        days: local days, in their order.
        now: the present.
        pattern: how the office cuts its days.
        calendar: the office's working days.
        duty: when the crew is on duty; what touches may be told in parts.
        days_off: days on which the crew does not come, whatever its duty.
    """
    zone = zoneinfo.ZoneInfo(calendar.zone)
    earliest = now + dt.timedelta(minutes=pattern.lead_min)
    for day in days:
        if day in days_off or not calendar.is_workday(day):
            continue
        for start in pattern.starts:
            slot = _slot(day, start, pattern.slot_min, zone)
            if slot.from_at >= earliest and _is_covered(slot, duty):
                yield slot


def _slot(day: dt.date, start: dt.time, slot_min: float, zone: zoneinfo.ZoneInfo) -> Slot:
    """Lay a slot on a day; it lasts as long in an hour that the clocks skip or repeat."""
    from_at = dt.datetime.combine(day, start, tzinfo=zone).astimezone(dt.UTC)
    return Slot(from_at, from_at + dt.timedelta(minutes=slot_min))


def _is_covered(slot: Slot, duty: Sequence[Duty]) -> bool:
    """Tell whether duty covers a slot without a gap."""
    reached = slot.from_at
    for shift in sorted(duty, key=lambda each: each.starts_at):
        if shift.starts_at <= reached and (shift.ends_at is None or shift.ends_at > reached):
            if shift.ends_at is None or shift.ends_at >= slot.due_at:
                return True
            reached = shift.ends_at
    return False
