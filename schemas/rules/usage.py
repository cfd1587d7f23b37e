"""What a meter usually uses: its reading cycles, and the typical figure and band from them.

A cycle runs from one reading to the next; kWh in exact decimals, days as counted.
Typical is the median use per day of the last actual cycles; the band is as wide as
3.5 robust standard deviations (1.4826 times the median absolute deviation), at least half and
double. Source: high and low by robust z > 3.5 in the rules' design.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import statistics
from collections.abc import Sequence
from typing import Final

CYCLES_MAX: Final = 13
"""How far back the usual is looked for: a year and a month of monthly readings."""
CYCLES_MIN: Final = 3
"""Fewer actual cycles than this tell nothing."""
DEVIATION_PER_MEDIAN: Final = decimal.Decimal("1.4826")
"""A robust standard deviation is so many median absolute deviations."""
BAND_DEVIATIONS: Final = decimal.Decimal("3.5") * DEVIATION_PER_MEDIAN
STEP_KWH: Final = decimal.Decimal("0.001")

Decimal = decimal.Decimal


class Quality(enum.StrEnum):
    """What a reading is worth; only an actual one was read at the meter."""

    actual = "actual"
    customer = "customer"
    estimated = "estimated"
    questionable = "questionable"


@dataclasses.dataclass(frozen=True, slots=True)
class Cycle:
    """One reading, and what was used since the reading before it.

    Attributes:
        read_on: local day of the reading.
        value: the register, in units shown.
        quality: what the reading is worth.
        days: since the reading before it; 0 for the first.
        used_kwh: since the reading before it; None for the first and after a meter change.
    """

    read_on: dt.date
    value: Decimal
    quality: Quality
    days: int
    used_kwh: Decimal | None


@dataclasses.dataclass(frozen=True, slots=True)
class Usual:
    """Usual consumption over some days: the middle and the band around it, in kWh."""

    typical_kwh: Decimal
    low_kwh: Decimal
    high_kwh: Decimal


def usual(cycles: Sequence[Cycle], *, days: int) -> Usual | None:
    """Work out the usual use over `days` from cycles, oldest first; None from too few."""
    per_day = [used / cycle_days for used, cycle_days in _actual(cycles)]
    if len(per_day) < CYCLES_MIN:
        return None
    middle = statistics.median(per_day)
    deviation = statistics.median([abs(one - middle) for one in per_day])
    low = max(min(middle - BAND_DEVIATIONS * deviation, middle / 2), Decimal(0))
    high = max(middle + BAND_DEVIATIONS * deviation, middle * 2)
    return Usual(*((one * days).quantize(STEP_KWH) for one in (middle, low, high)))


def middle_per_day(cycles: Sequence[Cycle]) -> Decimal | None:
    """Give the usual use of a day, in kWh; None from too few cycles."""
    per_day = [used / cycle_days for used, cycle_days in _actual(cycles)]
    return statistics.median(per_day) if len(per_day) >= CYCLES_MIN else None


def deviations(cycles: Sequence[Cycle], *, used_kwh: Decimal, days: int) -> float | None:
    """Tell how many robust deviations a use over `days` lies from the usual, with its sign.

    None from too few cycles. Where all cycles are alike, a twentieth of the middle is taken for
    the deviation: no meter is so even that less would be abnormal.
    """
    per_day = [used / cycle_days for used, cycle_days in _actual(cycles)]
    if len(per_day) < CYCLES_MIN or days <= 0:
        return None
    middle = statistics.median(per_day)
    deviation = statistics.median([abs(one - middle) for one in per_day])
    scale = max(deviation * DEVIATION_PER_MEDIAN, middle / 20, STEP_KWH)
    return float((used_kwh / days - middle) / scale)


def is_active(cycles: Sequence[Cycle]) -> bool:
    """Tell whether the meter used energy in every one of its last actual cycles."""
    used = [kwh for kwh, _ in _actual(cycles)]
    return len(used) >= CYCLES_MIN and all(kwh > 0 for kwh in used)


def last_actual(cycles: Sequence[Cycle]) -> Cycle | None:
    """Find the newest reading that was read at the meter and not doubted since."""
    return next((cycle for cycle in reversed(cycles) if cycle.quality is Quality.actual), None)


def _actual(cycles: Sequence[Cycle]) -> list[tuple[Decimal, int]]:
    """List use and days of the last actual cycles."""
    return [
        (cycle.used_kwh, cycle.days)
        for cycle in cycles[-CYCLES_MAX:]
        if cycle.quality is Quality.actual and cycle.used_kwh is not None and cycle.days > 0
    ]
