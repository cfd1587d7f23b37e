"""Estimated readings: those declared so, and those that pretend to be read (估抄).

The scheduled job hands over one reading with the cycles before it and gets its flags:
ER01 and ER02 for declared estimates, ER10, ER12 and ER14 for readings said to be actual.
All compare with the last *actual* reading. Where a reading contradicts only a wild one before it,
the earlier is charged (`Flag.back == 1`), never the honest one that brought it to light.
The same input gives the same flags, so that running the job again adds nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from schemas.rules import estimators, flags, meter_reading, suspicion, usage

YEAR_DAYS: Final = 365
Decimal = decimal.Decimal
_ZERO: Final = Decimal(0)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """The policy for estimates.

    Attributes:
        in_a_row: estimates one after the other that are still allowed.
        in_12_months: estimates within a year that are still allowed.
        days_since_actual: days without an actual reading that are still allowed.
        equal_units_min: below this many units equality is left to chance.
        equal_steps_min: and below this many steps of the display's last digit.
    """

    in_a_row: int = 2
    in_12_months: int = 2
    days_since_actual: int = 100
    equal_units_min: int = 15
    equal_steps_min: int = 100

    @classmethod
    def of(cls, use: suspicion.Use) -> Limits:
        """Take what thresholds say of equality; how many are allowed is a policy set's to say."""
        return cls(equal_units_min=use.equal_units_min, equal_steps_min=use.equal_steps_min)


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One reading to be judged.

    Attributes:
        cycle: the reading.
        before: the cycles before it, oldest first; questionable ones marked so.
        register: the meter's display.
        method: how it was estimated; None if it was not.
        shown_kwh: an estimate that the reader could have seen.
        explained: what happened at the meter since the reading before.
    """

    cycle: usage.Cycle
    before: Sequence[usage.Cycle]
    register: meter_reading.Register
    method: estimators.Method | None = None
    shown_kwh: Decimal | None = None
    explained: frozenset[flags.Explanation] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class UsedUp:
    """No further estimate is allowed: so many stand since a day, and the limit."""

    count: int
    limit: int
    since: dt.date


def judge(case: Case, limits: Limits) -> tuple[flags.Flag, ...]:
    """List the flags of one reading, in the order of their codes."""
    found: tuple[flags.Flag | None, ...] = ()
    if case.cycle.quality is usage.Quality.estimated:
        found = (_declared(case), _repeated(case, limits))
    elif case.cycle.quality is usage.Quality.actual:
        found = (_negative(case), _zero(case), _equals_estimator(case, limits))
    return tuple(
        flag
        for flag in found
        if flag is not None and not flags.is_silent(flag.code, case.explained)
    )


def used_up(before: Sequence[usage.Cycle], read_on: dt.date, limits: Limits) -> UsedUp | None:
    """Tell whether one more estimate would pass a limit; None where it is still allowed.

    Args:
        before: the cycles so far, oldest first.
        read_on: the day of the estimate.
        limits: the policy.
    """
    in_a_row = list(_trailing_estimates(before))
    in_year = [
        one
        for one in before
        if one.quality is usage.Quality.estimated and abs((read_on - one.read_on).days) < YEAR_DAYS
    ]
    if len(in_a_row) + 1 > limits.in_a_row:
        since = in_a_row[-1].read_on if in_a_row else read_on
        return UsedUp(len(in_a_row), limits.in_a_row, since)
    if len(in_year) + 1 > limits.in_12_months:
        since = in_year[0].read_on if in_year else read_on
        return UsedUp(len(in_year), limits.in_12_months, since)
    return None


def _declared(case: Case) -> flags.Flag:
    """ER01: the system estimated it."""
    last = usage.last_actual(case.before)
    method = case.method
    numbers = {
        "method": estimators.NAMES_EN[method] if method else "an unknown method",
        "date": flags.day(last.read_on if last else None),
    }
    zh = {"method": estimators.NAMES_ZH[method] if method else "未知方法"}
    return flags.flag("ER01", numbers=numbers, inputs={"estimator": method}, words_zh=zh)


def _repeated(case: Case, limits: Limits) -> flags.Flag | None:
    """ER02: more estimates than the policy allows; the first limit passed gives the words."""
    cycles = [*case.before, case.cycle]
    in_a_row = list(_trailing_estimates(cycles))
    in_year = [
        one
        for one in cycles
        if one.quality is usage.Quality.estimated
        and (case.cycle.read_on - one.read_on).days < YEAR_DAYS
    ]
    last = usage.last_actual(case.before)
    first_on = last.read_on if last else cycles[0].read_on
    days = (case.cycle.read_on - first_on).days
    passed = (
        ("in_a_row", len(in_a_row), in_a_row[-1].read_on, limits.in_a_row),
        ("in_12_months", len(in_year), in_year[0].read_on, limits.in_12_months),
        ("days_since_actual", days, first_on, limits.days_since_actual),
    )
    over = [row for row in passed if row[1] > row[3]]
    if not over:
        return None
    which, count, since, limit = over[0]
    shown_n = len(in_year) if which == "days_since_actual" else count
    return flags.flag(
        "ER02",
        numbers={"n": str(shown_n), "date": flags.day(since), "k": str(limit)},
        inputs={
            "limits_passed": [row[0] for row in over],
            "in_a_row": len(in_a_row),
            "in_12_months": len(in_year),
            "days_since_actual": days,
            "last_actual_on": flags.day(last.read_on if last else None),
        },
    )


def _trailing_estimates(cycles: Sequence[usage.Cycle]) -> Iterator[usage.Cycle]:
    """Walk back through the estimates at the end."""
    return itertools.takewhile(
        lambda cycle: cycle.quality is usage.Quality.estimated, reversed(cycles)
    )


def _negative(case: Case) -> flags.Flag | None:
    """ER10: below the last actual reading, no plausible roll-over, and not yet confirmed."""
    last = usage.last_actual(case.before)
    if last is None or _is_confirmed(case):
        return None
    moved = _moved(case, last)
    if moved.plausible:
        return None
    back = 1 if _is_wild(case, last) else 0
    return flags.flag(
        "ER10",
        numbers={
            "value": flags.shown(case.cycle.value),
            "previous": flags.shown(last.value),
            "date": flags.day(last.read_on),
        },
        inputs={
            "roll_over_kwh": flags.shown(moved.used_kwh),
            "digits": case.register.digits,
            "multiplier": flags.shown(case.register.multiplier),
        },
        back=back,
    )


def _moved(case: Case, last: usage.Cycle) -> meter_reading.Advance:
    days = (case.cycle.read_on - last.read_on).days
    usual = usage.usual(case.before, days=days)
    return meter_reading.advance(
        last.value,
        case.cycle.value,
        case.register,
        typical_kwh=usual.typical_kwh if usual else None,
    )


def _is_confirmed(case: Case) -> bool:
    """Tell whether a questioned reading just before agrees: the contradiction was told once."""
    before = case.before[-1]
    questioned = before.quality is usage.Quality.questionable
    return questioned and before.value <= case.cycle.value


def _is_wild(case: Case, last: usage.Cycle) -> bool:
    """Tell whether the reading before is the bad one.

    So it is when this one fits the reading before that, and either the two cycles together are
    usual or the one before was unusually high by itself.
    """
    earlier = case.before[: list(case.before).index(last)]
    sound = usage.last_actual(earlier)
    if last is not case.before[-1] or sound is None or sound.value > case.cycle.value:
        return False
    days = (case.cycle.read_on - sound.read_on).days
    both = usage.usual(earlier, days=days)
    alone = usage.usual(earlier, days=last.days)
    if both is None or alone is None:
        return False
    used_kwh = (case.cycle.value - sound.value) * case.register.multiplier
    return used_kwh <= both.high_kwh or (last.used_kwh or _ZERO) > alone.high_kwh


def _zero(case: Case) -> flags.Flag | None:
    """ER12: nothing used, by a meter that has always used something worth a question."""
    last = usage.last_actual(case.before)
    if last is None or case.cycle.value != last.value or not usage.is_active(case.before):
        return None
    days = (case.cycle.read_on - last.read_on).days
    usual = usage.usual(case.before, days=days)
    least_kwh = meter_reading.ZERO_TYPICAL_MIN * case.register.multiplier
    if usual is None or usual.typical_kwh < least_kwh:
        return None
    return flags.flag(
        "ER12",
        numbers={"typical": flags.shown(usual.typical_kwh)},
        inputs={
            "value": flags.shown(case.cycle.value),
            "previous_on": flags.day(last.read_on),
            "days": days,
        },
    )


def _equals_estimator(case: Case, limits: Limits) -> flags.Flag | None:
    """ER14: exactly what somebody at a desk would have written down."""
    used_kwh = case.cycle.used_kwh
    register = case.register
    least_units = max(Decimal(limits.equal_units_min), limits.equal_steps_min * register.step)
    least_kwh = least_units * register.multiplier
    if used_kwh is None or used_kwh < least_kwh:
        return None
    for name, name_zh, value_kwh in _guesses(case):
        if used_kwh == value_kwh:
            return flags.flag(
                "ER14",
                numbers={"estimator": name, "value": flags.shown(used_kwh)},
                inputs={
                    "used_before_kwh": [flags.shown(one) for one in _used(case)],
                    "shown_kwh": None if case.shown_kwh is None else flags.shown(case.shown_kwh),
                },
                words_zh={"estimator": name_zh},
            )
    return None


def _guesses(case: Case) -> Iterator[tuple[str, str, Decimal]]:
    """List what a desk would guess, most telling first."""
    if case.shown_kwh is not None:
        yield "the estimate that was shown", "已显示的估算值", case.shown_kwh
    used = _used(case)
    if used:
        yield "last month's use", "上月用电量", used[-1]
    if len(used) == estimators.MEAN_CYCLES:
        mean_kwh = sum(used, Decimal(0)) / estimators.MEAN_CYCLES
        yield "the mean of three", "前三月平均值", estimators.rounded(mean_kwh, case.register)
        yield (
            "the mean of three, cut",
            "前三月平均值（舍尾）",
            estimators.cut(mean_kwh, case.register),
        )


def _used(case: Case) -> list[Decimal]:
    """List the last reported uses, which a desk has before it."""
    known = [cycle.used_kwh for cycle in case.before if cycle.used_kwh is not None]
    return known[-estimators.MEAN_CYCLES :]
