"""Abnormal use: high, low, growing, nothing for long, and a low month that the next made up for.

ER18, ER19 and ER22 put a meter on a list, with its numbers; they accuse nobody: a twentieth of
honest readings is high or low. ER13 asks for a field check. ER20 charges the *earlier* reading: who
writes too little one month is found out when somebody reads the next.
kWh in exact decimals, days as counted. Source: the rules for readings.
"""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
from collections.abc import Sequence
from typing import Final

from schemas.rules import estimates, flags, meter_reading, suspicion, usage

LIKE_MONTH_DAYS: Final = 365
LIKE_MONTH_SLACK_DAYS: Final = 20

Decimal = decimal.Decimal


def judge(case: estimates.Case, policy: suspicion.Use) -> tuple[flags.Flag, ...]:
    """List what is abnormal about the use that one actual reading shows."""
    last = usage.last_actual(case.before)
    if case.cycle.quality is not usage.Quality.actual or last is None:
        return ()
    found = (
        _nothing_for_long(case, policy),
        _catch_up(case, policy),
        _out_of_the_usual(case, last, policy),
        _growth(case, policy),
    )
    return tuple(
        flag
        for flag in found
        if flag is not None and not flags.is_silent(flag.code, case.explained)
    )


def _nothing_for_long(case: estimates.Case, policy: suspicion.Use) -> flags.Flag | None:
    """ER13: the meter stood still over so many cycles that somebody should look at it."""
    still = list(
        itertools.takewhile(
            lambda cycle: cycle.value == case.cycle.value and cycle.quality is usage.Quality.actual,
            reversed(case.before),
        )
    )
    if not still or len(still) != policy.zero_cycles:  # told once; a further cycle says no more
        return None
    return flags.flag(
        "ER13",
        numbers={"n": str(len(still)), "date": flags.day(still[-1].read_on)},
        inputs={"value": flags.shown(case.cycle.value)},
    )


def _catch_up(case: estimates.Case, policy: suspicion.Use) -> flags.Flag | None:
    """ER20: too little, then too much, together what is usual."""
    *earlier, low = case.before
    high = case.cycle
    if low.quality is not usage.Quality.actual or low.used_kwh is None or high.used_kwh is None:
        return None
    alone = usage.usual(earlier, days=low.days)
    later = usage.usual(earlier, days=high.days)
    both = usage.usual(earlier, days=low.days + high.days)
    if alone is None or later is None or both is None:
        return None
    together_kwh = low.used_kwh + high.used_kwh
    was_low = low.used_kwh < Decimal(str(policy.catch_up_low_share)) * alone.typical_kwh
    is_high = high.used_kwh > later.typical_kwh
    slack_kwh = Decimal(str(policy.catch_up_together)) * both.typical_kwh
    is_usual = abs(together_kwh - both.typical_kwh) <= slack_kwh
    missing_kwh = alone.typical_kwh - low.used_kwh
    if not (was_low and is_high and is_usual and _is_much(missing_kwh, case.register, policy)):
        return None
    return flags.flag(
        "ER20",
        numbers={
            "low": flags.shown(low.used_kwh),
            "high": flags.shown(high.used_kwh),
            "typical": flags.shown(both.typical_kwh),
        },
        inputs={
            "low_on": flags.day(low.read_on),
            "low_days": low.days,
            "high_days": high.days,
            "typical_low_kwh": flags.shown(alone.typical_kwh),
            "typical_high_kwh": flags.shown(later.typical_kwh),
        },
        back=1,
    )


def _out_of_the_usual(
    case: estimates.Case, last: usage.Cycle, policy: suspicion.Use
) -> flags.Flag | None:
    """ER18 and ER19: beyond the usual of all months, and of the like month a year ago."""
    used_kwh = case.cycle.used_kwh
    days = (case.cycle.read_on - last.read_on).days
    usual = usage.usual(case.before, days=days)
    if not used_kwh or usual is None:  # zero has rules of its own
        return None
    if not _is_much(abs(used_kwh - usual.typical_kwh), case.register, policy):
        return None
    z = usage.deviations(case.before, used_kwh=used_kwh, days=days)
    if z is None or abs(z) <= policy.abnormal_z_min:
        return None
    like_kwh = _like_month(case.before, case.cycle.read_on, days)
    if like_kwh is not None and abs(used_kwh - like_kwh) <= like_kwh / 2:
        return None
    return flags.flag(
        "ER18" if z > 0 else "ER19",
        numbers={
            "value": flags.shown(used_kwh),
            "typical": flags.shown(usual.typical_kwh),
        },
        inputs={
            "days": days,
            "z": f"{z:.1f}",
            "like_month_kwh": None if like_kwh is None else flags.shown(like_kwh),
        },
    )


def _growth(case: estimates.Case, policy: suspicion.Use) -> flags.Flag | None:
    """ER22: cycle after cycle far above the usual before them, and it was not so a year ago."""
    count = policy.growth_cycles
    recent = [*case.before, case.cycle][-count:]
    earlier = case.before[: len(case.before) + 1 - count]
    usual = usage.usual(earlier, days=sum(cycle.days for cycle in recent))
    if usual is None or len(recent) < count or not _all_above(recent, earlier, policy):
        return None
    if _all_above(earlier[-1:], earlier, policy):  # told once, when it began
        return None
    used_kwh = sum((cycle.used_kwh or Decimal(0) for cycle in recent), Decimal(0))
    if not _is_much(used_kwh - usual.typical_kwh, case.register, policy):
        return None
    like_kwh = _like_month(case.before, case.cycle.read_on, case.cycle.days)
    newest_kwh = case.cycle.used_kwh or Decimal(0)
    if like_kwh is not None and abs(newest_kwh - like_kwh) <= like_kwh / 2:
        return None
    return flags.flag(
        "ER22",
        numbers={
            "value": flags.shown(used_kwh),
            "n": str(count),
            "typical": flags.shown(usual.typical_kwh),
        },
        inputs={
            "used_kwh": [flags.shown(cycle.used_kwh or Decimal(0)) for cycle in recent],
            "days": sum(cycle.days for cycle in recent),
            "like_month_kwh": None if like_kwh is None else flags.shown(like_kwh),
        },
    )


def _all_above(
    cycles: Sequence[usage.Cycle], earlier: Sequence[usage.Cycle], policy: suspicion.Use
) -> bool:
    """Tell whether each of some actual cycles used far more than the usual of those before."""
    middle = usage.middle_per_day(earlier)
    share = Decimal(str(policy.growth_share))
    return middle is not None and all(
        cycle.quality is usage.Quality.actual
        and cycle.used_kwh is not None
        and cycle.days > 0
        and cycle.used_kwh / cycle.days > share * middle
        for cycle in cycles
    )


def _is_much(kwh: Decimal, register: meter_reading.Register, policy: suspicion.Use) -> bool:
    return kwh >= policy.abnormal_units_min * register.multiplier


def _like_month(cycles: Sequence[usage.Cycle], read_on: dt.date, days: int) -> Decimal | None:
    """Scale the use of the actual cycle that ended nearest to a year ago; None if none is near."""
    wanted = read_on - dt.timedelta(days=LIKE_MONTH_DAYS)
    near = [
        (abs((cycle.read_on - wanted).days), cycle.used_kwh * days / cycle.days)
        for cycle in cycles
        if cycle.quality is usage.Quality.actual and cycle.used_kwh is not None and cycle.days > 0
    ]
    off_days, kwh = min(near, default=(LIKE_MONTH_SLACK_DAYS + 1, Decimal(0)))
    return kwh.quantize(usage.STEP_KWH) if off_days <= LIKE_MONTH_SLACK_DAYS else None
