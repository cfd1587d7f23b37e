"""Batches: a reader's day, and all that a reader reads, against chance.

One exact estimate, one round value, one zero are nothing; many in one day are written at a desk.
ER15 holds a reader's day against the population that it belongs to, by the binomial tail.
ER40 and ER41 hold a reader against all readers: last digits by chi-square, rates by the binomial
tail, both by Holm's correction over all readers at once; they only choose what is read again.
Source: the rules for readings; Holm, "A simple sequentially rejective multiple test procedure"
(1979); chi-square's upper tail by Wilson and Hilferty's cube root (1931).
"""

from __future__ import annotations

import dataclasses
import decimal
import enum
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from schemas.rules import flags, suspicion

Decimal = decimal.Decimal
ROUND_UNITS: Final = 50
"""A register value, or a use, that is a multiple of this many units is round."""
PRIOR_READINGS: Final = 200
"""A population is believed as if so many readings of the prior stood beside it."""
_DIGITS: Final = 10


class Kind(enum.StrEnum):
    """What many values of a day may have in common."""

    equal = "equal"
    round = "round"
    zero = "zero"


PRIOR: Final[Mapping[Kind, float]] = {Kind.equal: 0.01, Kind.round: 0.04, Kind.zero: 0.13}
"""How common each kind is among honest monthly readings; measured on 1,454 customers."""
_NAMES_EN: Final = {
    Kind.equal: "exact estimates",
    Kind.round: "round",
    Kind.zero: "zero",
}
_NAMES_ZH: Final = {
    Kind.equal: "与估算值完全相等",
    Kind.round: "为整数",
    Kind.zero: "为零",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """What is remarkable about one reading of a day."""

    reading_id: str
    kinds: frozenset[Kind]


@dataclasses.dataclass(frozen=True, slots=True)
class Charge:
    """A flag and the reading that it charges."""

    reading_id: str
    flag: flags.Flag


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """What one reader read in a period.

    Attributes:
        last_digits: how often each digit from 0 to 9 came last.
        marked: how many readings were of a kind.
        total: how many there were.
    """

    reader_id: str
    last_digits: Sequence[int]
    marked: Mapping[Kind, int]
    total: int


@dataclasses.dataclass(frozen=True, slots=True)
class Odd:
    """A reader whose values are not chance's; a reason to read some meters again, no more."""

    reader_id: str
    flag: flags.Flag


def kinds_of(
    total: Decimal, used_units: Decimal | None, *, equals_estimate: bool
) -> frozenset[Kind]:
    """Tell what is remarkable about a value.

    Args:
        total: the register, in units shown.
        used_units: since the reading before, in units shown; None if unknown.
        equals_estimate: whether it is exactly what a desk would have written.
    """
    kinds: set[Kind] = set()
    if equals_estimate:
        kinds.add(Kind.equal)
    if used_units == 0:
        kinds.add(Kind.zero)
    if any(value and value % ROUND_UNITS == 0 for value in (total, used_units)):
        kinds.add(Kind.round)
    return frozenset(kinds)


def rates_of(population: Sequence[frozenset[Kind]]) -> dict[Kind, float]:
    """Work out how common each kind is, leaning on the prior where the population is small."""
    total = len(population) + PRIOR_READINGS
    return {
        kind: (sum(kind in kinds for kinds in population) + PRIOR[kind] * PRIOR_READINGS) / total
        for kind in Kind
    }


def judge(
    day: Sequence[Mark], rates: Mapping[Kind, float], policy: suspicion.Batches
) -> Iterator[Charge]:
    """ER15: judge one reader's day.

    Args:
        day: every reading of it.
        rates: how common each kind is in the population, as a share.
        policy: from how many on, and how improbable.
    """
    least = {Kind.equal: policy.equal_min, Kind.round: policy.round_min, Kind.zero: policy.zero_min}
    for kind in Kind:
        marked = [mark for mark in day if kind in mark.kinds]
        if len(marked) < least[kind]:
            continue
        p = tail(len(marked), len(day), rates[kind])
        if p >= policy.p_max:
            continue
        for mark in marked:
            yield Charge(mark.reading_id, _batch(kind, len(marked), len(day), rates[kind], p))


def odd_readers(readers: Sequence[Reader], policy: suspicion.Batches) -> Iterator[Odd]:
    """ER40 and ER41: find the readers whose digits or rates are not chance's.

    A rate is held against all *other* readers', so that no reader hides in a crowd of one.
    """
    enough = [reader for reader in readers if reader.total >= policy.digits_readings_min]
    digits = [digits_p(reader.last_digits) for reader in enough]
    for at in holm(digits, policy.digits_p_max):
        yield Odd(enough[at].reader_id, _digits(enough[at], digits[at]))
    for kind in Kind:
        rates = [_rate_of_others(reader, enough, kind) for reader in enough]
        tails = [
            tail(reader.marked.get(kind, 0), reader.total, rate)
            for reader, rate in zip(enough, rates, strict=True)
        ]
        for at in holm(tails, policy.digits_p_max):
            yield Odd(enough[at].reader_id, _rate(enough[at], kind, rates[at], tails[at]))


def tail(count: int, total: int, rate: float) -> float:
    """Work out how probable `count` or more of `total` are, each with probability `rate`."""
    assert 0 <= count <= total
    assert 0 <= rate <= 1
    if count == 0 or rate >= 1:
        return 1.0
    if rate <= 0:
        return 0.0
    log_rate, log_rest = math.log(rate), math.log1p(-rate)
    logs = [
        _log_choose(total, k) + k * log_rate + (total - k) * log_rest
        for k in range(count, total + 1)
    ]
    top = max(logs)
    return min(math.exp(top) * math.fsum(math.exp(one - top) for one in logs), 1.0)


def digits_p(counts: Sequence[float]) -> float:
    """Work out how probable it is that even digits fall as unevenly as these."""
    assert len(counts) == _DIGITS
    even = sum(counts) / _DIGITS
    if even <= 0:
        return 1.0
    chi_square = math.fsum((count - even) ** 2 for count in counts) / even
    freedom = _DIGITS - 1
    spread = 2 / (9 * freedom)
    z = ((chi_square / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))


def holm(p_values: Sequence[float], p_max: float) -> list[int]:
    """List which of many questions asked at once still answer yes, most telling first."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    kept: list[int] = []
    for rank, at in enumerate(order):
        if p_values[at] * (len(order) - rank) > p_max:
            break
        kept.append(at)
    return kept


def _log_choose(total: int, count: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)


def _rate_of_others(reader: Reader, readers: Sequence[Reader], kind: Kind) -> float:
    """Take the rate among all other readers, never nothing: one more may always come."""
    others = [other for other in readers if other is not reader]
    marked = sum(other.marked.get(kind, 0) for other in others)
    total = sum(other.total for other in others)
    return (marked + 1) / (total + 2)


def _batch(kind: Kind, count: int, total: int, rate: float, p: float) -> flags.Flag:
    return flags.flag(
        "ER15",
        numbers={
            "k": str(count),
            "n": str(total),
            "kind": _NAMES_EN[kind],
            "e": f"{total * rate:.1f}",
        },
        inputs={"rate": f"{rate:.4g}", "p": f"{p:.2g}"},
        words_zh={"kind": _NAMES_ZH[kind]},
    )


def _digits(reader: Reader, p: float) -> flags.Flag:
    return flags.flag(
        "ER40",
        numbers={"n": str(reader.total), "p": f"{p:.2g}"},
        inputs={"last_digits": [str(count) for count in reader.last_digits]},
    )


def _rate(reader: Reader, kind: Kind, rate: float, p: float) -> flags.Flag:
    return flags.flag(
        "ER41",
        numbers={
            "k": str(reader.marked.get(kind, 0)),
            "n": str(reader.total),
            "kind": _NAMES_EN[kind],
            "e": f"{reader.total * rate:.1f}",
        },
        inputs={"rate": f"{rate:.4g}", "p": f"{p:.2g}"},
        words_zh={"kind": _NAMES_ZH[kind]},
    )
