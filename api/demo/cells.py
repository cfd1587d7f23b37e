"""Service areas drawn around the feeders.

The ground within reach of a bus is cut into squares; each goes to the feeder of its nearest
transformer; a feeder's squares together are its area, with smoothed edges that neighbours share.
Worked out on a flat plane around the middle of the network, in metres.
"""

from __future__ import annotations

import collections
import json
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from api.demo.network import Network
from schemas.rules import geodesy
from schemas.sites import AreaClass

SQUARE_M: Final = 80.0
REACH_M: Final = 300.0
_SMOOTH_M: Final = 120.0
_URBAN_PER_KM2: Final = 650
_RURAL_PER_KM2: Final = 360
_DEGREE_PLACES: Final = 6
_M_PER_DEG: Final = 111_195.0

Floats = geodesy.FloatArray


def draw(network: Network) -> dict[str, dict[str, Any]]:
    """Draw each feeder's area as a GeoJSON geometry in WGS-84."""
    middle = _Middle(network)
    buses = middle.plane([(bus.lon_deg, bus.lat_deg) for bus in network.buses.values()])
    transformers = middle.plane([(each.lon_deg, each.lat_deg) for each in network.transformers])
    x, y = _squares(buses)
    nearest = _tree(transformers).nearest(
        np.asarray(shapely.points(x + SQUARE_M / 2, y + SQUARE_M / 2))
    )
    feeders = np.array([each.feeder_id for each in network.transformers])[nearest]
    boxes = np.asarray(shapely.box(x, y, x + SQUARE_M, y + SQUARE_M))
    names = network.feeder_ids
    whole = np.array([shapely.coverage_union_all(boxes[feeders == name]) for name in names])
    smooth = shapely.coverage_simplify(whole, _SMOOTH_M)
    return {name: middle.geojson(area) for name, area in zip(names, smooth, strict=True)}


def classes(network: Network, areas: Mapping[str, dict[str, Any]]) -> dict[str, AreaClass]:
    """Tell how dense the customers of each feeder live in its area."""
    middle = _Middle(network)
    customers = collections.Counter(customer.feeder_id for customer in network.customers)
    found: dict[str, AreaClass] = {}
    for name, geometry in areas.items():
        area_km2 = middle.area_m2(geometry) / 1e6
        per_km2 = customers[name] / area_km2
        found[name] = (
            AreaClass.URBAN
            if per_km2 >= _URBAN_PER_KM2
            else AreaClass.RURAL
            if per_km2 >= _RURAL_PER_KM2
            else AreaClass.REMOTE
        )
    return found


class _Middle:
    """The flat plane around the middle of the network."""

    def __init__(self, network: Network) -> None:
        self._lat_deg = float(np.mean([bus.lat_deg for bus in network.buses.values()]))
        self._lon_deg = float(np.mean([bus.lon_deg for bus in network.buses.values()]))
        self._scale = np.array([_M_PER_DEG * math.cos(math.radians(self._lat_deg)), _M_PER_DEG])

    def plane(self, lonlat_deg: npt.ArrayLike) -> Floats:
        """Lay rows of (lon_deg, lat_deg) into the plane."""
        laid: Floats = (np.asarray(lonlat_deg) - (self._lon_deg, self._lat_deg)) * self._scale
        return laid

    def geojson(self, area: shapely.Geometry) -> dict[str, Any]:
        """Write an area of the plane in degrees."""
        lonlat = shapely.transform(
            area,
            lambda xy: np.round(xy / self._scale + (self._lon_deg, self._lat_deg), _DEGREE_PLACES),
        )
        written: dict[str, Any] = json.loads(shapely.to_geojson(lonlat))
        return written

    def area_m2(self, geometry: Mapping[str, Any]) -> float:
        """Measure an area."""
        drawn = shapely.from_geojson(json.dumps(geometry))
        return float(shapely.area(shapely.transform(drawn, self.plane)))


def _squares(buses: Floats) -> tuple[Floats, Floats]:
    """Give the south-west corners of the squares within reach of a bus."""
    low = np.floor((buses.min(axis=0) - REACH_M) / SQUARE_M) * SQUARE_M
    high = buses.max(axis=0) + REACH_M
    columns, lines = np.meshgrid(
        np.arange(low[0], high[0], SQUARE_M), np.arange(low[1], high[1], SQUARE_M)
    )
    x, y = columns.ravel(), lines.ravel()
    middles = np.asarray(shapely.points(x + SQUARE_M / 2, y + SQUARE_M / 2))
    near, _ = _tree(buses).query_nearest(middles, max_distance=REACH_M, all_matches=False)
    return x[near], y[near]


def _tree(places: Floats) -> shapely.STRtree:
    return shapely.STRtree(np.asarray(shapely.points(places)))
