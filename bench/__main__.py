"""Measure: `python -m bench [--database sqlite|postgresql] [--only NAME] [--reps N]`."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import click
import rich.console
import rich.markup

from api import observe
from bench import (
    crowd,
    delta,
    district,
    figures,
    figures_month,
    first_pull,
    photos,
    promises_sweep,
    push,
    receipts,
    route_pack,
    rules,
    served,
    small_pushes,
    sweep_readings,
    uploads,
)
from bench.app import measure as app
from bench.peers import measure as peers
from bench.peers import peer
from bench.scene import Scene
from tests import postgres

Part = Callable[[Scene], Iterator[figures.Figure]]
Told = Callable[[str], None]
Titled = tuple[str, Callable[[Told], Iterator[figures.Figure]]]
_DATABASES: Final = ("sqlite", "postgresql")
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_OVER_HTTP: Final[Mapping[str, Part]] = {
    "pull": first_pull.measure,
    "pack": route_pack.measure,
    "delta": delta.measure,
    "push": push.measure,
    "crowd": crowd.measure,
}
_BY_THEMSELVES: Final[Mapping[str, Callable[[int], Titled]]] = {
    "small": lambda reps: ("Embedded", lambda _: small_pushes.measure(reps=reps)),
    "receipts": lambda _: ("Receipts", lambda _: receipts.measure()),
    "photos": lambda reps: ("Photos", lambda _: photos.measure(reps=reps)),
    "sweep": lambda reps: ("Promises", lambda _: promises_sweep.measure(reps=reps)),
    "month": lambda reps: ("A month of figures", lambda _: figures_month.measure(reps=reps)),
    "rules": lambda reps: ("Rules", lambda _: rules.measure(reps=reps)),
    "app": lambda reps: ("Phone app", lambda told: app.measure(reps=reps, told=told)),
    "lighthouse": lambda reps: ("Lighthouse", lambda told: app.judge(reps=reps, told=told)),
}
_ALL: Final = (*_OVER_HTTP, "uploads", "sweep", "peers", *_BY_THEMSELVES)
_SEED: Final = 20_261_122
_REPS: Final = 15


@click.command()
@click.option("--database", "databases", multiple=True, type=click.Choice(_DATABASES))
@click.option("--only", multiple=True, type=click.Choice(_ALL))
@click.option("--reps", default=_REPS, show_default=True, type=click.IntRange(3, 100))
@click.option(
    "--markdown", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="Write tables here."
)
def main(
    databases: Sequence[str], only: Sequence[str], reps: int, markdown: pathlib.Path | None
) -> None:
    """Measure every promised figure against its floor; both databases unless one is named."""
    observe.configure_logs("error")
    out = rich.console.Console()
    pages: list[str] = []
    for title, measured in _parts(databases or _DATABASES, only or _ALL, reps):
        try:
            with out.status(title) as status:
                found = list(measured(status.update))
        except peer.UnavailableError as why:
            out.print(f"{title}: not measured, because {rich.markup.escape(str(why))}")
            continue
        out.print(figures.table(title, found))
        pages.append(figures.markdown(title, found))
    if markdown is not None:
        head = f"Measured on {_machine()}.\n"
        markdown.write_text("\n".join([head, *pages]), encoding="utf-8")


def _parts(databases: Sequence[str], only: Sequence[str], reps: int) -> Iterator[Titled]:
    """Name each part of the bench and what measures it."""
    if over_http := [name for name in _OVER_HTTP if name in only]:
        for database in databases:
            parts = [_OVER_HTTP[name] for name in over_http]
            yield _NAMES[database], _over_http(database, parts, reps)
    for name in filter(_BY_DATABASE.__contains__, only):
        title, part_of = _BY_DATABASE[name]
        for database in databases:
            yield f"{title}, {_NAMES[database]}", part_of(database, reps)
    if "peers" in only:
        for beside in peers.ALL:
            if beside.database in databases:
                title = f"{beside.name} ({beside.setting}); the floor is Lamplighter on "
                part = functools.partial(peers.measure, beside=beside)
                yield title + _NAMES[beside.database], _over_http(beside.database, [part], reps)
    yield from (_BY_THEMSELVES[name](reps) for name in only if name in _BY_THEMSELVES)


def _over_http(
    database: str, parts: Sequence[Part], reps: int
) -> Callable[[Told], Iterator[figures.Figure]]:
    """Measure parts against a server of their own, one after the other."""

    def measured(told: Told) -> Iterator[figures.Figure]:
        with _url(database) as (url, folder):
            told("making the district")
            ground = district.District(url, folder=folder, seed=_SEED)
            with contextlib.closing(ground), served.running(url, folder=folder) as server:
                scene = Scene(ground=ground, server=server, database=database, reps=reps, told=told)
                for part in parts:
                    yield from part(scene)

    return measured


def _swept(database: str, _: int) -> Callable[[Told], Iterator[figures.Figure]]:
    """Measure the sweep in a database of its own, which holds nothing else."""

    def measured(told: Told) -> Iterator[figures.Figure]:
        with _url(database) as (url, _):
            yield from sweep_readings.measure(url, told=told)

    return measured


_BY_DATABASE: Final[
    Mapping[str, tuple[str, Callable[[str, int], Callable[[Told], Iterator[figures.Figure]]]]]
] = {
    "uploads": ("Photos", lambda database, reps: _over_http(database, [uploads.measure], reps)),
    "sweep": ("Sweep of readings", _swept),
}


@contextlib.contextmanager
def _url(database: str) -> Iterator[tuple[str, pathlib.Path]]:
    """Give an empty, durable database on disk, and a folder beside it."""
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK)
        )
        folder = pathlib.Path(made)
        if database == "sqlite":
            yield f"sqlite:///{folder / 'lamplighter.db'}", folder
            return
        running = postgres.running(settings=postgres.DURABLE, parent=postgres.DISK)
        yield stack.enter_context(running).create_database(), folder


def _machine() -> str:
    """Describe the machine in words."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the end"
    )


if __name__ == "__main__":
    main()
