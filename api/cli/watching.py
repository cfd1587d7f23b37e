"""Commands that look after a server: its jobs, its timelines, its signing keys."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click
import rich.table

from api import acts, clock
from api.cli.program import main, migrated, out
from api.crews.identity import Identity
from api.db import Database
from api.scheduler import service as scheduler
from api.scheduler.catalogue import BY_NAME, JOBS
from api.settings import Settings
from api.sites import service as sites
from api.tasks import service as tasks

_BROKEN_EXIT = 1


@main.group()
def jobs() -> None:
    """List scheduled jobs, or run one now."""


@jobs.command("list")
def list_jobs() -> None:
    """Show every job: when it runs and what a run does."""
    table = rich.table.Table("Job", "When", "What a run does")
    for job in JOBS:
        table.add_row(job.name, job.schedule.words.en, job.about.en)
    out.print(table)


@jobs.command("run")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.pass_obj
def run_job(settings: Settings, name: str) -> None:
    """Run a job now in every district; the ledger has the run."""
    now = clock.SystemClock().now()
    with _opened(settings) as database:
        for district_id in _district_ids(database):
            with database.unit_of_work() as session:
                act = acts.system(district_id=district_id, now=now, job="operator")
                ran = scheduler.run_now(session, act=act, name=name)
            counts = ", ".join(f"{what} {count}" for what, count in ran.counts.items())
            out.print(f"{district_id}: {ran.state}; {counts or 'nothing to do'}")


@main.command()
@click.pass_obj
def verify(settings: Settings) -> None:
    """Check every order's timeline; name each event that was changed, and exit with 1 if any."""
    with _opened(settings) as database:
        broken = sum(_show_broken(database, each) for each in _district_ids(database))
    if broken:
        out.print(f"{broken} timelines are not as they were written.")
        raise SystemExit(_BROKEN_EXIT)
    out.print("Every timeline is as it was written.")


@main.command("rotate-keys")
@click.pass_obj
def rotate_keys(settings: Settings) -> None:
    """Sign access tokens with a new key from now on; those given out stay valid until they end."""
    with _opened(settings) as database, database.unit_of_work() as session:
        kid = Identity(settings).rotate_keys(session, now=clock.SystemClock().now())
    out.print(f"New tokens are signed with key {kid}.")


def _show_broken(database: Database, district_id: str) -> int:
    """Name every broken timeline of a district, and count them."""
    broken = 0
    with out.status(f"Checking the timelines of {district_id}"), database.reading() as session:
        for task_id, found in tasks.list_broken(session, district_id=district_id):
            broken += 1
            event = f" (event {found.event_id})" if found.event_id else ""
            out.print(
                f"[red]{district_id}, order {task_id}[/red]: moment {found.broken_at}{event} "
                f"of {found.moments} is not what was written."
            )
    return broken


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = migrated(settings)
    try:
        yield database
    finally:
        database.close()


def _district_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return [district.id for district in sites.list_districts(session)]
