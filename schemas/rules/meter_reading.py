"""Registers: what a reading means, and what to ask before leaving the meter.

A register shows `digits` whole digits and `decimals` after the point, and rolls over to zero.
Consumption is the advance times the multiplier, in kWh; all of it in exact decimals.
The comparison is always with the last *actual* reading, so that an honest reading after a bad one
is not asked about. What the reader is expected to find never leaves this module.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from schemas.rules import flags

ROLLOVER_TYPICAL_MAX: Final = decimal.Decimal(5)
"""A roll-over is plausible up to this many times the usual consumption."""
ROLLOVER_SHARE_MAX: Final = decimal.Decimal("0.1")
"""Where nothing is known of the usual: up to this share of the register's range."""
ZERO_TYPICAL_MIN: Final = decimal.Decimal(8)
"""Below this many units usual consumption, zero is nothing to ask about."""
TOTAL: Final = "total"
"""The register of the whole, which every meter has."""

Decimal = decimal.Decimal
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


class Fault(enum.StrEnum):
    """Why a value cannot stand on a register."""

    not_a_number = "not_a_number"
    negative = "negative"
    too_many_digits = "too_many_digits"
    too_many_decimals = "too_many_decimals"


class Register(NamedTuple):
    """A meter's display.

    Attributes:
        digits: whole digits.
        decimals: digits after the point.
        multiplier: kWh for each unit shown.
    """

    digits: int
    decimals: int = 0
    multiplier: Decimal = _ONE

    @property
    def range(self) -> Decimal:
        """The first value that the register cannot show."""
        return Decimal(10) ** self.digits

    @property
    def step(self) -> Decimal:
        """The smallest advance that it shows."""
        return Decimal(1).scaleb(-self.decimals)


@dataclasses.dataclass(frozen=True, slots=True)
class Advance:
    """How far a register moved.

    Attributes:
        units: forward, in units shown; always less than the range.
        used_kwh: the same in kWh.
        rolled_over: whether the register passed through zero.
        plausible: False when a roll-over would mean far more than usual: the value is negative.
    """

    units: Decimal
    used_kwh: Decimal
    rolled_over: bool
    plausible: bool


class Known(NamedTuple):
    """What is known of a meter before it is read; kept from the reader.

    Attributes:
        previous: register at the last actual reading; None for a new meter.
        previous_on: the day of it.
        typical_kwh: usual consumption over as many days.
        low_kwh: below this it would be unusual.
        high_kwh: above this it would be unusual.
        active: whether it has used energy all along.
        explained: what happened at the meter since.
    """

    previous: Decimal | None = None
    previous_on: dt.date | None = None
    typical_kwh: Decimal | None = None
    low_kwh: Decimal | None = None
    high_kwh: Decimal | None = None
    active: bool = False
    explained: frozenset[flags.Explanation] = frozenset()


class Neighbour(NamedTuple):
    """A meter beside this one on the route, that was read before it.

    Attributes:
        serial: what its plate says; the only thing of it that a prompt names.
        register: its display.
        known: what is known of it; kept from the reader.
        total: the value that was entered at it.
    """

    serial: str
    register: Register
    known: Known
    total: Decimal


def fault(value: Decimal, register: Register) -> Fault | None:
    """Say why `value` cannot stand on the register, or None if it can."""
    if not value.is_finite():
        return Fault.not_a_number
    if value < 0:
        return Fault.negative
    if value >= register.range:
        return Fault.too_many_digits
    if value % register.step != 0:
        return Fault.too_many_decimals
    return None


def advance(
    previous: Decimal,
    current: Decimal,
    register: Register,
    *,
    typical_kwh: Decimal | None = None,
) -> Advance:
    """Work out the advance, `(current - previous) mod 10^digits`.

    Args:
        previous: the earlier value, without fault.
        current: the later value, without fault.
        register: the meter's display.
        typical_kwh: usual consumption over as many days, to judge a roll-over by.
    """
    rolled_over = current < previous
    units = current - previous + (register.range if rolled_over else _ZERO)
    used_kwh = units * register.multiplier
    if typical_kwh is not None and typical_kwh > 0:
        roll_over_max_kwh = typical_kwh * ROLLOVER_TYPICAL_MAX
    else:
        roll_over_max_kwh = register.range * register.multiplier * ROLLOVER_SHARE_MAX
    plausible = not rolled_over or used_kwh <= roll_over_max_kwh
    return Advance(units, used_kwh, rolled_over, plausible)


def check(
    total: Decimal,
    tariffs: Mapping[str, Decimal],
    known: Known,
    register: Register,
    *,
    neighbours: Iterable[Neighbour] = (),
) -> tuple[flags.Prompt, ...]:
    """List what to ask the reader about a value without fault, most helpful first.

    Args:
        total: the register of the whole.
        tariffs: its parts by name; empty if the meter has none.
        known: what is known of the meter.
        register: the meter's display.
        neighbours: the meters beside it on the route that were read before it.
    """
    prompts = (
        _swapped(total, known, register, neighbours),
        _transposed(total, known, register),
        _negative(total, known, register),
        _zero(total, known, register),
        _sum(total, tariffs, register),
    )
    return tuple(
        prompt
        for prompt in prompts
        if prompt is not None and not flags.is_silent(prompt.code, known.explained)
    )


def unread(tariffs: Collection[str], registers: Sequence[str]) -> tuple[str, ...]:
    """List the parts of the whole that were not read though others of the same meter were.

    Args:
        tariffs: the names of the parts that were read.
        registers: every register that the meter has, the whole among them.
    """
    if not tariffs:
        return ()
    return tuple(name for name in registers if name != TOTAL and name not in tariffs)


def exchanged(value: Decimal, register: Register) -> tuple[Decimal, ...]:
    """List what the value would be with two neighbouring digits exchanged, left to right."""
    text = f"{int(value / register.step):0{register.digits + register.decimals}d}"
    swaps = (
        text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        for at in range(len(text) - 1)
        if text[at] != text[at + 1]
    )
    return tuple(int(swap) * register.step for swap in swaps)


def _swapped(
    total: Decimal, known: Known, register: Register, neighbours: Iterable[Neighbour]
) -> flags.Prompt | None:
    """Ask only where exactly one neighbour's value would be usual here, and this one there."""
    if _is_usual(total, known, register):
        return None
    fitting = [
        neighbour.serial
        for neighbour in neighbours
        if not _is_usual(neighbour.total, neighbour.known, neighbour.register)
        and _fits(total, neighbour.known, neighbour.register)
        and _fits(neighbour.total, known, register)
    ]
    if len(fitting) != 1:
        return None
    return flags.prompt("ER16", numbers={"meter": fitting[0]})


def _negative(total: Decimal, known: Known, register: Register) -> flags.Prompt | None:
    if known.previous is None:
        return None
    moved = advance(known.previous, total, register, typical_kwh=known.typical_kwh)
    if moved.plausible:
        return None
    numbers = {
        "value": flags.shown(total),
        "previous": flags.shown(known.previous),
        "date": flags.day(known.previous_on),
    }
    return flags.prompt("ER10", numbers=numbers)


def _zero(total: Decimal, known: Known, register: Register) -> flags.Prompt | None:
    if total != known.previous or not known.active or known.typical_kwh is None:
        return None
    if known.typical_kwh < ZERO_TYPICAL_MIN * register.multiplier:
        return None
    return flags.prompt("ER12", numbers={"date": flags.day(known.previous_on)})


def _transposed(total: Decimal, known: Known, register: Register) -> flags.Prompt | None:
    """Ask only where exactly one exchange of digits turns the unusual into the usual."""
    if known.previous is None or _is_usual(total, known, register):
        return None
    usual = {
        candidate
        for candidate in exchanged(total, register)
        if _is_usual(candidate, known, register)
    }
    if len(usual) != 1:
        return None
    return flags.prompt("ER17", numbers={"candidate": flags.shown(usual.pop())})


def _is_usual(value: Decimal, known: Known, register: Register) -> bool:
    """Tell whether the value falls in the band of usual consumption; not if there is no band."""
    if known.previous is None or known.low_kwh is None or known.high_kwh is None:
        return False
    used_kwh = advance(known.previous, value, register).used_kwh
    return known.low_kwh <= used_kwh <= known.high_kwh


def _fits(value: Decimal, known: Known, register: Register) -> bool:
    """Tell whether a value of another meter could be read here, and would be usual."""
    return fault(value, register) is None and _is_usual(value, known, register)


def _sum(total: Decimal, tariffs: Mapping[str, Decimal], register: Register) -> flags.Prompt | None:
    """Ask where the parts do not make the whole.

    Each register cuts off what it cannot show, so n parts may fall short by up to n - 1 steps;
    after a roll-over of the whole they exceed it by its range.
    """
    if not tariffs:
        return None
    parts = sum(tariffs.values(), _ZERO)
    short = (total - parts) % register.range  # of the dividend's sign, so:
    short += register.range if short < 0 else _ZERO
    if short <= (len(tariffs) - 1) * register.step:
        return None
    return flags.prompt("ER21", numbers={"total": flags.shown(total), "sum": flags.shown(parts)})
