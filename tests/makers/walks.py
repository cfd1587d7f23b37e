"""Readers' days for tests: meters along a street, in metres and seconds from its beginning."""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import Final

from api.readings.service import thresholds
from schemas.rules import datums, geofence, suspicion, walks

BEGAN: Final = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
LAT_DEG: Final = 20.0
LON_DEG: Final = 110.0
RADIUS_M: Final = 50.0
POLICY: Final[suspicion.Policy] = thresholds.read(pathlib.Path(thresholds.FILE))
_DEG_PER_M: Final = 1 / 110_700


def place(north_m: float) -> tuple[float, float]:
    """Give a place on the street."""
    return LAT_DEG + north_m * _DEG_PER_M, LON_DEG


def fix(
    north_m: float,
    *,
    accuracy_m: float | None = 8.0,
    age_s: float | None = 1.0,
    simulated: bool = False,
) -> geofence.Fix:
    """Give a fix on the street."""
    return geofence.Fix(*place(north_m), accuracy_m, age_s, simulated=simulated, provider="gps")


def take(
    number: int,
    *,
    at_s: float,
    north_m: float,
    fixed: geofence.Fix | None,
    box: str | None = None,
    error_s: float = 0.0,
    suspect: bool = False,
) -> walks.Take:
    """Take a reading of a meter on the street; `fixed` is where the phone said that it was."""
    lat_deg, lon_deg = place(north_m)
    fence = geofence.Fence(
        {"type": "Point", "coordinates": [lon_deg, lat_deg]},
        radius_m=RADIUS_M,
        datum=datums.Datum.wgs84,
    )
    return walks.Take(
        reading_id=f"R{number}",
        meter_id=f"M{number}",
        box=box,
        at=BEGAN + dt.timedelta(seconds=at_s),
        error_s=error_s,
        suspect=suspect,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        radius_m=RADIUS_M,
        fix=fixed,
        verdict=geofence.verdict(fixed, fence, age_max_s=POLICY.walking.fix_age_s_max),
    )
