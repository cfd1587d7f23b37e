"""A customer's own reading held against what readers read at the same meter.

It stands or falls by itself: it never makes a reader's reading wrong, and what contradicts one is
kept and does not count. Units as the register shows them.
"""

from __future__ import annotations

import dataclasses
import decimal

from schemas.rules import meter_reading, usage

Decimal = decimal.Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Rival:
    """What a reader read at the meter on the same day, or later.

    Attributes:
        value: the register.
        is_later: whether the reader came after the customer looked.
        same_day: whether both were on one local day.
    """

    value: Decimal
    is_later: bool
    same_day: bool


def contradicts(
    value: Decimal,
    rival: Rival,
    register: meter_reading.Register,
    *,
    usual_of_day: usage.Usual | None,
    slack_units: int,
) -> bool:
    """Tell whether a customer's value and a reader's cannot both be true.

    The register never runs backwards; within one day it runs no farther than the meter may use.

    Args:
        value: what the customer wrote.
        rival: what the reader read.
        register: the meter's display.
        usual_of_day: usual use of one day; None if nothing is known.
        slack_units: so many units more say nothing.
    """
    older, newer = (value, rival.value) if rival.is_later else (rival.value, value)
    moved = meter_reading.advance(older, newer, register)
    if not moved.plausible:
        return True
    if not rival.same_day or usual_of_day is None:
        return False
    return moved.used_kwh > usual_of_day.high_kwh + slack_units * register.multiplier
