"""What a person at the terminal sees: bars while the day goes by, then the day as tables."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import rich.console
import rich.progress
import rich.table

from tests.day.conductor import Tally, Watch
from tests.day.plan import Plan
from tests.day.proof import Check
from tests.day.rehearsal import Outcome

OUT: Final = rich.console.Console()
_OPENS_AT: Final = dt.datetime(2026, 1, 1, 8, 0, tzinfo=dt.UTC)


@contextlib.contextmanager
def told_loading() -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the demo district is loaded."""
    columns = (*rich.progress.Progress.get_default_columns(), rich.progress.TimeElapsedColumn())
    with rich.progress.Progress(*columns, console=OUT, transient=True) as progress:
        bar = progress.add_task("A server with the demo district", total=None)
        yield lambda done, whole: progress.update(bar, completed=done, total=whole)


@contextlib.contextmanager
def told_day(plan: Plan) -> Iterator[Watch]:
    """Show how far the day is and what the phones have done, and still hold."""
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TextColumn("{task.fields[words]}"),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=OUT) as progress:
        day = progress.add_task("The day", total=plan.minutes + 1, words="08:00")
        route = progress.add_task("Meters", total=plan.readers * plan.stops, words="")
        sent = progress.add_task("Operations sent", total=None, words="")

        def watch(minute: int, tally: Tally) -> None:
            now = _OPENS_AT + dt.timedelta(minutes=minute)
            made = sum(tally.made.values())
            read = tally.made["reading.take"] + tally.made["reading.skip"]
            progress.update(day, completed=minute, words=f"{now:%H:%M}")
            progress.update(route, completed=read, words=f"{read} read or skipped")
            progress.update(
                sent,
                total=max(made, 1),
                completed=made - tally.waiting,
                words=f"{tally.waiting} and {tally.files_waiting} photos still on phones",
            )

        yield watch


def show(outcome: Outcome) -> None:
    """Show the figures and what holds."""
    show_tables("A working day", outcome.figures, outcome.checks)
    OUT.print(
        "[bold green]Nothing was lost, nothing happened twice.[/bold green]"
        if outcome.is_good
        else "[bold red]The day failed; see above.[/bold red]"
    )


def show_tables(title: str, figures: Iterable[tuple[str, str]], checks: Iterable[Check]) -> None:
    """Show figures by heading, then what must hold and whether it does."""
    table = rich.table.Table("What", "", title=title)
    for name, value in figures:
        table.add_row(name, value)
    OUT.print(table)
    held = rich.table.Table("", "What must hold", "Found")
    for check in checks:
        mark = "[green]holds[/green]" if check.holds else "[bold red]FAILS[/bold red]"
        held.add_row(mark, check.says, rich.markup.escape(check.detail))
    OUT.print(held)
