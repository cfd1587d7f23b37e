"""`make chaos`: kill everything at random while it works, and prove that nothing was lost."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Final

import click
import rich.progress

from tests.chaos import weather
from tests.chaos.plan import Plan
from tests.chaos.storm import Tally, Watch
from tests.day import board, proof

SEED_DEFAULT: Final = 20_261_125
MINUTES_DEFAULT: Final = 2.0
MINUTES_MAX: Final = 60.0
CREWS: Final = 4
READERS: Final = 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgresql"]),
    default="sqlite",
    show_default=True,
    help="What the server keeps its data in; PostgreSQL is killed as well.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0.1, MINUTES_MAX),
    default=MINUTES_DEFAULT,
    show_default=True,
    help="How long the storm lasts.",
)
@click.option("--seed", default=SEED_DEFAULT, show_default=True, help="Same seed, same chance.")
def main(database: str, minutes: float, seed: int) -> None:
    """Kill real servers, phones and databases while they work, and prove that nothing was lost."""
    plan = Plan(seed=seed, database=database, storm_s=minutes * 60, crews=CREWS, readers=READERS)
    started_s = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lamplighter-chaos-"))
    is_good = False
    try:
        with _told_storm(plan) as watch:
            outcome = weather.run(plan, folder=folder, watch=watch, told=board.OUT.print)
        is_good = outcome.is_good
        _show(outcome)
    finally:
        if is_good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            board.OUT.print(f"Stores, ledgers and the server's log are kept in {folder}")
        took_s = time.monotonic() - started_s
        board.OUT.print(
            f"{database}, {minutes:g} minutes of storm, seed {seed}, {took_s:.0f} s in all"
        )
    sys.exit(0 if is_good else 1)


@contextlib.contextmanager
def _told_storm(plan: Plan) -> Iterator[Watch]:
    """Show how far the storm is, what was killed, and what the phones did and still hold."""
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TextColumn("{task.fields[words]}"),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=board.OUT) as progress:
        bar = progress.add_task("The storm", total=plan.storm_s, words="")

        def watch(gone_s: float, tally: Tally) -> None:
            words = (
                f"{tally.blows.total()} kills, {tally.made.total()} operations heard of, "
                f"{sum(tally.waiting.values())} things still on phones"
            )
            progress.update(bar, completed=gone_s, words=words)

        yield watch


def _show(outcome: weather.Outcome) -> None:
    """Show the figures and what holds."""
    tally = outcome.tally
    figures = {
        "killed": tally.blows,
        "starts of the server": outcome.starts,
        "connections": outcome.fates,
        "operations heard of": tally.made,
        "on the phones": tally.noted,
        "what the air did": tally.faults,
        "in the office": outcome.office.done,
        "refused to the office": outcome.office.refused,
    }
    board.show_tables(
        "A storm",
        [(name, proof.counted(counts)) for name, counts in figures.items()],
        outcome.checks,
    )
    board.OUT.print(
        "[bold green]Nothing was lost, nothing happened twice.[/bold green]"
        if outcome.is_good
        else "[bold red]The storm took something; see above.[/bold red]"
    )


if __name__ == "__main__":
    main()
