"""Commands of a reader: the route in walking order, readings and skips."""

from __future__ import annotations

import decimal
import sys
from typing import Final

import click
import rich.table

from field_sync import errors, metering, view
from field_sync.cli import options
from field_sync.cli.program import Handheld, pick, short
from field_sync.words import Lang
from schemas import readings
from schemas.places import Fix
from schemas.rules import flags
from schemas.rules.transitions import Kind


@click.command()
@click.argument("order", required=False)
@click.option("--all", "everything", is_flag=True, help="Show the stops that are done as well.")
@click.pass_obj
def route(handheld: Handheld, order: str | None, *, everything: bool) -> None:
    """Show a route's meters in walking order; with one route on the handheld, that one."""
    stops = view.list_stops(handheld.store, route_id=_route(handheld, order))
    columns = ("seq", "serial", "state", "where", "access")
    table = rich.table.Table(*(handheld.word(column) for column in columns))
    for stop in stops:
        if everything or stop.state is readings.StopState.OPEN:
            state = handheld.word(stop.state)
            where = (stop.address, stop.access_note)
            table.add_row(str(stop.sequence), stop.serial, state, *where)
    handheld.console.print(table, markup=False)
    come = view.progress(stops)
    handheld.say("progress", read=come.read, skipped=come.skipped, open=come.open, stops=come.stops)


@click.command()
@click.argument("meter")
@click.argument("total", type=options.exact)
@click.option(
    "--tariff",
    "tariffs",
    type=(str, options.exact),
    multiple=True,
    metavar="NAME VALUE",
    help="A tariff's register; may be repeated.",
)
@click.option("--route", "order", help="The route, where the handheld has several.")
@click.option("--confirm", multiple=True, metavar="CODE", help="A prompt seen and confirmed.")
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
    fix: Fix | None,
    note: str,
) -> None:
    """Keep a reading of METER (its serial, or its number on the route)."""
    stop_id = _stop(handheld, order, meter)
    parts = dict(tariffs)
    asked = metering.prompts(handheld.store, stop_id=stop_id, total=total, tariffs=parts)
    entry = metering.read(
        handheld.store,
        handheld.edge,
        stop_id=stop_id,
        total=total,
        tariffs=parts,
        confirmed=[*confirm, *_confirmed(handheld, asked, confirm)],
        fix=fix,
        note=note,
    )
    handheld.saved(entry)


@click.command()
@click.argument("meter")
@click.argument("code", type=click.Choice([code.value for code in readings.SkipCode]))
@click.option("--route", "order", help="The route, where the handheld has several.")
@options.fix
@options.note
@click.pass_obj
def skip(
    handheld: Handheld, *, meter: str, code: str, order: str | None, fix: Fix | None, note: str
) -> None:
    """Say why METER could not be read."""
    entry = metering.skip(
        handheld.store,
        handheld.edge,
        stop_id=_stop(handheld, order, meter),
        code=readings.SkipCode(code),
        fix=fix,
        note=note,
    )
    handheld.saved(entry)


COMMANDS: Final = (route, read, skip)


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


def _route(handheld: Handheld, order: str | None) -> str:
    routes = [
        work.task.id for work in view.list_work(handheld.store) if work.task.kind is Kind.route
    ]
    if order is None and len(routes) == 1:
        return routes[0]
    if order is None:
        raise errors.WhichRoute(routes=", ".join(short(each) for each in routes) or "-")
    return pick(routes, order, what="route")


def _stop(handheld: Handheld, order: str | None, meter: str) -> str:
    """Find a stop by its meter's serial, its number on the route or its id."""
    stops = view.list_stops(handheld.store, route_id=_route(handheld, order))
    for stop in stops:
        if meter in {stop.serial, stop.id}:
            return stop.id
    found = [stop.id for stop in stops if str(stop.sequence) == meter]
    if len(found) != 1:
        raise errors.NotOnPhone(what="meter", id=meter)
    return found[0]
