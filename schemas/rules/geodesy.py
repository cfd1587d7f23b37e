"""Metres on the WGS-84 ellipsoid, near a place, without a projection library.

Positions go to earth-centred coordinates (ECEF) and from there into a local plane around an origin
(ENU), stretched along each ray so that distances from the origin are arcs, not chords.
Within 5 km of the origin distances hold to millimetres, across the antimeridian and at the poles
alike; they grow to the far end of the earth, where they are short by a twentieth at most.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

AXIS_M: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257223563
_ECCENTRICITY_SQUARED: Final = FLATTENING * (2 - FLATTENING)
_MEAN_RADIUS_M: Final = 6_371_008.8

FloatArray = npt.NDArray[np.float64]


class Frame:
    """A local plane around an origin: metres east and north of it."""

    __slots__ = ("_cos_lat", "_cos_lon", "_sin_lat", "_sin_lon", "_x", "_y", "_z")

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        self._x, self._y, self._z = _ecef(lat_deg, lon_deg)
        lat_rad, lon_rad = math.radians(lat_deg), math.radians(lon_deg)
        self._sin_lat, self._cos_lat = math.sin(lat_rad), math.cos(lat_rad)
        self._sin_lon, self._cos_lon = math.sin(lon_rad), math.cos(lon_rad)

    def local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Place one position in the plane: (east_m, north_m)."""
        x, y, z = _ecef(lat_deg, lon_deg)
        x, y, z = x - self._x, y - self._y, z - self._z
        east_m = self._cos_lon * y - self._sin_lon * x
        outward_m = self._cos_lon * x + self._sin_lon * y
        north_m = self._cos_lat * z - self._sin_lat * outward_m
        flat_m = math.hypot(east_m, north_m)
        chord_m = math.sqrt(x * x + y * y + z * z)
        if flat_m <= chord_m * 1e-12:  # the origin itself, or the other end of the earth
            return _arc_m(chord_m), 0.0
        stretch = _arc_m(chord_m) / flat_m
        return east_m * stretch, north_m * stretch

    def project(self, lonlat_deg: FloatArray) -> FloatArray:
        """Place rows of (lon_deg, lat_deg) in the plane: rows of (east_m, north_m)."""
        lon_rad, lat_rad = np.radians(lonlat_deg[:, 0]), np.radians(lonlat_deg[:, 1])
        sin_lat, cos_lat = np.sin(lat_rad), np.cos(lat_rad)
        normal_m = AXIS_M / np.sqrt(1 - _ECCENTRICITY_SQUARED * sin_lat * sin_lat)
        x = normal_m * cos_lat * np.cos(lon_rad) - self._x
        y = normal_m * cos_lat * np.sin(lon_rad) - self._y
        z = normal_m * (1 - _ECCENTRICITY_SQUARED) * sin_lat - self._z
        east_m = self._cos_lon * y - self._sin_lon * x
        north_m = self._cos_lat * z - self._sin_lat * (self._cos_lon * x + self._sin_lon * y)
        flat_m = np.hypot(east_m, north_m)
        chord_m = np.sqrt(x * x + y * y + z * z)
        half = np.minimum(chord_m / (2 * _MEAN_RADIUS_M), 1.0)
        arc_m = 2 * _MEAN_RADIUS_M * np.arcsin(half)
        degenerate = flat_m <= chord_m * 1e-12
        stretch = arc_m / np.where(degenerate, 1.0, flat_m)
        return np.column_stack(
            [np.where(degenerate, arc_m, east_m * stretch), north_m * stretch * ~degenerate]
        )


def distance_m(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Measure between two positions: to millimetres at 5 km, to a twentieth anywhere."""
    return _arc_m(math.dist(_ecef(lat_a_deg, lon_a_deg), _ecef(lat_b_deg, lon_b_deg)))


def _ecef(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """Give earth-centred coordinates in metres, at height zero."""
    lat_rad, lon_rad = math.radians(lat_deg), math.radians(lon_deg)
    sin_lat, cos_lat = math.sin(lat_rad), math.cos(lat_rad)
    normal_m = AXIS_M / math.sqrt(1 - _ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    return (
        normal_m * cos_lat * math.cos(lon_rad),
        normal_m * cos_lat * math.sin(lon_rad),
        normal_m * (1 - _ECCENTRICITY_SQUARED) * sin_lat,
    )


def _arc_m(chord_m: float) -> float:
    """Turn a chord through the earth into the way along its surface."""
    return 2 * _MEAN_RADIUS_M * math.asin(min(chord_m / (2 * _MEAN_RADIUS_M), 1.0))
