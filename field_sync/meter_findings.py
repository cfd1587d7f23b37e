"""What a reader finds at a meter otherwise than the route says, kept as one operation each.

When a function returns, its operation is on disk; the screen may say "saved".
A refusal changes nothing. What is on record changes only when the office has settled it.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from field_sync import errors, keeping, view
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import meter_findings
from schemas.places import Fix
from schemas.rules import meter_reading
from schemas.sites import TOTAL

_NO_TARIFFS: Final[Mapping[str, decimal.Decimal]] = MappingProxyType({})


def found(
    store: Store,
    edge: Edge,
    *,
    route_id: str,
    serial: str,
    place: str,
    total: decimal.Decimal | None = None,
    fix: Fix | None = None,
    photo_sha256: Sequence[str] = (),
    note: str = "",
) -> Entry:
    """Say that a meter stands there which is not on the route.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        route_id: the route that was being walked.
        serial: what its plate says.
        place: where it stands, in words.
        total: what it shows, where it could be read.
        fix: the position as the platform gave it.
        photo_sha256: photos of it, kept before.
        note: what the reader wants to say with it.

    Raises:
        NotOnPhone: the route is not on this handheld.
        OnRoute: the route has a meter with this serial.
        Malformed: the serial or the place is blank, or the value is no number.
    """
    with store.writing():
        task = view.get_task(store, task_id=route_id)
        for stop in view.list_stops(store, route_id=route_id):
            if stop.serial == serial:
                raise errors.OnRoute(serial=serial, sequence=stop.sequence)
        body = meter_findings.MeterFound(
            serial=serial,
            place=place,
            total=total,
            fix=fix,
            photo_sha256=list(photo_sha256),
            note=note,
        )
        return keeping.keep(store, edge, task=task, body=body)


def changed(
    store: Store,
    edge: Edge,
    *,
    stop_id: str,
    serial: str,
    digits: int,
    total: decimal.Decimal,
    decimals: int = 0,
    tariffs: Mapping[str, decimal.Decimal] = _NO_TARIFFS,
    old_total: decimal.Decimal | None = None,
    fix: Fix | None = None,
    photo_sha256: Sequence[str] = (),
    note: str = "",
) -> Entry:
    """Say that another meter stands at a stop; what is read at it waits for the office.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        stop_id: the meter on its route.
        serial: what the new one's plate says.
        digits: how many whole digits the new one shows.
        total: what it shows now.
        decimals: how many digits it shows after the point.
        tariffs: its parts by name, if it has them.
        old_total: the last value of the one that is gone, where somebody knows it.
        fix: the position as the platform gave it.
        photo_sha256: photos of it, kept before.
        note: what the reader wants to say with it.

    Raises:
        NotOnPhone: the stop is not on this handheld.
        SameSerial: the stop has this serial already.
        NotOnDisplay: neither meter can show such a value.
        Malformed: a tariff is named that the stop does not have, or a value has no form.
    """
    with store.writing():
        stop = view.get_stop(store, stop_id=stop_id)
        task = view.get_task(store, task_id=stop.route_id)
        _require_other(stop.serial, serial)
        register = meter_reading.Register(digits, decimals, stop.multiplier)
        for name, value in {TOTAL: total, **tariffs}.items():
            if name not in {TOTAL, *stop.registers}:
                raise errors.Malformed(reason=f"register {name}")
            _require_shown(value, register)
        if old_total is not None:
            old = meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)
            _require_shown(old_total, old)
        body = meter_findings.MeterChanged(
            stop_id=stop_id,
            serial=serial,
            digits=digits,
            decimals=decimals,
            total=total,
            tariffs=dict(tariffs),
            old_total=old_total,
            fix=fix,
            photo_sha256=list(photo_sha256),
            note=note,
        )
        return keeping.keep(store, edge, task=task, body=body)


def mismatch(
    store: Store,
    edge: Edge,
    *,
    stop_id: str,
    serial: str,
    total: decimal.Decimal | None = None,
    fix: Fix | None = None,
    photo_sha256: Sequence[str] = (),
    note: str = "",
) -> Entry:
    """Say that a meter's plate has another serial than its stop, and nobody knows why.

    Raises:
        NotOnPhone: the stop is not on this handheld.
        SameSerial: the stop has this serial already.
        NotOnDisplay: the meter cannot show such a value.
        Malformed: the serial is blank.
    """
    with store.writing():
        stop = view.get_stop(store, stop_id=stop_id)
        task = view.get_task(store, task_id=stop.route_id)
        _require_other(stop.serial, serial)
        if total is not None:
            register = meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)
            _require_shown(total, register)
        body = meter_findings.MeterMismatch(
            stop_id=stop_id,
            serial=serial,
            total=total,
            fix=fix,
            photo_sha256=list(photo_sha256),
            note=note,
        )
        return keeping.keep(store, edge, task=task, body=body)


def _require_other(recorded: str, serial: str) -> None:
    if recorded == serial:
        raise errors.SameSerial(serial=serial)


def _require_shown(value: decimal.Decimal, register: meter_reading.Register) -> None:
    fault = meter_reading.fault(value, register)
    if fault is not None:
        raise errors.NotOnDisplay(
            value=str(value), digits=register.digits, decimals=register.decimals, fault=fault
        )
