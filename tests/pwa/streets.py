"""A basemap around the small district: some pieces long, in several directories."""

from __future__ import annotations

import pathlib
from typing import Final

from tests.makers import basemap, sites

SPAN_M: Final = 3_000
ZOOMS: Final = range(10, 15)
LEAVES: Final = 3


def draw(path: pathlib.Path) -> pathlib.Path:
    """Write the archive; its pictures are noise, so that it is as long as a real one."""
    south_west = sites.north_east(north_m=-SPAN_M, east_m=-SPAN_M)
    north_east = sites.north_east(north_m=SPAN_M, east_m=SPAN_M)
    places = [
        tile for zoom in ZOOMS for tile in basemap.tiles_between(south_west, north_east, zoom=zoom)
    ]
    tiles = {tile: basemap.noise(number) for number, tile in enumerate(places)}
    return basemap.write(path, basemap.archive(tiles, leaves=LEAVES))
