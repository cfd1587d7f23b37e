"""What a phone says of where it is: errors that drift, accuracies that are sometimes wrong.

The radius of 68 % is drawn as phones in streets and stairwells give it; the true error follows it,
but for a few fixes that are worse than they say.
Source of the spread: phone traces with accuracies, median 24 m and up to 96 m (posmo), of which the
walking parts lie between 4 and 60 m.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from schemas.rules import geofence

_OUTDOORS_M: Final = 12.0
_INDOORS_M: Final = 32.0
_INDOORS_SHARE: Final = 0.2
_BLIND_SHARE: Final = 0.03
_STALE_SHARE: Final = 0.02
_LYING_SHARE: Final = 0.02
_LYING_TIMES: Final = 2.5
_DRIFT: Final = 0.7
_RADIUS_68: Final = 1.51
"""The radius that holds 68 % of a round normal spread, in its standard deviations."""
_DEG_PER_M: Final = 1 / 111_320


class Phone:
    """One phone on one walk; its error is remembered from fix to fix."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._error = (0.0, 0.0)

    def fix(self, lat_deg: float, lon_deg: float) -> geofence.Fix | None:
        """Say where the phone is; None where it finds nothing."""
        chance = self._chance
        if chance.random() < _BLIND_SHARE:
            return None
        middle_m = _INDOORS_M if chance.random() < _INDOORS_SHARE else _OUTDOORS_M
        accuracy_m = float(middle_m * chance.lognormal(0, 0.5))
        spread_m = accuracy_m / _RADIUS_68
        if chance.random() < _LYING_SHARE:
            spread_m *= _LYING_TIMES
        fresh = math.sqrt(1 - _DRIFT**2)
        east, north = (_DRIFT * old + fresh * float(chance.normal()) for old in self._error)
        self._error = east, north
        there = moved(lat_deg, lon_deg, east_m=east * spread_m, north_m=north * spread_m)
        age_s = float(
            chance.uniform(200, 900) if chance.random() < _STALE_SHARE else chance.uniform(0, 3)
        )
        return geofence.Fix(*there, accuracy_m=accuracy_m, age_s=age_s)


def moved(lat_deg: float, lon_deg: float, *, east_m: float, north_m: float) -> tuple[float, float]:
    """Give the place some metres away."""
    shrink = math.cos(math.radians(lat_deg))
    return lat_deg + north_m * _DEG_PER_M, lon_deg + east_m * _DEG_PER_M / shrink
