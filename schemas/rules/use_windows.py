"""Windows: a meter's last 24 cycles, packed so that numbers alone can judge millions at once.

Everything is whole: use and register in the meter's own steps, days as counted, and one mark of
what each reading is worth. The newest cycle stands last; what is not there is `NOTHING`.
A window gives back the very cycles that it was made of, in exact decimals.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from schemas.rules import estimates, flags, judging, meter_reading, usage

CYCLES: Final = 24
NOTHING: Final = -1
"""The use of a cycle that has no reading before it, and of a cycle that is not there."""
RECORD: Final = np.dtype(
    [
        ("value", "<i8"),  # what the register showed last, in steps
        ("multiplier", "<f8"),  # kWh for each unit; its shortest decimal is exact
        ("newest_on", "<i4"),  # the day of the last reading, counted from 0001-01-01 = 1
        ("digits", "u1"),
        ("decimals", "u1"),
        ("explained", "u1"),  # what happened before the last reading, as bits of EXPLANATIONS
        ("count", "u1"),  # cycles that are there
        ("used", "<i4", CYCLES),  # in steps
        ("marks", "<u2", CYCLES),  # days * 8 + a place in WORTHS
    ]
)
"""One meter: 168 bytes in little-endian order, no padding."""
EXPLANATIONS: Final = tuple(flags.Explanation)
WORTHS: Final = (*usage.Quality, "doubted")
ACTUAL: Final = WORTHS.index(usage.Quality.actual)
DOUBTED: Final = WORTHS.index("doubted")
ABSENT: Final = 7
DAYS_SHIFT: Final = 3
WORTH_MASK: Final = 7
_USED_MAX: Final = 2**31 - 1
_DAYS_MAX: Final = 2**13 - 1
_MULTIPLIER_DIGITS_MAX: Final = 15

Records = npt.NDArray[Any]
Decimal = decimal.Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """A meter's last cycles as the rules see them.

    Attributes:
        cycles: oldest first; doubted readings are questionable.
        register: the meter's display.
        explained: what happened before the last reading.
    """

    cycles: Sequence[usage.Cycle]
    register: meter_reading.Register
    explained: frozenset[flags.Explanation]

    @property
    def case(self) -> estimates.Case:
        """The newest reading, to be judged by those before it."""
        return estimates.Case(
            cycle=self.cycles[-1],
            before=self.cycles[:-1],
            register=self.register,
            explained=self.explained,
        )


def pack(
    readings: Sequence[judging.Past],
    register: meter_reading.Register,
    doubted: Collection[str] = (),
) -> bytes | None:
    """Pack the newest cycles of a meter.

    Args:
        readings: those that count, oldest first.
        register: the meter's display.
        doubted: readings known to be wrong; the use after one is counted from the one before it.

    Returns:
        None where there is no reading, or a number that a window has no room for: a use beyond
        2,147,483,647 steps, 8,191 days, or a multiplier of more than 15 digits.
    """
    cycles = judging.cycles_of(readings, register, doubted)
    first = max((at for at, cycle in enumerate(cycles) if cycle.used_kwh is None), default=0)
    first = max(first, len(cycles) - CYCLES)
    if not cycles or len(register.multiplier.as_tuple().digits) > _MULTIPLIER_DIGITS_MAX:
        return None
    step_kwh = register.step * register.multiplier
    used = [NOTHING if one.used_kwh is None else int(one.used_kwh / step_kwh) for one in cycles]
    if max(used[first:]) > _USED_MAX or max(one.days for one in cycles[first:]) > _DAYS_MAX:
        return None
    record = np.zeros(1, RECORD)
    record["value"] = int(cycles[-1].value / register.step)
    record["multiplier"] = float(register.multiplier)
    record["newest_on"] = cycles[-1].read_on.toordinal()
    record["digits"], record["decimals"] = register.digits, register.decimals
    record["explained"] = sum(1 << EXPLANATIONS.index(one) for one in readings[-1].explained)
    record["count"] = count = len(cycles) - first
    record["used"], record["marks"] = NOTHING, ABSENT
    record["used"][0, -count:] = used[first:]
    record["marks"][0, -count:] = [
        (cycle.days << DAYS_SHIFT) + _worth(reading, doubted)
        for reading, cycle in zip(readings[first:], cycles[first:], strict=True)
    ]
    return record.tobytes()


def unpack(record: np.void) -> Window:
    """Give back the cycles of one packed window, in exact decimals."""
    register = meter_reading.Register(
        int(record["digits"]),
        int(record["decimals"]),
        Decimal(repr(float(record["multiplier"]))),
    )
    explained = frozenset(
        one for at, one in enumerate(EXPLANATIONS) if int(record["explained"]) >> at & 1
    )
    return Window(_cycles_of(record, register), register, explained)


def read(packed: bytes) -> Records:
    """See packed windows, one after the other, as records."""
    return np.frombuffer(packed, RECORD)


def _worth(reading: judging.Past, doubted: Collection[str]) -> int:
    return DOUBTED if reading.id in doubted else WORTHS.index(reading.quality)


def _cycles_of(record: np.void, register: meter_reading.Register) -> list[usage.Cycle]:
    """Walk back from the newest reading to each one's ground: its value and its day."""
    range_steps = 10 ** (register.digits + register.decimals)
    step_kwh = register.step * register.multiplier
    newest_on = int(record["newest_on"])
    count = int(record["count"])
    pairs = zip(record["used"][-count:].tolist(), record["marks"][-count:].tolist(), strict=True)
    ground: tuple[int, int] | None = None
    cycles: list[usage.Cycle] = []
    for used, mark in reversed(list(pairs)):
        days, worth = mark >> DAYS_SHIFT, mark & WORTH_MASK
        is_doubted = worth == DOUBTED
        if ground is None:
            value, on = int(record["value"]), newest_on
        elif is_doubted:
            value, on = (ground[0] + max(used, 0)) % range_steps, ground[1] + days
        else:
            value, on = ground
        if ground is None or not is_doubted:
            ground = ((value - max(used, 0)) % range_steps, on - days)
        cycles.append(
            usage.Cycle(
                dt.date.fromordinal(on),
                value * register.step,
                usage.Quality.questionable if is_doubted else usage.Quality(WORTHS[worth]),
                days,
                None if used == NOTHING else used * step_kwh,
            )
        )
    return cycles[::-1]
