"""Where things are: positions with their quality, and shapes on the ground with their datum."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.base import Instant, LatDeg, LonDeg, Metres, Name, Seconds, Shape
from schemas.rules.datums import Datum

Geometry = Annotated[
    dict[str, object],
    Meta(
        description="GeoJSON geometry (RFC 7946 order: longitude, latitude) in the stated datum.",
        examples=[{"type": "Point", "coordinates": [110.32, 20.04]}],
    ),
]


class Position(Shape):
    """A point on the ground in a stated datum."""

    lat_deg: LatDeg
    lon_deg: LonDeg
    datum: Datum = Datum.wgs84


class Fix(Shape):
    """A position fix as the phone's platform gave it; nothing is improved or rounded.

    `accuracy_m` is the radius of 68 %; zero or null means unknown.
    `age_s` is how old the fix was when it was used.
    """

    lat_deg: LatDeg
    lon_deg: LonDeg
    accuracy_m: Metres | None = None
    age_s: Seconds | None = None
    datum: Datum = Datum.wgs84
    simulated: bool = False
    provider: Name | None = None


class KnownPosition(Shape):
    """Where a device last said it was, and when that was."""

    lat_deg: LatDeg
    lon_deg: LonDeg
    accuracy_m: Metres | None
    at: Instant
