"""Commands of a reader who finds a meter otherwise than the route says."""

from __future__ import annotations

import decimal
import pathlib
from typing import Final

import click

from field_sync import meter_findings, view
from field_sync.cli import options, stops
from field_sync.cli.program import Handheld
from schemas.places import Fix
from schemas.sites import DECIMALS_MAX, DIGITS_MAX


@click.command("meter-found")
@click.argument("serial")
@click.argument("place")
@click.option("--total", type=options.exact, help="What it shows.")
@stops.on_route
@stops.photos
@options.fix
@options.note
@click.pass_obj
def found(
    handheld: Handheld,
    *,
    serial: str,
    place: str,
    total: decimal.Decimal | None,
    order: str | None,
    photos: tuple[pathlib.Path, ...],
    fix: Fix | None,
    note: str,
) -> None:
    """Say that a meter SERIAL stands at PLACE which is not on the route."""
    route_id = stops.find_route(handheld, order)
    hashes = stops.keep_photos(handheld, photos, route_id=route_id, stop_id=None, fix=fix)
    entry = meter_findings.found(
        handheld.store,
        handheld.edge,
        route_id=route_id,
        serial=serial,
        place=place,
        total=total,
        fix=fix,
        photo_sha256=hashes,
        note=note,
    )
    handheld.saved(entry)


@click.command("meter-changed")
@click.argument("meter")
@click.argument("serial")
@click.argument("total", type=options.exact)
@click.option(
    "--digits", type=click.IntRange(1, DIGITS_MAX), required=True, help="Whole digits it shows."
)
@click.option(
    "--decimals", type=click.IntRange(0, DECIMALS_MAX), default=0, help="Digits after the point."
)
@stops.tariffs
@click.option("--old-total", type=options.exact, help="The last value of the one that is gone.")
@stops.on_route
@stops.photos
@options.fix
@options.note
@click.pass_obj
def changed(
    handheld: Handheld,
    *,
    meter: str,
    serial: str,
    total: decimal.Decimal,
    digits: int,
    decimals: int,
    tariffs: tuple[tuple[str, decimal.Decimal], ...],
    old_total: decimal.Decimal | None,
    order: str | None,
    photos: tuple[pathlib.Path, ...],
    fix: Fix | None,
    note: str,
) -> None:
    """Say that meter SERIAL stands in the place of METER now, and shows TOTAL."""
    stop = view.get_stop(handheld.store, stop_id=stops.find_stop(handheld, order, meter))
    hashes = stops.keep_photos(handheld, photos, route_id=stop.route_id, stop_id=stop.id, fix=fix)
    entry = meter_findings.changed(
        handheld.store,
        handheld.edge,
        stop_id=stop.id,
        serial=serial,
        digits=digits,
        decimals=decimals,
        total=total,
        tariffs=dict(tariffs),
        old_total=old_total,
        fix=fix,
        photo_sha256=hashes,
        note=note,
    )
    handheld.saved(entry)


@click.command("meter-mismatch")
@click.argument("meter")
@click.argument("serial")
@click.option("--total", type=options.exact, help="What it shows.")
@stops.on_route
@stops.photos
@options.fix
@options.note
@click.pass_obj
def mismatch(
    handheld: Handheld,
    *,
    meter: str,
    serial: str,
    total: decimal.Decimal | None,
    order: str | None,
    photos: tuple[pathlib.Path, ...],
    fix: Fix | None,
    note: str,
) -> None:
    """Say that the plate of METER says SERIAL, and nobody knows why."""
    stop = view.get_stop(handheld.store, stop_id=stops.find_stop(handheld, order, meter))
    hashes = stops.keep_photos(handheld, photos, route_id=stop.route_id, stop_id=stop.id, fix=fix)
    entry = meter_findings.mismatch(
        handheld.store,
        handheld.edge,
        stop_id=stop.id,
        serial=serial,
        total=total,
        fix=fix,
        photo_sha256=hashes,
        note=note,
    )
    handheld.saved(entry)


COMMANDS: Final = (found, changed, mismatch)
