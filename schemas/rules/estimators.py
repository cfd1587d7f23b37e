"""Estimators: what a meter may have used when nobody could read it.

Each answers a value in kWh, rounded half up to the register's own step, and every number that it
rests on, so that the customer can be told. An estimator that lacks its history answers None.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from collections.abc import Mapping, Sequence
from typing import Final

from schemas.rules import flags, meter_reading, usage

LIKE_MONTH_DAYS: Final = 365
LIKE_MONTH_SLACK_DAYS: Final = 20
MEAN_CYCLES: Final = 3

Decimal = decimal.Decimal


class Method(enum.StrEnum):
    """How a value was estimated."""

    like_month = "like_month"
    previous_scaled = "previous_scaled"
    mean_of_three = "mean_of_three"
    zero = "zero"
    customer_class = "customer_class"
    agreed = "agreed"


NAMES_EN: Final = {
    Method.like_month: "the like month last year",
    Method.previous_scaled: "the previous use scaled by days",
    Method.mean_of_three: "the mean of three",
    Method.zero: "zero",
    Method.customer_class: "the customer class",
    Method.agreed: "agreement",
}
NAMES_ZH: Final = {
    Method.like_month: "上年同期",
    Method.previous_scaled: "上期按天数折算",
    Method.mean_of_three: "前三期平均",
    Method.zero: "零电量",
    Method.customer_class: "用户类别",
    Method.agreed: "协商",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """A value and what it rests on."""

    method: Method
    used_kwh: Decimal
    inputs: Mapping[str, flags.Input]


@dataclasses.dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate may rest on.

    Attributes:
        cycles: the readings so far, oldest first.
        read_on: the day of the reading that is missing.
        days: days since the last one.
        register: the meter's display.
        class_kwh_per_day: what such customers use.
        agreed_kwh: what was agreed with the customer.
    """

    cycles: Sequence[usage.Cycle]
    read_on: dt.date
    days: int
    register: meter_reading.Register
    class_kwh_per_day: Decimal | None = None
    agreed_kwh: Decimal | None = None


def estimate(method: Method, basis: Basis) -> Estimate | None:
    """Estimate by one method."""
    match method:
        case Method.like_month:
            return _like_month(basis)
        case Method.previous_scaled:
            return _previous_scaled(basis)
        case Method.mean_of_three:
            return _mean_of_three(basis)
        case Method.zero:
            return Estimate(method, Decimal(0), {})
        case Method.customer_class:
            return _customer_class(basis)
        case _:
            return _agreed(basis)


def recompute(
    method: Method, inputs: Mapping[str, flags.Input], register: meter_reading.Register
) -> Decimal:
    """Work an estimate out again, in kWh, from nothing but the inputs that were kept with it."""
    match method:
        case Method.zero:
            return Decimal(0)
        case Method.mean_of_three:
            used = inputs["used_kwh"]
            assert isinstance(used, list)
            used_kwh = sum(map(Decimal, used), Decimal(0)) / len(used)
        case Method.agreed:
            used_kwh = Decimal(str(inputs["agreed_kwh"]))
        case Method.customer_class:
            used_kwh = Decimal(str(inputs["class_kwh_per_day"])) * _count(inputs, "days_wanted")
        case _:
            used_kwh = Decimal(str(inputs["used_kwh"])) * _count(inputs, "days_wanted")
            used_kwh /= _count(inputs, "days")
    return rounded(used_kwh, register)


def rounded(used_kwh: Decimal, register: meter_reading.Register) -> Decimal:
    """Round to what the register can show, half up."""
    return _to_step(used_kwh, register, decimal.ROUND_HALF_UP)


def cut(used_kwh: Decimal, register: meter_reading.Register) -> Decimal:
    """Cut off what the register cannot show, as a pocket calculator's user does."""
    return _to_step(used_kwh, register, decimal.ROUND_DOWN)


def _to_step(used_kwh: Decimal, register: meter_reading.Register, rounding: str) -> Decimal:
    step_kwh = register.step * register.multiplier
    return (used_kwh / step_kwh).to_integral_value(rounding) * step_kwh


def _count(inputs: Mapping[str, flags.Input], name: str) -> int:
    return int(str(inputs[name]))


def _like_month(basis: Basis) -> Estimate | None:
    """Take the cycle that ended nearest to a year before, scaled to the days."""
    wanted = basis.read_on - dt.timedelta(days=LIKE_MONTH_DAYS)
    near = [
        (abs((cycle.read_on - wanted).days), cycle.read_on, cycle.used_kwh, cycle.days)
        for cycle in basis.cycles
        if cycle.used_kwh is not None and cycle.days > 0
    ]
    off_days, read_on, used_kwh, days = min(
        near, default=(LIKE_MONTH_SLACK_DAYS + 1, wanted, Decimal(0), 1)
    )
    if off_days > LIKE_MONTH_SLACK_DAYS:
        return None
    return _scaled(Method.like_month, basis, read_on, used_kwh, days)


def _previous_scaled(basis: Basis) -> Estimate | None:
    for cycle in list(basis.cycles)[-1:]:
        if cycle.used_kwh is not None and cycle.days > 0:
            return _scaled(Method.previous_scaled, basis, cycle.read_on, cycle.used_kwh, cycle.days)
    return None


def _scaled(
    method: Method, basis: Basis, read_on: dt.date, used_kwh: Decimal, days: int
) -> Estimate:
    value_kwh = rounded(used_kwh * basis.days / days, basis.register)
    inputs: dict[str, flags.Input] = {
        "read_on": read_on.isoformat(),
        "used_kwh": flags.shown(used_kwh),
        "days": days,
        "days_wanted": basis.days,
    }
    return Estimate(method, value_kwh, inputs)


def _mean_of_three(basis: Basis) -> Estimate | None:
    used = [cycle.used_kwh for cycle in basis.cycles if cycle.used_kwh is not None][-MEAN_CYCLES:]
    if len(used) < MEAN_CYCLES:
        return None
    value_kwh = rounded(sum(used, Decimal(0)) / MEAN_CYCLES, basis.register)
    return Estimate(
        Method.mean_of_three, value_kwh, {"used_kwh": [flags.shown(one) for one in used]}
    )


def _customer_class(basis: Basis) -> Estimate | None:
    if basis.class_kwh_per_day is None:
        return None
    value_kwh = rounded(basis.class_kwh_per_day * basis.days, basis.register)
    inputs: dict[str, flags.Input] = {
        "class_kwh_per_day": flags.shown(basis.class_kwh_per_day),
        "days_wanted": basis.days,
    }
    return Estimate(Method.customer_class, value_kwh, inputs)


def _agreed(basis: Basis) -> Estimate | None:
    if basis.agreed_kwh is None:
        return None
    inputs: dict[str, flags.Input] = {"agreed_kwh": flags.shown(basis.agreed_kwh)}
    return Estimate(Method.agreed, rounded(basis.agreed_kwh, basis.register), inputs)
