"""What the rules say of made days: the same functions, with the same thresholds, as the server."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bench.invented import ground, reused
from bench.invented.labels import Day, Written
from schemas.rules import (
    batches,
    datums,
    estimates,
    geofence,
    judging,
    meter_reading,
    suspicion,
    usage,
    walks,
)

_LOOKED_AT: Final = "ER14"


def judge(days: Sequence[Day], policy: suspicion.Policy) -> dict[str, set[str]]:
    """Judge every day of a district; give the codes that each reading got."""
    made = [day.readings for day in days]
    found: dict[str, set[str]] = {each.id: set() for day in made for each in day}
    for each in itertools.chain.from_iterable(made):
        found[each.id].update(_by_numbers(each, policy))
    kinds = {each.id: _kinds(each, found[each.id]) for day in made for each in day}
    rates = batches.rates_of(list(kinds.values()))
    for day in made:
        for finding in walks.judge([_take(each, policy) for each in day], policy.walking):
            found[finding.reading_id].add(finding.flag.code)
        marks = [batches.Mark(each.id, kinds[each.id]) for each in day]
        for charge in batches.judge(marks, rates, policy.batches):
            found[charge.reading_id].add(charge.flag.code)
    for reading_id, flag in reused.judge(days, policy.photos):
        found[reading_id].add(flag.code)
    return found


def _by_numbers(written: Written, policy: suspicion.Policy) -> set[str]:
    """Judge the newest reading of a meter by those before it."""
    site = written.site
    readings = [*site.before, (ground.DAY, written.units)]
    past = [
        judging.Past(str(number), day, _shown(units, site.register), usage.Quality.actual)
        for number, (day, units) in enumerate(readings)
    ]
    newest = len(past) - 1
    limits = estimates.Limits.of(policy.use)
    found = judging.judge(
        past,
        register=site.register,
        since=newest,
        doubted=(),
        policies=[judging.Policy(limits, policy.use)] * len(past),
    )
    return {each.flag.code for each in found if each.reading_id == str(newest)}


def _kinds(written: Written, found: set[str]) -> frozenset[batches.Kind]:
    register = written.site.register
    used = written.units - written.site.before[-1][1]
    return batches.kinds_of(
        _shown(written.units, register),
        used * register.step,
        equals_estimate=_LOOKED_AT in found,
    )


def _take(written: Written, policy: suspicion.Policy) -> walks.Take:
    site = written.site
    fence = geofence.Fence(
        {"type": "Point", "coordinates": [site.lon_deg, site.lat_deg]},
        radius_m=ground.RADIUS_M,
        datum=datums.Datum.wgs84,
    )
    return walks.Take(
        reading_id=written.id,
        meter_id=site.meter_id,
        box=site.box,
        at=written.at,
        error_s=0.0,
        suspect=False,
        lat_deg=site.lat_deg,
        lon_deg=site.lon_deg,
        radius_m=ground.RADIUS_M,
        fix=written.fix,
        verdict=geofence.verdict(written.fix, fence, age_max_s=policy.walking.fix_age_s_max),
    )


def _shown(units: int, register: meter_reading.Register) -> Decimal:
    """Tell what the register shows, rolled over when it must."""
    return units * register.step % register.range
