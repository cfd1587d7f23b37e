"""Datums: WGS-84 as phones give it, GCJ-02 and BD-09 as Chinese map services draw it.

Degrees throughout. Forward (WGS-84 to GCJ-02 to BD-09) is exact; inverse is by iteration, to far
less than a centimetre.
Inside the usual box around China (latitude 0.8293 to 55.8271, longitude 72.004 to 137.8347) the
shift is some hundred metres; outside it all three datums are taken as one. A point within a
kilometre of the box's edge may not come back from a round trip.
Source: the published GCJ-02 obfuscation on the Krasovsky 1940 ellipsoid, and BD-09's polar shift.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from typing import Any, Final

LAT_MIN_DEG: Final = 0.8293
LAT_MAX_DEG: Final = 55.8271
LON_MIN_DEG: Final = 72.004
LON_MAX_DEG: Final = 137.8347
ITERATIONS: Final = 6
"""Steps of the inverse; each leaves a hundredth of the miss, so six leave nothing to measure."""

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_BD09_TURN: Final = math.pi * 3000.0 / 180.0
_BD09_LON_DEG: Final = 0.0065
_BD09_LAT_DEG: Final = 0.006


class Datum(enum.StrEnum):
    """What a coordinate pair means."""

    wgs84 = "wgs84"
    gcj02 = "gcj02"
    bd09 = "bd09"


def convert(lat_deg: float, lon_deg: float, *, source: Datum, target: Datum) -> tuple[float, float]:
    """Convert a position; answers (lat_deg, lon_deg) in the target datum."""
    if source is target or not in_china(lat_deg, lon_deg):
        return lat_deg, lon_deg
    if source is Datum.bd09:
        lat_deg, lon_deg = _from_bd09(lat_deg, lon_deg)
    if target is Datum.wgs84:
        return _from_gcj02(lat_deg, lon_deg)
    if source is Datum.wgs84:
        lat_deg, lon_deg = _to_gcj02(lat_deg, lon_deg)
    return _to_bd09(lat_deg, lon_deg) if target is Datum.bd09 else (lat_deg, lon_deg)


def convert_geometry(
    geometry: Mapping[str, Any], *, source: Datum, target: Datum
) -> dict[str, Any]:
    """Convert the vertices of a GeoJSON geometry (longitude, latitude) into the target datum."""
    coordinates = geometry["coordinates"]
    return {
        "type": geometry["type"],
        "coordinates": _converted(coordinates, source, target) if source != target else coordinates,
    }


def in_china(lat_deg: float, lon_deg: float) -> bool:
    """Tell whether a position lies in the box in which the datums differ."""
    return LAT_MIN_DEG <= lat_deg <= LAT_MAX_DEG and LON_MIN_DEG <= lon_deg <= LON_MAX_DEG


def _converted(coordinates: list[Any], source: Datum, target: Datum) -> list[Any]:
    """Convert coordinates of any depth."""
    if isinstance(coordinates[0], list):
        return [_converted(inner, source, target) for inner in coordinates]
    lat_deg, lon_deg = convert(coordinates[1], coordinates[0], source=source, target=target)
    return [lon_deg, lat_deg]


def _to_gcj02(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    x, y = lon_deg - 105.0, lat_deg - 35.0
    sin, pi, root = math.sin, math.pi, math.sqrt(abs(x))
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
        + ripple
        + (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
        + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
        + ripple
        + (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
        + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    )  # fmt: skip
    lat_rad = math.radians(lat_deg)
    w = 1.0 - _ECCENTRICITY_SQUARED * sin(lat_rad) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (w * math.sqrt(w))
    parallel_m = _AXIS_M / math.sqrt(w) * math.cos(lat_rad)
    return lat_deg + math.degrees(north / meridian_m), lon_deg + math.degrees(east / parallel_m)


def _to_bd09(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    radius_deg = math.hypot(lon_deg, lat_deg) + 2e-5 * math.sin(lat_deg * _BD09_TURN)
    theta = math.atan2(lat_deg, lon_deg) + 3e-6 * math.cos(lon_deg * _BD09_TURN)
    return (
        radius_deg * math.sin(theta) + _BD09_LAT_DEG,
        radius_deg * math.cos(theta) + _BD09_LON_DEG,
    )


def _from_gcj02(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    lat, lon = lat_deg, lon_deg
    for _ in range(ITERATIONS):
        there_lat, there_lon = _to_gcj02(lat, lon)
        lat, lon = lat + lat_deg - there_lat, lon + lon_deg - there_lon
    return lat, lon


def _from_bd09(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    lat, lon = lat_deg - _BD09_LAT_DEG, lon_deg - _BD09_LON_DEG
    for _ in range(ITERATIONS):
        there_lat, there_lon = _to_bd09(lat, lon)
        lat, lon = lat + lat_deg - there_lat, lon + lon_deg - there_lon
    return lat, lon
