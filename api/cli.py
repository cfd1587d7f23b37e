"""`lamplighter`: what an operator does with a server, from the first start to a restored backup."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import click
import rich.console
import rich.progress
import rich.table

from api import backup as backups
from api import clock, demo, migrating, observe
from api import settings as server_settings
from api.db import Database
from api.serving import Serving
from api.settings import Settings

R = TypeVar("R")
_SEED_DEFAULT: Final = 20_261_122
_out: Final = rich.console.Console()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lamplighter")
@click.pass_context
def main(context: click.Context) -> None:
    """Run and look after a Lamplighter server."""
    try:
        context.obj = server_settings.from_environment(os.environ)
    except server_settings.SettingsError as error:
        raise click.ClickException("\n".join(error.problems)) from error


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo district if it is empty.")
@click.pass_obj
def serve(settings: Settings, *, with_demo: bool) -> None:
    """Migrate, then serve until stopped (Ctrl-C finishes requests and jobs first)."""
    observe.configure_logs(settings.log_level)
    database = _migrated(settings)
    if with_demo and demo.is_empty(database):
        _load_demo(database)
    has_demo = not demo.is_empty(database)
    database.close()
    Serving(settings, when_ready=lambda: _greet(settings, has_demo=has_demo)).run()


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database's schema up to this version."""
    database = _migrated(settings)
    _out.print(f"The database is at revision {migrating.current(database)}.")
    database.close()


@main.command("demo")
@click.option("--seed", default=_SEED_DEFAULT, show_default=True, help="Same seed, same district.")
@click.pass_obj
def load_demo(settings: Settings, seed: int) -> None:
    """Load the demo district into an empty database."""
    database = _migrated(settings)
    if not demo.is_empty(database):
        message = "The database holds work already; the demo goes only into an empty one."
        raise click.ClickException(message)
    _load_demo(database, seed=seed)
    database.close()


@main.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.pass_obj
def backup(settings: Settings, target: pathlib.Path) -> None:
    """Write a backup of the embedded database and the evidence to TARGET."""
    with _told_progress("Copying") as told:
        size_bytes = _or_refuse(lambda: backups.make(settings, target, progress=told))
    _out.print(f"{target}: {size_bytes / 1e6:.1f} MB. `lamplighter restore` reads it.")


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@click.pass_obj
def restore(settings: Settings, source: pathlib.Path) -> None:
    """Put a backup into an empty data folder; phones then take a clean snapshot by themselves."""
    _or_refuse(lambda: backups.restore(settings, source))
    _out.print("Restored. Phones keep their outbox and pull afresh at their next contact.")


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """Show every setting, its present value and what it is for."""
    table = rich.table.Table("Setting", "Value", "Meaning")
    for field in dataclasses.fields(Settings):
        name = server_settings.PREFIX + field.name.upper()
        shown = "(set)" if field.name == "database_url" and settings.database_url else None
        table.add_row(name, shown or str(getattr(settings, field.name)), field.metadata["text"])
    _out.print(table)


def _migrated(settings: Settings) -> Database:
    """Open the database, migrated."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url)
    with _out.status("Migrating the database"):
        migrating.upgrade(database)
    return database


def _load_demo(database: Database, *, seed: int = _SEED_DEFAULT) -> None:
    with _told_progress("Loading the demo district") as told:
        demo.load(database, seed=seed, now=clock.SystemClock().now(), progress=told)


def _greet(settings: Settings, *, has_demo: bool) -> None:
    """Say where to look and how to sign in."""
    address = f"http://{settings.host}:{settings.port}"
    _out.print(f"\n[bold]Lamplighter[/bold] serves at {address}")
    _out.print(f"  API pages  {address}/docs")
    _out.print(f"  Health     {address}/health   Metrics {address}/metrics")
    if has_demo:
        _out.print("  Demo sign-ins (password for all: [bold]" + demo.PASSWORD + "[/bold])")
        for login, who in demo.SIGN_INS:
            _out.print(f"    {login:<14} {who}")
        _out.print("  Next: `make day` watches crews work a day.")
    _out.print("  Ctrl-C stops it; requests and jobs finish first.\n")


@contextlib.contextmanager
def _told_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while something long is done."""
    columns = (*rich.progress.Progress.get_default_columns(), rich.progress.TimeElapsedColumn())
    with rich.progress.Progress(*columns, console=_out) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def _or_refuse(work: Callable[[], R]) -> R:
    """Do it, or say in a sentence why not."""
    try:
        return work()
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
