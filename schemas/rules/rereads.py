"""Re-reads: which readings are read again by somebody else, and what the second reading says.

A reading is called invented (估抄) only on ER14, ER15, ER20, ER30, ER32 to ER35, or on any two
other findings for a person's eyes; high or low use alone accuses nobody.
The second reading is held against the first by what the meter usually uses over the days between.
Units as the register shows them. Source: the rules for readings.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import hashlib
from collections.abc import Collection
from typing import Final

from schemas.rules import flags, meter_reading, usage

TELLING: Final = frozenset({"ER14", "ER15", "ER20", "ER30", "ER32", "ER33", "ER34", "ER35"})
"""One of these is enough."""
LISTED: Final = frozenset({"ER18", "ER19"})
"""These are lists of use; they count for nothing here."""
_OTHERS_MIN: Final = 2
_LOOKED_AT: Final = frozenset({flags.Severity.confirm, flags.Severity.review})
_DIGEST_BITS: Final = 32
_LESS: Final = (
    "The meter showed {second} on {second_on}, less than {first} on {first_on}.",
    "{second_on} 电表示数为 {second}，低于 {first_on} 的 {first}。",
)
_UNKNOWN: Final = (
    "The meter showed {second} on {second_on}; nothing is known of its usual use.",
    "{second_on} 电表示数为 {second}；其平常用电量未知。",
)
_MORE: Final = (
    "{used} kWh in {days} days after {first_on}; usually at most {most}.",
    "{first_on} 之后 {days} 天用电 {used} 千瓦时；平常至多 {most}。",
)
_FITS: Final = (
    "{second} on {second_on} fits {first} on {first_on}: {used} kWh in {days} days.",
    "{second_on} 的 {second} 与 {first_on} 的 {first} 相符：{days} 天用电 {used} 千瓦时。",
)

Decimal = decimal.Decimal


class Outcome(enum.StrEnum):
    """What a second reading says of the first."""

    upheld = "upheld"
    cleared = "cleared"
    open_question = "open_question"


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A register value and the local day on which it was read."""

    value: Decimal
    on: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, in a sentence that a person can check."""

    outcome: Outcome
    en: str
    zh: str


def is_invented(codes: Collection[str]) -> bool:
    """Tell whether findings about one reading together call it invented."""
    if not TELLING.isdisjoint(codes):
        return True
    others = [
        code
        for code in set(codes) - LISTED
        if code in flags.RULES and flags.RULES[code].severity in _LOOKED_AT
    ]
    return len(others) >= _OTHERS_MIN


def is_sampled(reading_id: str, *, period: str, share: float) -> bool:
    """Tell whether a reading is drawn for a blind re-read: the same answer whenever it is asked."""
    digest = hashlib.sha256(f"{period}:{reading_id}".encode()).digest()
    place: float = int.from_bytes(digest[:4]) / 2.0**_DIGEST_BITS
    return place < share


def answer(
    first: Seen,
    second: Seen,
    register: meter_reading.Register,
    *,
    usual: usage.Usual | None,
    slack_units: int,
) -> Answer:
    """Hold a second reading against the first.

    Args:
        first: the reading in question.
        second: what somebody else read at the meter later.
        register: the meter's display.
        usual: usual use over the days between; None if nothing is known.
        slack_units: so many units more say nothing.
    """
    typical_kwh = usual.typical_kwh if usual else None
    moved = meter_reading.advance(first.value, second.value, register, typical_kwh=typical_kwh)
    days = (second.on - first.on).days
    numbers = {
        "first": flags.shown(first.value),
        "first_on": first.on.isoformat(),
        "second": flags.shown(second.value),
        "second_on": second.on.isoformat(),
        "used": flags.shown(moved.used_kwh),
        "days": str(days),
    }
    if not moved.plausible:
        return _answer(Outcome.upheld, _LESS, numbers)
    if usual is None:
        return _answer(Outcome.open_question, _UNKNOWN, numbers)
    most_kwh = usual.high_kwh + slack_units * register.multiplier
    numbers["most"] = flags.shown(most_kwh)
    if moved.used_kwh > most_kwh:
        return _answer(Outcome.upheld, _MORE, numbers)
    return _answer(Outcome.cleared, _FITS, numbers)


def _answer(outcome: Outcome, sentences: tuple[str, str], numbers: dict[str, str]) -> Answer:
    en, zh = (sentence.format_map(numbers) for sentence in sentences)
    return Answer(outcome, en, zh)
