"""Meters found otherwise than the route says: not on it, changed, or with another serial.

A crew only tells what it sees; what is on record changes when the office settles the finding.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.base import Exact, Id, Instant, Name, Sha256, Shape, Text, require_exact
from schemas.errors import Words
from schemas.places import Fix
from schemas.rules.meter_findings import Advice, Kind, Resolution
from schemas.sites import Decimals, Digits, Registers

Photos = Annotated[list[Sha256], Meta(max_length=10)]


class MeterFound(Shape):
    """Operation `meter.found`: a meter stands there that is not on the route.

    `place` says where, in words; `total` is what it shows, where it could be read.
    """

    serial: Name
    place: Annotated[Text, Meta(min_length=1)]
    total: Exact | None = None
    fix: Fix | None = None
    photo_sha256: Photos = []
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(*filter(None, [self.total]))


class MeterChanged(Shape):
    """Operation `meter.changed`: another meter stands at the stop now.

    `old_total` is the last value of the one that is gone, where somebody knows it; `total` and
    `tariffs` are what the new one shows now, `digits` and `decimals` what it can show.
    """

    stop_id: Id
    serial: Name
    digits: Digits
    decimals: Decimals = 0
    total: Exact
    tariffs: dict[str, Exact] = {}
    old_total: Exact | None = None
    fix: Fix | None = None
    photo_sha256: Photos = []
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(self.total, *self.tariffs.values(), *filter(None, [self.old_total]))


class MeterMismatch(Shape):
    """Operation `meter.mismatch`: the plate says another serial than the stop; nobody knows why.

    `total` is what the meter shows, where it was read.
    """

    stop_id: Id
    serial: Name
    total: Exact | None = None
    fix: Fix | None = None
    photo_sha256: Photos = []
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(*filter(None, [self.total]))


class NewMeter(Shape):
    """What the office knows of a meter that was changed; what it leaves out is as it was found.

    `installed_value` is what it showed when it was put up.
    """

    serial: Name | None = None
    digits: Digits | None = None
    decimals: Decimals | None = None
    multiplier: Exact | None = None
    registers: Registers | None = None
    installed_value: Exact | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(*filter(None, [self.multiplier, self.installed_value]))


class MeterFindingSettled(Shape):
    """What a finding turned out to be, and what the office knows besides.

    A change happened at `changed_at`, and the old meter was taken down at `old_total`; left out,
    both are as the crew told them.
    """

    resolution: Resolution
    changed_at: Instant | None = None
    old_total: Exact | None = None
    meter: NewMeter = NewMeter()
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(*filter(None, [self.old_total]))


class MeterFinding(Shape):
    """A meter found otherwise than the route says, and what is to be done about it.

    `recorded_serial` is what the stop said, `known_meter_id` the meter that is on record with the
    serial that was found. `waiting` counts the readings that wait for it to be settled.
    """

    id: Id
    kind: Kind
    route_id: Id
    stop_id: Id | None
    meter_id: Id | None
    recorded_serial: Name | None
    serial: Name
    known_meter_id: Id | None
    place: Text
    total: Exact | None
    tariffs: dict[str, Exact]
    old_total: Exact | None
    digits: int | None
    decimals: int | None
    reader_id: Id
    happened_at: Instant
    clock_suspect: bool
    photo_sha256: list[Sha256]
    note: Text
    waiting: int
    advice: Advice
    to_do: Words
    resolution: Resolution | None = None
    settled_at: Instant | None = None
    settled_by: Id | None = None
    settled_note: Text = ""
    new_meter_id: Id | None = None
