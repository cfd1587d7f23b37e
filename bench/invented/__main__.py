"""Evaluate: `python -m bench.invented [--seeds 11-16] [--labelled FOLDER]`."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import click
import numpy as np
import rich.console
import rich.table

from api.readings.service import thresholds
from bench.invented import days, ground, judged, labelled, score
from bench.invented.labels import Day, Numbers, Place, Written

REPORTED_SEEDS: Final = "11-16"
"""Thresholds were tuned on seeds 1 to 6; these are others."""
RECALL_MIN: Final = 0.9
HONEST_SHARE_MAX: Final = 0.006


@click.command()
@click.option("--seeds", default=REPORTED_SEEDS, help="FIRST-LAST, a district's day for each.")
@click.option(
    "--labelled",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path),
    help="A folder of labelled sets, *.csv.gz.",
)
def main(seeds: str, folder: pathlib.Path | None) -> None:
    """Make days, judge them by the thresholds in force, and print what was found."""
    console = rich.console.Console()
    first, _, last = seeds.partition("-")
    chosen = range(int(first), int(last or first) + 1)
    truths: list[score.Truth] = []
    found: dict[str, set[str]] = {}
    for seed in chosen:
        console.print(f"the day of seed {seed} ...", end="\r")
        made = list(_days(seed))
        truths += [_truth(each) for day in made for each in day.readings]
        found |= judged.judge(made, thresholds.IN_FORCE)
    title = f"Demo district, seeds {seeds}, {len(truths):,} readings, field evidence and numbers"
    lines = list(score.table(truths, found))
    console.print(_drawn(title, lines))
    for path in sorted(folder.glob("*.csv.gz")) if folder else ():
        console.print(f"{path.name} ...", end="\r")
        one = labelled.judge(path, thresholds.IN_FORCE)
        title = f"{path.name}, {len(one.truths):,} readings, numbers alone"
        console.print(_drawn(title, list(score.table(one.truths, one.found))))
        console.print(f"honest readings after a bad one that ER10 blames: {one.blamed_after}")
    sys.exit(0 if _holds(lines, console) else 1)


def _days(seed: int) -> Iterator[Day]:
    chance = np.random.default_rng(seed)
    for number, sites in enumerate(ground.lay(chance)):
        yield days.walk(sites, reader=f"{seed}-{number}", chance=chance)


def _truth(written: Written) -> score.Truth:
    names = [
        str(kind)
        for kind in (written.numbers, written.place)
        if kind not in (Numbers.honest, Place.at_meter)
    ]
    photo = str(written.photo.how) if written.photo and written.is_invented else ""
    return score.Truth(written.id, written.is_invented, names, photo)


def _holds(lines: Sequence[score.Line], console: rich.console.Console) -> bool:
    """Say whether the targets are met by all rules together."""
    whole = lines[-1]
    share = whole.honest_share or 0.0
    holds = whole.recall >= RECALL_MIN and share <= HONEST_SHARE_MAX
    console.print(
        f"{'met' if holds else 'NOT met'}: recall {whole.recall:.3f} (at least {RECALL_MIN}), "
        f"honest readings flagged {share:.2%} (at most {HONEST_SHARE_MAX:.1%})"
    )
    return holds


def _drawn(title: str, lines: Sequence[score.Line]) -> rich.table.Table:
    drawn = rich.table.Table(title=title)
    for heading in ("", "invented", "found", "recall", "honest flagged", "share", "precision"):
        drawn.add_column(heading, justify="right" if heading else "left")
    for line in lines:
        precision, share = line.precision, line.honest_share
        drawn.add_row(
            line.name,
            f"{line.invented:,}",
            f"{line.found:,}",
            f"{line.recall:.3f}",
            "" if line.honest is None else f"{line.honest:,}",
            "" if share is None else f"{share:.3%}",
            "" if precision is None else f"{precision:.3f}",
        )
    return drawn


if __name__ == "__main__":
    main()
