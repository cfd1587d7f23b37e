"""What the shared rules say on the spot: at the site and at the meter, as the server will say it.

Nothing here tells the reader what to find.
"""

from __future__ import annotations

import decimal
import functools
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from field_sync import errors, view
from field_sync.store.connection import Store
from schemas import checkins, readings, tasks
from schemas.base import encode
from schemas.places import Fix
from schemas.rules import (
    flags,
    geofence,
    meter_reading,
    photo_wanted,
    picking,
    presence,
    shapes,
)
from schemas.rules.picking import ReasonFor
from schemas.sites import DWELL_S, TOTAL

FIX_AGE_MAX_S: Final = 120.0
"""How old a fix may be until the district's own limit is on this handheld."""
_FENCES_KEPT: Final = 256


def arrival(store: Store, task: tasks.Task, fix: Fix | None) -> geofence.Verdict:
    """Hold a fix against an order's site; an order without one leaves it unsure."""
    fence = _fence(encode(task.site)) if task.site else None
    if fence is None:
        return geofence.Verdict(geofence.VerdictKind.unsure, None, None, ())
    return geofence.verdict(fix, fence, age_max_s=_fix_age_max_s(store))


def remedies(store: Store, task: tasks.Task, body: checkins.CheckIn) -> checkins.Remedies:
    """Judge what a check-in brings beside its fix; whose code it is, only the office can tell."""
    fence = _fence(encode(task.site)) if task.site else None
    return checkins.Remedies(
        stay=_stay(store, fence, body.sightings) if fence and body.sightings else None,
        sightings=body.sightings,
        photo_sha256=body.photo_sha256,
        scanned=body.scanned,
    )


def reading(
    store: Store,
    stop: readings.Stop,
    *,
    total: decimal.Decimal,
    tariffs: Mapping[str, decimal.Decimal],
) -> tuple[flags.Prompt, ...]:
    """List what to ask the reader about a value before leaving the meter.

    Args:
        store: the handheld's store.
        stop: the meter, with what is known of it.
        total: the register of the whole.
        tariffs: its parts by name, if the meter has them.

    Raises:
        NotOnDisplay: the meter cannot show such a value.
        Malformed: a tariff is named that the meter does not have.
    """
    register = _register(stop)
    for name, value in {TOTAL: total, **tariffs}.items():
        if name not in {TOTAL, *stop.registers}:
            raise errors.Malformed(reason=f"register {name}")
        fault = meter_reading.fault(value, register)
        if fault is not None:
            raise errors.NotOnDisplay(
                value=str(value), digits=stop.digits, decimals=stop.decimals, fault=fault
            )
    return meter_reading.check(
        total, tariffs, _known(store, stop), register, neighbours=_neighbours(store, stop)
    )


def lacks_photo_of_skip(store: Store, code: readings.SkipCode, photos: Sequence[str]) -> bool:
    """Tell whether the district asks for a photo that this skip does not have."""
    district = view.find_district(store)
    on_skip = district.photo_on_skip if district else ()
    return photo_wanted.of_skip(code, photos=len(photos), on_skip=on_skip)


def lacks_photo_of_display(store: Store, confirmed: Sequence[str], photos: Sequence[str]) -> bool:
    """Tell whether the district asks for a photo that this confirmed value does not have."""
    district = view.find_district(store)
    on_confirm = district is not None and district.photo_on_confirm
    return photo_wanted.of_reading(confirmed, photos=len(photos), on_confirm=on_confirm)


def reason(store: Store, task: tasks.Task, body: tasks.Returned | tasks.Suspended) -> None:
    """Hold what was picked to the order's policy set; one that is not here yet allows anything.

    Raises:
        ReasonNotAllowed: the policy set does not let it stand.
    """
    known = view.find_reasons(store, task)
    if known is None:
        return
    given_for = ReasonFor.suspend if isinstance(body, tasks.Suspended) else ReasonFor.return_
    fault = picking.fault(
        known.reasons,
        known.own_words,
        code=body.code,
        given_for=given_for,
        has_until=isinstance(body, tasks.Suspended) and body.until is not None,
    )
    if fault is not None:
        listed = (each.code for each in known.reasons if given_for in each.given_for)
        raise errors.ReasonNotAllowed(fault=fault, known=", ".join(listed) or "-")


def _stay(
    store: Store, fence: geofence.Fence, sightings: Sequence[checkins.Sighting]
) -> checkins.Stayed:
    district = view.find_district(store)
    dwell_s = district.dwell_s if district else DWELL_S
    judged = presence.stay(sightings, fence, dwell_s=dwell_s, age_max_s=_fix_age_max_s(store))
    return checkins.stay_of(judged)


def _fix_age_max_s(store: Store) -> float:
    district = view.find_district(store)
    return district.fix_age_max_s if district else FIX_AGE_MAX_S


def _neighbours(store: Store, stop: readings.Stop) -> Iterator[meter_reading.Neighbour]:
    """Look for what was read beside a stop; nobody looks while its own value is usual."""
    for beside in view.list_beside(store, stop):
        taken = view.find_taken(store, beside)
        if taken is not None:
            yield meter_reading.Neighbour(
                beside.serial, _register(beside), _known(store, beside), taken.total
            )


def _register(stop: readings.Stop) -> meter_reading.Register:
    return meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)


def _known(store: Store, stop: readings.Stop) -> meter_reading.Known:
    district = view.find_district(store)
    zone = zoneinfo.ZoneInfo(district.zone if district else "UTC")
    return meter_reading.Known(
        previous=stop.previous_value,
        previous_on=stop.previous_at.astimezone(zone).date() if stop.previous_at else None,
        typical_kwh=stop.typical_kwh,
        low_kwh=stop.low_kwh,
        high_kwh=stop.high_kwh,
        active=stop.active_history,
    )


@functools.lru_cache(maxsize=_FENCES_KEPT)
def _fence(site_json: bytes) -> geofence.Fence | None:
    """Prepare a site's fence; None when its geometry is no shape on the ground."""
    site = msgspec.json.decode(site_json, type=tasks.WorkSite)
    try:
        return geofence.Fence(site.geometry, radius_m=site.radius_m, datum=site.datum)
    except shapes.BadGeometry:
        return None
