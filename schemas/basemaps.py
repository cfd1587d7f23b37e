"""The basemap: streets and water beneath the map of the grid, kept whole on phones."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import LatDeg, LonDeg, Sha256, Shape, Text

Zoom = Annotated[int, Meta(ge=0, le=30, description="Zoom level of web maps; 0 is the world.")]


class TileFormat(StrEnum):
    """What the pictures of a basemap are."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class Basemap(Shape):
    """The basemap that a utility provides: a PMTiles archive of pictures, and what it covers.

    `id` is the SHA-256 of the archive; another archive has another.
    """

    id: Sha256
    size_bytes: Annotated[int, Meta(ge=0)]
    format: TileFormat
    zoom_min: Zoom
    zoom_max: Zoom
    west_deg: LonDeg
    south_deg: LatDeg
    east_deg: LonDeg
    north_deg: LatDeg
    attribution: Text = ""


class BasemapOffer(Shape):
    """What basemap there is, if the utility provides one."""

    basemap: Basemap | None
