"""Commands about scheduled jobs: what there is, running one now, why one ran or did not."""

from __future__ import annotations

import click
import rich.markup

from api import acts, clock
from api.cli.program import main, opened, out
from api.db import Database
from api.scheduler import service as scheduler
from api.scheduler.catalogue import BY_NAME, JOBS
from api.settings import Settings
from api.sites import service as sites
from schemas.jobs import JobRun

_NAME = click.argument("name", type=click.Choice(sorted(BY_NAME)))


@main.group()
def jobs() -> None:
    """List scheduled jobs, run one now, or tell why one ran or did not."""


@jobs.command("list")
@click.pass_obj
def list_jobs(settings: Settings) -> None:
    """Show every job: whose it is, when it runs, what a run does, and its last run."""
    with opened(settings) as database:
        latest = _last_runs(database)
    for job in JOBS:
        last = latest.get(job.name)
        ran = "never" if last is None else f"{last.state} {last.claimed_at:%Y-%m-%d %H:%M} UTC"
        out.print(f"[bold]{job.name}[/bold]  {job.schedule.words.en}")
        out.print(f"  {job.about.en}")
        out.print(
            f"  {job.owner}, {job.family.replace('_', ' ')}; "
            f"at most {job.limit.most:,} {job.limit.of.en}; last run: {ran}"
        )


@jobs.command("run")
@_NAME
@click.pass_obj
def run_job(settings: Settings, name: str) -> None:
    """Run a job now in every district; the ledger has the run."""
    with opened(settings) as database:
        for act in _acts(database):
            worker = scheduler.Worker(
                name=act.principal.person_id,
                settings=settings,
                database=database,
                clock=clock.SystemClock(),
            )
            ran = scheduler.run_now(worker, act=act, name=name)
            counts = ", ".join(f"{what} {count}" for what, count in ran.counts.items())
            said = rich.markup.escape(ran.error) or counts or "nothing to do"
            out.print(f"{act.district_id}: {ran.state}; {said}")


@jobs.command("explain")
@_NAME
@click.pass_obj
def explain_job(settings: Settings, name: str) -> None:
    """Tell of every district why a job ran or did not: slot, lease, attempts, what was missed."""
    with opened(settings) as database:
        for act in _acts(database):
            with database.reading() as session:
                told = scheduler.explain(session, act=act, name=name)
            out.print(f"[bold]{act.district_id}[/bold]: {told.standing.replace('_', ' ')}")
            out.print(f"  {rich.markup.escape(told.why.en)}")
            out.print(f"  runs {told.job.schedule.en}; a lease lasts {told.job.lease_s:g} s")
            out.print(f"  present slot {told.slot or '-'}, the next begins {told.next_at}")
            if told.missed:
                out.print(
                    f"  {told.missed} slots passed while no server looked; "
                    "one run does what is due, so they are not made up for"
                )


def _last_runs(database: Database) -> dict[str, JobRun]:
    """Give the latest run of each job in any district."""
    latest: dict[str, JobRun] = {}
    for act in _acts(database):
        with database.reading() as session:
            runs = [each.last_run for each in scheduler.list_jobs(session, act=act)]
        for run in runs:
            if run is not None and (
                run.job not in latest or run.claimed_at > latest[run.job].claimed_at
            ):
                latest[run.job] = run
    return latest


def _acts(database: Database) -> list[acts.Act]:
    """Make an act of the operator in each district."""
    now = clock.SystemClock().now()
    with database.reading() as session:
        districts = [each.id for each in sites.list_districts(session)]
    return [acts.system(district_id=each, now=now, job="operator") for each in districts]
