"""Which route and which meter a command means, and the photos that are kept with it."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from field_sync import errors, fieldwork, view
from field_sync.cli import options
from field_sync.cli.program import Handheld, pick, short
from schemas import evidence
from schemas.places import Fix
from schemas.rules.transitions import Kind

F = TypeVar("F", bound=Callable[..., Any])


def on_route(command: F) -> F:
    """Let a command take `--route`."""
    return click.option("--route", "order", help="The route, where the handheld has several.")(
        command
    )


def photos(command: F) -> F:
    """Let a command take `--photo`."""
    return click.option(
        "--photo",
        "photos",
        type=click.Path(path_type=pathlib.Path),
        multiple=True,
        help="A photo of the meter, kept with it; may be repeated.",
    )(command)


def tariffs(command: F) -> F:
    """Let a command take `--tariff`."""
    return click.option(
        "--tariff",
        "tariffs",
        type=(str, options.exact),
        multiple=True,
        metavar="NAME VALUE",
        help="A tariff's register; may be repeated.",
    )(command)


def find_route(handheld: Handheld, order: str | None) -> str:
    """Find a route by the beginning of its id; the only one, where none is named.

    Raises:
        WhichRoute: there is not exactly one.
        NotOnPhone: none begins so.
    """
    routes = [
        work.task.id for work in view.list_work(handheld.store) if work.task.kind is Kind.route
    ]
    if order is None and len(routes) == 1:
        return routes[0]
    if order is None:
        raise errors.WhichRoute(routes=", ".join(short(each) for each in routes) or "-")
    return pick(routes, order, what="route")


def find_stop(handheld: Handheld, order: str | None, meter: str) -> str:
    """Find a stop by its meter's serial, its number on the route or its id.

    Raises:
        WhichRoute: there is not exactly one route, and none is named.
        NotOnPhone: the route has no such meter.
    """
    stops = view.list_stops(handheld.store, route_id=find_route(handheld, order))
    for stop in stops:
        if meter in {stop.serial, stop.id}:
            return stop.id
    found = [stop.id for stop in stops if str(stop.sequence) == meter]
    if len(found) != 1:
        raise errors.NotOnPhone(what="meter", id=meter)
    return found[0]


def keep_photos(
    handheld: Handheld,
    paths: Iterable[pathlib.Path],
    *,
    route_id: str,
    stop_id: str | None,
    fix: Fix | None,
) -> list[str]:
    """Keep photos of a meter, and give their hashes; a file that was kept before is named again.

    Raises:
        NotAFile: one cannot be read.
        FileTooLarge: evidence has a limit, and one is beyond it.
    """
    hashes = []
    for path in paths:
        try:
            entry = fieldwork.photo(
                handheld.store,
                handheld.edge,
                task_id=route_id,
                path=path,
                kind=evidence.EvidenceKind.METER,
                stop_id=stop_id,
                fix=fix,
            )
        except errors.AlreadyKept as kept:
            hashes.append(str(kept.fields["sha256"]))
            continue
        declared = entry.read()
        assert isinstance(declared, evidence.Declared), "a photo declares a file"
        hashes.append(declared.sha256)
    return hashes
