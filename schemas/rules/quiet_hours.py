"""Quiet hours: when a household is let alone, by the wall clock of its own place.

From a local time to another one, over midnight where the first is the later of the two; equal
times are no quiet hours. Aware instants. A local time that daylight saving leaps over is read by
the clock before the leap; of one that comes twice, the first is meant.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Quiet:
    """From when until when, by the clocks of a zone (IANA name)."""

    begins: dt.time
    ends: dt.time
    zone: str


def ends_at(quiet: Quiet, at: dt.datetime) -> dt.datetime | None:
    """Tell when the quiet hours that an instant lies in end; None outside of them."""
    day = at.astimezone(zoneinfo.ZoneInfo(quiet.zone)).date()
    for first in (day - _DAY, day):
        begins, ends = _span(quiet, first)
        if begins <= at < ends:
            return ends
    return None


def begins_at(quiet: Quiet, at: dt.datetime) -> dt.datetime | None:
    """Tell when the next quiet hours begin after an instant; None where there are none."""
    if quiet.begins == quiet.ends:
        return None
    day = at.astimezone(zoneinfo.ZoneInfo(quiet.zone)).date()
    spans = (_span(quiet, day + _DAY * step) for step in range(3))
    return next(begins for begins, ends in spans if begins > at and begins < ends)


def local(day: dt.date, time: dt.time, *, zone: str) -> dt.datetime:
    """Give the instant of a local time on a local day."""
    return dt.datetime.combine(day, time, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def _span(quiet: Quiet, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Give the quiet hours that begin on a local day."""
    last = day + _DAY if quiet.ends < quiet.begins else day
    begins = local(day, quiet.begins, zone=quiet.zone)
    return begins, local(last, quiet.ends, zone=quiet.zone)
