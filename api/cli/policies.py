"""Commands about policy sets: what this server knows, and whether a file of one's own is right."""

from __future__ import annotations

import pathlib
import sys

import click
import rich.markup

from api.cli.program import known_sets, main, out
from api.promises import service as promises
from api.settings import Settings
from schemas.promises import PolicyRow, PolicySet
from schemas.rules.deadlines import Unit

_HOUR_S = 3_600
_MINUTE_S = 60


@main.group()
def policies() -> None:
    """List the policy sets that this server knows, or check a file of your own."""


@policies.command("list")
@click.pass_obj
def list_policies(settings: Settings) -> None:
    """Show every policy set by its name, and how many promises it makes."""
    known_sets(settings)
    for policy in promises.list_sets():
        out.print(f"[bold]{policy.name}[/bold]  {policy.title.en}; {len(policy.rows)} promises")


@policies.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=pathlib.Path))
def check_policies(files: tuple[pathlib.Path, ...]) -> None:
    """Check policy FILES and tell what they promise; the server need not run, nothing changes."""
    wrong = 0
    for path in files:
        try:
            policy = promises.read_set(path)
        except promises.PolicyError as error:
            wrong += 1
            for problem in error.problems:
                out.print(f"[red]wrong[/red] {rich.markup.escape(problem)}")
            continue
        _show(policy)
    if wrong:
        sys.exit(1)


def _show(policy: PolicySet) -> None:
    """Tell what a set promises, so that somebody can compare it with what was published."""
    out.print(f"[green]right[/green] [bold]{policy.name}[/bold]  {policy.title.en}")
    for row in policy.rows:
        whose = ", ".join([*row.area_class, *(f"urgency {each}" for each in row.urgency)])
        since = f"from {row.effective_from}"
        until = f" until {row.effective_until}" if row.effective_until else ""
        published = "nobody published it" if row.default else policy.sources[row.source].title
        out.print(
            f"  {policy.kinds[row.kind].en}: {_lasting(row)} from {row.start} to {row.stop}, "
            f"{row.subject}{f' ({whose})' if whose else ''}, {since}{until}; {published}"
        )
    rungs = policy.supervision.rungs
    climbs = ", ".join(f"{rung.level} after {rung.after_s / _HOUR_S:g} h" for rung in rungs)
    out.print(f"  A broken promise climbs: {climbs}.")


def _lasting(row: PolicyRow) -> str:
    """Say how long a promise has."""
    if row.unit is not Unit.seconds:
        words = row.unit.replace("_", " ")
        return f"1 {words.removesuffix('s')}" if row.amount == 1 else f"{row.amount:g} {words}"
    if row.amount % _HOUR_S == 0:
        return f"{row.amount / _HOUR_S:g} h"
    return f"{row.amount / _MINUTE_S:g} min"
