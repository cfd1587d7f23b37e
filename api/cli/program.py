"""The command itself: its settings, how it serves, and how it shows what takes long."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Final

import click
import rich.console
import rich.progress

from api import clock, demo, migrating, observe
from api import settings as server_settings
from api.db import Database
from api.promises import service as promises
from api.serving import Serving
from api.settings import Settings

SEED_DEFAULT: Final = 20_261_122
PATIENCE_S: Final = 2.0
"""What takes longer shows how far it is."""
out: Final = rich.console.Console(soft_wrap=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lamplighter")
@click.pass_context
def main(context: click.Context) -> None:
    """Run and look after a Lamplighter server."""
    observe.configure_logs("warning")
    try:
        context.obj = server_settings.from_environment(os.environ)
    except server_settings.SettingsError as error:
        raise click.ClickException("\n".join(error.problems)) from error


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo district if it is empty.")
@click.pass_obj
def serve(settings: Settings, *, with_demo: bool) -> None:
    """Migrate, then serve until stopped (Ctrl-C finishes requests and jobs first)."""
    database = migrated(settings)
    if with_demo and demo.is_empty(database):
        load_demo_district(database)
    has_demo = not demo.is_empty(database)
    database.close()
    observe.configure_logs(settings.log_level)
    Serving(settings, when_ready=lambda: _greet(settings, has_demo=has_demo)).run()


def migrated(settings: Settings) -> Database:
    """Open the database, migrated, and know the office's own policy sets."""
    known_sets(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url)
    with out.status("Migrating the database"):
        migrating.upgrade(database)
    return database


def known_sets(settings: Settings) -> None:
    """Know the office's own policy sets besides; a wrong one ends the command."""
    if settings.policies_dir:
        try:
            promises.add_sets(pathlib.Path(settings.policies_dir))
        except promises.PolicyError as error:
            raise click.ClickException("\n".join(error.problems)) from error


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Open the database, migrated, and close it in the end."""
    database = migrated(settings)
    try:
        yield database
    finally:
        database.close()


def load_demo_district(database: Database, *, seed: int = SEED_DEFAULT) -> None:
    """Load the demo district and show how far it is."""
    with told_progress("Loading the demo district") as told:
        demo.load(database, seed=seed, now=clock.SystemClock().now(), progress=told)


def _greet(settings: Settings, *, has_demo: bool) -> None:
    """Say where to look and how to sign in."""
    address = f"http://{settings.host}:{settings.port}"
    out.print(f"\n[bold]Lamplighter[/bold] serves at {address}")
    if (settings.app_folder / "index.html").is_file():
        out.print(f"  Phone app  {address}/app/")
    out.print(f"  API pages  {address}/docs/")
    out.print(f"  Health     {address}/health")
    out.print(f"  Metrics    {address}/metrics")
    if has_demo:
        out.print("  Demo sign-ins (password for all: [bold]" + demo.PASSWORD + "[/bold])")
        for login, who in demo.SIGN_INS:
            out.print(f"    {login:<14} {who}")
        out.print("  Next: `make day` watches crews work a day.")
    out.print("  Ctrl-C stops it; requests and jobs finish first.\n")


@contextlib.contextmanager
def told_progress(what: str, *, patience_s: float = 0.0) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while something long is done.

    Args:
        what: is done.
        patience_s: how long it may take without a bar, in seconds.
    """
    columns = (*rich.progress.Progress.get_default_columns(), rich.progress.TimeElapsedColumn())
    progress = rich.progress.Progress(*columns, console=out)
    task = progress.add_task(what, total=None)
    due_s = time.monotonic() + patience_s

    def told(done: int, whole: int) -> None:
        progress.update(task, completed=done, total=whole)
        if time.monotonic() >= due_s:
            progress.start()

    if patience_s == 0:
        progress.start()
    try:
        yield told
    finally:
        if progress.live.is_started:
            progress.stop()
