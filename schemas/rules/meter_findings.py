"""Meters found otherwise than recorded: what the office is told to do, and how it may settle them.

A finding never changes what is on record by itself: a reader may misread a plate.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


class Kind(enum.StrEnum):
    """What was found."""

    found = "found"
    changed = "changed"
    mismatch = "mismatch"


class Serial(enum.StrEnum):
    """What the record says of the serial that was found."""

    unknown = "unknown"
    elsewhere = "elsewhere"
    removed = "removed"


class Advice(enum.StrEnum):
    """What the office should do."""

    register = "register"
    plan = "plan"
    take_back = "take_back"
    confirm = "confirm"
    clear = "clear"
    ask = "ask"
    done = "done"


class Resolution(enum.StrEnum):
    """What a finding turned out to be.

    `changed`: another meter stands there; `same_meter`: it is the meter on record, whose serial was
    written down wrongly; `registered`: the meter that was found is on record now; `dismissed`: it
    is as recorded, and what was read meanwhile counts for nothing.
    """

    changed = "changed"
    same_meter = "same_meter"
    registered = "registered"
    dismissed = "dismissed"


_ADVICE: Final[Mapping[tuple[Kind, Serial], Advice]] = MappingProxyType(
    {
        (Kind.found, Serial.unknown): Advice.register,
        (Kind.found, Serial.elsewhere): Advice.plan,
        (Kind.found, Serial.removed): Advice.take_back,
        (Kind.changed, Serial.unknown): Advice.confirm,
        (Kind.changed, Serial.elsewhere): Advice.clear,
        (Kind.changed, Serial.removed): Advice.confirm,
        (Kind.mismatch, Serial.unknown): Advice.ask,
        (Kind.mismatch, Serial.elsewhere): Advice.clear,
        (Kind.mismatch, Serial.removed): Advice.ask,
    }
)
_UNDER: Final[Mapping[Kind, frozenset[Resolution]]] = MappingProxyType(
    {
        Kind.found: frozenset({Resolution.registered, Resolution.dismissed}),
        Kind.changed: frozenset({Resolution.changed, Resolution.same_meter, Resolution.dismissed}),
        Kind.mismatch: frozenset({Resolution.changed, Resolution.same_meter, Resolution.dismissed}),
    }
)
WORDS: Final[Mapping[Advice, tuple[str, str]]] = MappingProxyType(
    {
        Advice.register: (
            "Nobody knows meter {serial}: look into whose it is, and put it on record.",
            "台账中没有电表 {serial}：请核实归属并建档。",
        ),
        Advice.plan: (
            "Meter {serial} is on record: put it on a route.",
            "电表 {serial} 已有台账：请编入抄表路线。",
        ),
        Advice.take_back: (
            "Meter {serial} is on record as taken down: look into why it stands there.",
            "电表 {serial} 台账为已拆除：请核实为何仍在现场。",
        ),
        Advice.confirm: (
            "Hold the change against its work order, and confirm it: its readings wait for that.",
            "请与换表工单核对后确认；其示数正等待确认。",
        ),
        Advice.clear: (
            "Meter {serial} stands elsewhere on record: settle that first, or dismiss it.",
            "台账中电表 {serial} 装于别处：请先核实，或按看错表号处理。",
        ),
        Advice.ask: (
            "The plate says {serial}: ask whether the meter was changed, or its record is wrong.",
            "现场表号为 {serial}：请核实是已换表，还是台账表号有误。",
        ),
        Advice.done: ("Settled; nothing to do.", "已办结，无需处理。"),
    }
)
"""What to do, in English and Chinese."""


def advise(kind: Kind, serial: Serial, *, is_settled: bool) -> Advice:
    """Tell what to do about a finding, by what the record says of its serial."""
    return Advice.done if is_settled else _ADVICE[kind, serial]


def may_settle(kind: Kind, resolution: Resolution) -> bool:
    """Tell whether a finding of a kind can have turned out so."""
    return resolution in _UNDER[kind]
