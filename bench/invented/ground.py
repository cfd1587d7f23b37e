"""The ground of the evaluation: the demo district's meters along their walks, with two years past.

Everything comes from one seed; nothing is asked of a database, so that a hundred days are made in
the time that one would take to load.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np

from api.demo import customers, history, network, walks
from schemas.rules import datums, meter_reading

DAY: Final = dt.date(2026, 11, 23)
RADIUS_M: Final = 50.0
_AGE: Final = dt.timedelta(days=5 * 365)


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """One meter on a walk.

    Attributes:
        meter_id: its id.
        box: the wall that it shares.
        lat_deg: where it is, WGS-84.
        lon_deg: the same.
        register: its display.
        before: days and true units run through at each reading so far, oldest first.
        truth: what the register has run through on the day of the evaluation, in units.
    """

    meter_id: str
    box: str | None
    lat_deg: float
    lon_deg: float
    register: meter_reading.Register
    before: Sequence[tuple[dt.date, int]]
    truth: int


def lay(chance: np.random.Generator) -> list[list[Site]]:
    """Give every walk of the district with its meters in walking order."""
    net = network.read()
    planned = walks.plan(net)
    at = dt.datetime.combine(DAY, dt.time(), tzinfo=dt.UTC)
    homes = customers.settle(
        net, planned, chance=chance, installed_at=at - _AGE, months=history.MONTHS
    )
    rounds = {walk.number: history.Round(DAY, "reader") for walk in planned}
    pasts = history.invent(homes, rounds, chance=chance)
    days = _days()
    sites: dict[int, list[Site]] = {walk.number: [] for walk in planned}
    for past in pasts:
        if past.home.former is None:  # an exchanged meter is explained, and judged by nothing here
            sites[past.home.walk].append(_site(past, days))
    return list(sites.values())


def _days() -> list[dt.date]:
    days = [DAY]
    while len(days) < history.MONTHS:
        days.append(history.month_before(days[-1]))
    return days[::-1]


def _site(past: history.Past, days: Sequence[dt.date]) -> Site:
    home = past.home
    lat_deg, lon_deg = datums.convert(
        home.point.lat_deg,
        home.point.lon_deg,
        source=home.point.datum,
        target=datums.Datum.wgs84,
    )
    units = past.units.tolist()
    return Site(
        home.meter.id,
        home.meter.box,
        lat_deg,
        lon_deg,
        meter_reading.Register(home.meter.digits, home.meter.decimals, home.meter.multiplier),
        list(zip(days[:-1], units[:-1], strict=True)),
        units[-1],
    )
