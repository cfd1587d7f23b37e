"""Commands of a reader: the route in walking order, readings and skips."""

from __future__ import annotations

import decimal
import pathlib
import sys
from typing import Final

import click
import rich.table

from field_sync import metering, view
from field_sync.cli import options, stops
from field_sync.cli.program import Handheld
from field_sync.words import Lang
from schemas import readings
from schemas.places import Fix
from schemas.rules import flags


@click.command()
@click.argument("order", required=False)
@click.option("--all", "everything", is_flag=True, help="Show the stops that are done as well.")
@click.pass_obj
def route(handheld: Handheld, order: str | None, *, everything: bool) -> None:
    """Show a route's meters in walking order; with one route on the handheld, that one."""
    walk = view.list_stops(handheld.store, route_id=stops.find_route(handheld, order))
    columns = ("seq", "serial", "state", "where", "access")
    table = rich.table.Table(*(handheld.word(column) for column in columns))
    for stop in walk:
        if everything or stop.state is readings.StopState.OPEN:
            state = handheld.word(stop.state)
            where = (stop.address, _way_in(handheld, stop))
            table.add_row(str(stop.sequence), stop.serial, state, *where)
    handheld.console.print(table, markup=False)
    come = view.progress(walk)
    handheld.say("progress", read=come.read, skipped=come.skipped, open=come.open, stops=come.stops)


@click.command()
@click.argument("meter")
@click.argument("total", type=options.exact)
@stops.tariffs
@stops.on_route
@click.option("--confirm", multiple=True, metavar="CODE", help="A prompt seen and confirmed.")
@stops.photos
@options.fix
@options.note
@click.pass_obj
def read(
    handheld: Handheld,
    *,
    meter: str,
    total: decimal.Decimal,
    tariffs: tuple[tuple[str, decimal.Decimal], ...],
    order: str | None,
    confirm: tuple[str, ...],
    photos: tuple[pathlib.Path, ...],
    fix: Fix | None,
    note: str,
) -> None:
    """Keep a reading of METER (its serial, or its number on the route)."""
    stop = view.get_stop(handheld.store, stop_id=stops.find_stop(handheld, order, meter))
    parts = dict(tariffs)
    asked = metering.prompts(handheld.store, stop_id=stop.id, total=total, tariffs=parts)
    hashes = stops.keep_photos(handheld, photos, route_id=stop.route_id, stop_id=stop.id, fix=fix)
    entry = metering.read(
        handheld.store,
        handheld.edge,
        stop_id=stop.id,
        total=total,
        tariffs=parts,
        confirmed=[*confirm, *_confirmed(handheld, asked, confirm)],
        fix=fix,
        photo_sha256=hashes,
        note=note,
    )
    handheld.saved(entry)


@click.command()
@click.argument("meter")
@click.argument("code", type=click.Choice([code.value for code in readings.SkipCode]))
@stops.on_route
@stops.photos
@options.fix
@options.note
@click.pass_obj
def skip(
    handheld: Handheld,
    *,
    meter: str,
    code: str,
    order: str | None,
    photos: tuple[pathlib.Path, ...],
    fix: Fix | None,
    note: str,
) -> None:
    """Say why METER could not be read."""
    stop = view.get_stop(handheld.store, stop_id=stops.find_stop(handheld, order, meter))
    hashes = stops.keep_photos(handheld, photos, route_id=stop.route_id, stop_id=stop.id, fix=fix)
    entry = metering.skip(
        handheld.store,
        handheld.edge,
        stop_id=stop.id,
        code=readings.SkipCode(code),
        fix=fix,
        photo_sha256=hashes,
        note=note,
    )
    handheld.saved(entry)


COMMANDS: Final = (route, read, skip)


def _way_in(handheld: Handheld, stop: readings.Stop) -> str:
    """Say how to get to a meter: the note, keys and dogs, and that another meter was found."""
    said = [stop.access_note]
    said += [handheld.word("keys", keys=stop.keys)] if stop.keys else []
    said += [handheld.word("dogs", dogs=stop.dogs)] if stop.dogs else []
    said += [handheld.word("other_meter")] if stop.finding_id else []
    return "; ".join(filter(None, said))


def _confirmed(
    handheld: Handheld, asked: tuple[flags.Prompt, ...], given: tuple[str, ...]
) -> list[str]:
    """Ask the reader about each prompt that was not confirmed on the command line."""
    if not sys.stdin.isatty():
        return []
    confirmed = []
    for prompt in asked:
        if prompt.code in given:
            continue
        question = prompt.zh if handheld.lang is Lang.ZH else prompt.en
        if not click.confirm(f"{question}. {handheld.word('confirm')}"):
            break
        confirmed.append(prompt.code)
    return confirmed
