"""Commands that keep a database: migrate, demo, back up, restore, begin a lineage; the settings."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import TypeVar

import click
import rich.table

from api import backup as backups
from api import demo, ids, migrating
from api import settings as server_settings
from api.cli.program import SEED_DEFAULT, load_demo_district, main, migrated, out, told_progress
from api.feed import store as feed
from api.settings import Settings

R = TypeVar("R")


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database's schema up to this version."""
    database = migrated(settings)
    out.print(f"The database is at revision {migrating.current(database)}.")
    database.close()


@main.command("demo")
@click.option("--seed", default=SEED_DEFAULT, show_default=True, help="Same seed, same district.")
@click.pass_obj
def load_demo(settings: Settings, seed: int) -> None:
    """Load the demo district into an empty database."""
    database = migrated(settings)
    if not demo.is_empty(database):
        message = "The database holds work already; the demo goes only into an empty one."
        raise click.ClickException(message)
    load_demo_district(database, seed=seed)
    database.close()


@main.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.pass_obj
def backup(settings: Settings, target: pathlib.Path) -> None:
    """Write a backup of the embedded database and the evidence to TARGET."""
    with told_progress("Copying") as told:
        size_bytes = _or_refuse(lambda: backups.make(settings, target, progress=told))
    out.print(f"{target}: {size_bytes / 1e6:.1f} MB. `lamplighter restore` reads it.")


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@click.pass_obj
def restore(settings: Settings, source: pathlib.Path) -> None:
    """Put a backup into an empty data folder; phones then take a clean snapshot by themselves."""
    _or_refuse(lambda: backups.restore(settings, source))
    out.print("Restored. Phones keep their outbox and pull afresh at their next contact.")


@main.command("new-lineage")
@click.pass_obj
def begin_lineage(settings: Settings) -> None:
    """Tell phones that this database was put back, after restoring a PostgreSQL by its own tools.

    Phones then take a clean snapshot and keep their outbox. Stop the server first; `lamplighter
    restore` does this by itself.
    """
    database = migrated(settings)
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
    database.close()
    out.print("A new lineage. Phones keep their outbox and pull afresh at their next contact.")


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """Show every setting, its present value and what it is for."""
    table = rich.table.Table("Setting", "Value", "Meaning")
    for field in dataclasses.fields(Settings):
        name = server_settings.PREFIX + field.name.upper()
        shown = "(set)" if field.name == "database_url" and settings.database_url else None
        table.add_row(name, shown or str(getattr(settings, field.name)), field.metadata["text"])
    out.print(table)


def _or_refuse(work: Callable[[], R]) -> R:
    """Do it, or say in a sentence why not."""
    try:
        return work()
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
