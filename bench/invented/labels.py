"""Labels: how a reading came about, in its numbers and in its place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum

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
    old_photo = "a photo of a photo"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A reading as it reached the server, and the truth about it.

    `photo` names the scene that its photo shows, `retaken` that it is a photo of an earlier photo.
    """

    id: str
    reader: str
    site: Site
    at: dt.datetime
    units: int
    fix: geofence.Fix | None
    numbers: Numbers
    place: Place
    photo: str | None = None
    retaken: bool = False

    @property
    def is_invented(self) -> bool:
        """Whether nobody read it."""
        return self.numbers is not Numbers.honest or self.place is not Place.at_meter

    @property
    def leaves_evidence(self) -> bool:
        """Whether the field could show it: somebody was not there."""
        return self.place is not Place.at_meter
