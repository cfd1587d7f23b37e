"""Judging: what the numbers say of a meter's readings, one after the other.

A reading that comes late may put those after it in another light, so a meter is judged from its
earliest new reading on. A reading found wrong is no ground to judge later ones by: the use after it
is counted from the reading before it, and where a later reading shows an earlier one to be the bad
one, the earlier is charged and the later judged anew without it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from schemas.rules import abnormal, estimates, estimators, flags, meter_reading, suspicion, usage

WRONG_CODES: Final = frozenset({"ER10", "ER20"})
"""Findings that make a reading no ground to judge later ones by."""
CODES: Final = WRONG_CODES | {"ER01", "ER02", "ER12", "ER13", "ER14", "ER18", "ER19", "ER22"}
"""Every finding that rests on a meter's numbers, and stands anew when one of them changes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """A reading that counts.

    Attributes:
        id: which reading.
        read_on: local day of it.
        value: the register, in units shown.
        quality: what it is worth.
        method: how it was estimated; None if it was not.
        explained: what happened at the meter since the reading before.
    """

    id: str
    read_on: dt.date
    value: decimal.Decimal
    quality: usage.Quality
    method: estimators.Method | None = None
    explained: frozenset[flags.Explanation] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A flag and the reading that it charges."""

    reading_id: str
    flag: flags.Flag


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What estimates are allowed, and what is suspicious."""

    limits: estimates.Limits
    use: suspicion.Use


def judge(
    readings: Sequence[Past],
    *,
    register: meter_reading.Register,
    since: int,
    doubted: Collection[str],
    policies: Sequence[Policy],
) -> Iterator[Finding]:
    """Judge a meter's readings from one on.

    Args:
        readings: those that count, oldest first.
        register: the meter's display.
        since: index of the first reading to judge.
        doubted: readings known to be wrong.
        policies: what held when each reading was taken.
    """
    wrong = set(doubted)
    for index in range(since, len(readings)):
        found = _judge_one(readings, register, index, wrong, policies[index])
        if any(flag.back for flag in found):
            charged = [(index - flag.back, flag) for flag in found if flag.back]
            yield from (Finding(readings[at].id, flag) for at, flag in charged)
            wrong.update(readings[at].id for at, _ in charged)
            found = [
                flag
                for flag in _judge_one(readings, register, index, wrong, policies[index])
                if not flag.back
            ]
        yield from (Finding(readings[index].id, flag) for flag in found)
        if any(flag.code in WRONG_CODES for flag in found):
            wrong.add(readings[index].id)


def cycles_of(
    readings: Sequence[Past], register: meter_reading.Register, doubted: Collection[str] = ()
) -> list[usage.Cycle]:
    """Turn readings, oldest first, into cycles.

    A doubted reading is questionable, and the use after it is counted from the one before it.
    """
    cycles: list[usage.Cycle] = []
    base: usage.Cycle | None = None
    for reading in readings:
        is_doubted = reading.id in doubted
        cycle = usage.Cycle(
            reading.read_on,
            reading.value,
            usage.Quality.questionable if is_doubted else reading.quality,
            (reading.read_on - base.read_on).days if base else 0,
            meter_reading.advance(base.value, reading.value, register).used_kwh if base else None,
        )
        cycles.append(cycle)
        base = base if is_doubted else cycle
    return cycles


def _judge_one(
    readings: Sequence[Past],
    register: meter_reading.Register,
    index: int,
    doubted: set[str],
    policy: Policy,
) -> list[flags.Flag]:
    judged = readings[index]
    cycles = cycles_of(readings[: index + 1], register, doubted - {judged.id})
    case = estimates.Case(
        cycle=cycles[-1],
        before=cycles[:-1],
        register=register,
        method=judged.method,
        explained=judged.explained,
    )
    found = estimates.judge(case, policy.limits)
    if any(flag.code == "ER10" for flag in found):
        return list(found)  # what such a value means as use means nothing
    return [*found, *abnormal.judge(case, policy.use)]
