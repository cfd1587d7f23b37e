"""Rules by themselves: a fence's decision, and the areas of many positions."""

from __future__ import annotations

import math
import random
import timeit
from collections.abc import Iterator
from typing import Final

import numpy as np

from bench import figures
from schemas.rules import areas, datums, geofence

_DECISIONS: Final = 20_000
_FENCE_US_AT_MOST: Final = 10.0
_AREAS_BY_SIDE: Final = 32
"""32 x 32 areas: 1,024."""
_CORNERS: Final = 500
_POSITIONS: Final = 1_000_000
_MILLIONS_PER_S_AT_LEAST: Final = 0.8
_STEP_DEG: Final = 0.02
_LAT_DEG: Final = 20.0
_LON_DEG: Final = 110.0


def measure(*, reps: int) -> Iterator[figures.Figure]:
    """Time the rules in this process.

    Args:
        reps: how often; the best counts, because nothing here waits.
    """
    yield figures.Figure(
        what="fence decision", value=_fence_us(reps), unit="us", at_most=_FENCE_US_AT_MOST
    )
    yield figures.Figure(
        what=f"area lookup, {_AREAS_BY_SIDE**2:,} areas of {_CORNERS} points",
        value=_millions_per_s(reps),
        unit="million points/s",
        at_least=_MILLIONS_PER_S_AT_LEAST,
    )


def _fence_us(reps: int) -> float:
    point = {"type": "Point", "coordinates": [_LON_DEG, _LAT_DEG]}
    fence = geofence.Fence(point, radius_m=50, datum=datums.Datum.wgs84)
    fix = geofence.Fix(_LAT_DEG + 0.0002, _LON_DEG, accuracy_m=8, age_s=2)
    took_s = timeit.repeat(
        lambda: geofence.verdict(fix, fence, age_max_s=120), number=_DECISIONS, repeat=reps
    )
    return min(took_s) / _DECISIONS * 1e6


def _millions_per_s(reps: int) -> float:
    index = areas.Index(
        _area(row, column) for row in range(_AREAS_BY_SIDE) for column in range(_AREAS_BY_SIDE)
    )
    random_ = np.random.default_rng(1)
    side_deg = _AREAS_BY_SIDE * _STEP_DEG
    lat_deg = _LAT_DEG + random_.random(_POSITIONS) * side_deg
    lon_deg = _LON_DEG + random_.random(_POSITIONS) * side_deg
    took_s = timeit.repeat(
        lambda: index.locate_many(lat_deg, lon_deg), number=1, repeat=max(reps // 3, 2)
    )
    return _POSITIONS / min(took_s) / 1e6


def _area(row: int, column: int) -> areas.Area:
    """Draw an area with a ragged edge around a knot of the grid."""
    ragged = random.Random(row * _AREAS_BY_SIDE + column)
    ring = []
    for corner in range(_CORNERS):
        angle = 2 * math.pi * corner / _CORNERS
        reach_deg = _STEP_DEG * ragged.uniform(0.45, 0.5)
        ring.append(
            [
                _LON_DEG + (column + 0.5) * _STEP_DEG + math.cos(angle) * reach_deg,
                _LAT_DEG + (row + 0.5) * _STEP_DEG + math.sin(angle) * reach_deg,
            ]
        )
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return areas.Area(f"area-{row:02}-{column:02}", geometry)
