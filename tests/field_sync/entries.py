"""Random entries of readers on routes, from a seed: what stands on displays, and what is typed.

Values are made near the borders of the rules: usual, nothing used, below the last, past zero, two
digits or two neighbours exchanged, tariffs that do not add up, and what no display shows.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from schemas import readings
from schemas.rules import flags, meter_reading
from tests.makers import handheld as make

STOPS: Final = 5
"""So many are on each route."""
_MULTIPLIERS: Final = ("1", "1", "1", "0.1", "40", "60")
_IMPOSSIBLE: Final = ("-1", "NaN", "Infinity", "1e12", "0.12345", "1e-4")
_PARTS: Final = ("peak", "flat", "valley")


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """What a reader typed at a stop, and what happened at its meter."""

    stop: readings.Stop
    total: Decimal
    tariffs: Mapping[str, Decimal]
    explained: frozenset[flags.Explanation]


def routes(seed: int, *, count: int) -> Iterator[list[Entry]]:
    """Walk routes of `STOPS` entries each.

    Args:
        seed: the same seed gives the same entries.
        count: how many routes.
    """
    chance = random.Random(seed)
    for number in range(count):
        displays = [_display(chance)] * 3 + [_display(chance)]
        stops = [
            _stop(chance, chance.choice(displays), route_id=f"r{number}", sequence=sequence)
            for sequence in range(1, STOPS + 1)
        ]
        yield [_entry(chance, stop, total) for stop, total in _typed(chance, stops)]


def register_of(stop: readings.Stop) -> meter_reading.Register:
    """Tell what a stop's meter shows."""
    return meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)


def _display(chance: random.Random) -> meter_reading.Register:
    return meter_reading.Register(
        chance.choice((1, 4, 5, 5, 6, 12)),
        chance.choice((0, 0, 0, 1, 2, 3)),
        Decimal(chance.choice(_MULTIPLIERS)),
    )


def _stop(
    chance: random.Random, register: meter_reading.Register, *, route_id: str, sequence: int
) -> readings.Stop:
    stop = make.stop(f"{route_id}-{sequence}", route_id=route_id, sequence=sequence)
    digits, decimals, multiplier = register
    typical = (register.range * multiplier * chance.choice((1, 5, 20)) / 1000).quantize(
        Decimal("0.001")
    )
    has_band, has_typical = chance.random() < 0.9, chance.random() < 0.95
    top = chance.random() < 0.15
    share = chance.uniform(0.98, 1) if top else chance.random()
    parts = _PARTS[: chance.choice((0, 0, 2, 3))]
    return msgspec.structs.replace(
        stop,
        serial=f"{chance.randrange(10**8):08d}",
        digits=digits,
        decimals=decimals,
        multiplier=multiplier,
        registers=["total", *parts],
        previous_value=_on(register, share) if chance.random() < 0.95 else None,
        typical_kwh=typical if has_typical else None,
        low_kwh=typical / 2 if has_band else None,
        high_kwh=typical * 2 if has_band else None,
        active_history=chance.random() < 0.7,
    )


def _typed(
    chance: random.Random, stops: Sequence[readings.Stop]
) -> Iterator[tuple[readings.Stop, Decimal]]:
    """Give each stop a value; now and then two neighbours get each other's."""
    totals = [_total(chance, stop) for stop in stops]
    for at in range(1, len(stops)):
        if chance.random() < 0.15:
            here, there = _usual(chance, stops[at]), _usual(chance, stops[at - 1])
            totals[at - 1], totals[at] = here, there
    return zip(stops, totals, strict=True)


def _total(chance: random.Random, stop: readings.Stop) -> Decimal:
    register = register_of(stop)
    previous = stop.previous_value or Decimal(0)
    match chance.choice(("usual", "usual", "same", "below", "digits", "anything", "impossible")):
        case "same":
            return previous
        case "below":
            return _on(register, float(previous / register.range) * chance.random())
        case "digits":
            swaps = meter_reading.exchanged(_usual(chance, stop), register)
            return chance.choice(swaps or (previous,))
        case "anything":
            return _on(register, chance.random())
        case "impossible":
            return Decimal(chance.choice(_IMPOSSIBLE))
        case _:
            return _usual(chance, stop)


def _usual(chance: random.Random, stop: readings.Stop) -> Decimal:
    """Give a value about as far on as is usual; past zero where the display ends."""
    register = register_of(stop)
    forward = (stop.typical_kwh or Decimal(0)) / stop.multiplier
    moved = (stop.previous_value or Decimal(0)) + forward * Decimal(chance.uniform(0.4, 2.2))
    return (moved % register.range) // register.step * register.step


def _entry(chance: random.Random, stop: readings.Stop, total: Decimal) -> Entry:
    register = register_of(stop)
    explained = chance.sample(list(flags.Explanation), chance.choice((0, 0, 0, 1, 2)))
    return Entry(stop, total, _tariffs(chance, stop, total, register), frozenset(explained))


def _tariffs(
    chance: random.Random, stop: readings.Stop, total: Decimal, register: meter_reading.Register
) -> dict[str, Decimal]:
    """Split the whole; now and then a part is a step or two off, missing, or none at all."""
    names = [name for name in stop.registers if name != "total"]
    if not names or chance.random() < 0.1:
        return {}
    if meter_reading.fault(total, register) is not None:
        return {names[0]: Decimal(chance.choice(_IMPOSSIBLE))}
    left = total
    parts: dict[str, Decimal] = {}
    for name in names[:-1]:
        parts[name] = left * Decimal(chance.random()) // register.step * register.step
        left -= parts[name]
    parts[names[-1]] = max(left - chance.choice((0, 0, 1, 2, 3)) * register.step, Decimal(0))
    if chance.random() < 0.05:
        del parts[names[0]]
    return parts


def _on(register: meter_reading.Register, share: float) -> Decimal:
    """Give what a display shows at a share of its range."""
    return register.range * Decimal(share) // register.step * register.step
