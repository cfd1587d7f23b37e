"""Labels: how a reading came about, in its numbers and in its place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

from bench.invented.ground import Site
from schemas.rules import geofence


class Numbers(enum.StrEnum):
    """Where a value came from."""

    honest = "honest"
    small_walk = "small walk"
    copied = "copied"
    mean = "mean of three"
    round = "round"
    zero = "zero"
    swapped = "swapped"
    transposed = "transposed"


class Place(enum.StrEnum):
    """Where the reader was when it was written down."""

    at_meter = "at the meter"
    desk = "at a desk afterwards"
    gate = "from the gate"
    passing = "walked past at 10 m"
    mock = "a simulated position"
    old_photo = "from afar, with an old photo"


class Photographed(enum.StrEnum):
    """What a reading's photo was taken of."""

    meter = "the meter"
    other_file = "the file of another meter"
    last_file = "last month's file"
    retaken = "a photo of a photo"


@dataclasses.dataclass(frozen=True, slots=True)
class Photo:
    """A reading's photo: a JPEG, and the truth about it."""

    how: Photographed
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A photo that the server has had since the last round, taken of the meter that it is for."""

    meter_id: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A reading as it reached the server, and the truth about it."""

    id: str
    reader: str
    site: Site
    at: dt.datetime
    units: int
    fix: geofence.Fix | None
    numbers: Numbers
    place: Place
    photo: Photo | None

    @property
    def is_invented(self) -> bool:
        """Whether nobody read it."""
        return self.numbers is not Numbers.honest or self.place is not Place.at_meter


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """One reader's day, and the photos of the same walk's last round."""

    readings: Sequence[Written]
    kept: Sequence[Kept]
