"""The nightly job of readings: flag what is odd, and take settled routes off the phones."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import service
from schemas.rules import reuse

ROUTES_RETIRED_MAX: Final = 50


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Judge what came since the last run, in one district.

    Returns:
        Readings looked at, new flags by code, and routes taken off the phones.
    """
    counts = service.flag_readings(session, act=act)
    reused = service.flag_reused_photos(session, act=act)
    if reused:
        counts[reuse.CODE] = reused
    counts["routes_retired"] = service.retire_routes(session, act=act, limit=ROUTES_RETIRED_MAX)
    return counts
