"""Live through many seeds, or tell one: `python -m tests.world --seeds 10000 --processes 2`."""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
import time
from collections import Counter
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.world import life, many
from tests.world.journal import Fault

FAILURES_MAX: Final = 3
_TOLD_EVERY: Final = 250
"""Seeds between two lines of progress where there is no terminal for a bar."""


def main() -> int:
    """Run what was asked for; 1 if a world broke a law."""
    parser = argparse.ArgumentParser(prog="python -m tests.world", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first one")
    parser.add_argument("--processes", type=int, default=2, help="how many at a time")
    parser.add_argument("--seed", type=int, help="tell the story of one seed instead")
    asked = parser.parse_args()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if asked.seed is not None:
        return _tell(console, asked.seed)
    return _live(console, range(asked.first, asked.first + asked.seeds), asked.processes)


def _tell(console: Console, seed: int) -> int:
    """Tell everything that happens in one seed."""
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        workshop = many.open_workshop(pathlib.Path(folder))
        ended = life.live_through(seed, workshop, tell=console.print)
    _show_failure(console, ended)
    return int(ended.failure is not None)


def _live(console: Console, seeds: range, processes: int) -> int:
    """Live through many and tell how it went; the first few that break a law are enough."""
    ends: list[life.Ended] = []
    failures = 0
    began_s = time.monotonic()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("seeds, {task.fields[rate]:.1f}/s"),
        TimeRemainingColumn(),
    )
    living = many.live(seeds, processes=processes)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=len(seeds), rate=0.0)
        for ended in living:
            ends.append(ended)
            rate = len(ends) / (time.monotonic() - began_s)
            progress.update(bar, advance=1, rate=rate)
            if not console.is_terminal and len(ends) % _TOLD_EVERY == 0:
                console.print(f"{len(ends)} of {len(seeds)} seeds, {rate:.1f}/s")
            failures += ended.failure is not None
            _show_failure(console, ended)
            if failures >= FAILURES_MAX:
                break
        living.close()
    _sum_up(console, ends, took_s=time.monotonic() - began_s)
    return int(failures > 0)


def _sum_up(console: Console, ends: list[life.Ended], *, took_s: float) -> None:
    """Tell how often each fault happened, and how fast it went."""
    faults = sum((ended.faults for ended in ends), Counter[Fault]())
    for fault in Fault:
        console.print(f"{faults[fault]:>8}  {fault}")
    broken = sorted(ended.seed for ended in ends if ended.failure is not None)
    console.print(
        f"{len(ends)} seeds, {sum(ended.acts for ended in ends)} acts, {faults.total()} faults;"
        f" {took_s:.0f} s, {len(ends) / took_s:.1f} seeds/s; "
        + (f"broken: {broken}" if broken else "every law held")
    )


def _show_failure(console: Console, ended: life.Ended) -> None:
    if ended.failure is not None:
        console.print(f"seed {ended.seed} breaks a law; replay it: make world SEED={ended.seed}")
        console.print(ended.failure)


if __name__ == "__main__":
    sys.exit(main())
