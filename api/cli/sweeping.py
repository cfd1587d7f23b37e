"""Commands that sweep the use of all meters: try thresholds, pack windows, list abnormal use."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import click
import rich.markup
import rich.table

from api import acts, clock
from api.cli.program import main, opened, out
from api.db import Database
from api.readings import service as readings
from api.settings import Settings
from api.sites import service as sites


@main.group("readings")
def group() -> None:
    """Sweep the use of all meters, by the thresholds in force or by others."""


@group.command("try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@click.option("--district", "district_id", help="Only this district.")
@click.pass_obj
def try_thresholds(settings: Settings, file: pathlib.Path, district_id: str | None) -> None:
    """Say what the thresholds in FILE would find otherwise; change nothing.

    The newest reading of each meter is judged by its numbers, so only the part `use` counts. FILE
    is whole, as api/readings/thresholds.toml is.
    """
    try:
        tried = readings.read_thresholds(file)
    except readings.BadThresholds as error:
        raise click.ClickException(str(error)) from error
    with opened(settings) as database:
        for each in _chosen(database, district_id):
            with database.reading_through() as session:
                trial = readings.try_out(session, district_id=each, tried=tried.use)
            _show(each, trial)


@group.command("pack")
@click.pass_obj
def pack_windows(settings: Settings) -> None:
    """Pack the windows of meters that have readings but no window, such as after an update."""
    now = clock.SystemClock().now()
    with opened(settings) as database:
        for each in _chosen(database, None):
            act = acts.system(district_id=each, now=now, job="operator")
            packed, after = 0, ""
            while True:
                with database.unit_of_work() as session:
                    count, last = readings.pack_windows(session, act=act, after=after)
                packed += count
                if last is None:
                    break
                after = last
            out.print(f"{each}: {packed:,} packed")


@group.command("sweep")
@click.pass_obj
def sweep(settings: Settings) -> None:
    """Look at every meter for abnormal use, and open what is not on the list yet.

    It reads first and then writes some hundred meters at a time, so that no phone waits for it.
    """
    now = clock.SystemClock().now()
    with opened(settings) as database:
        for each in _chosen(database, None):
            act = acts.system(district_id=each, now=now, job="operator")
            out.print(f"{each}: {_opened(database, act):,} new on the list of abnormal use")


def _opened(database: Database, act: acts.Act) -> int:
    with database.reading_through() as session:
        found = readings.sweep_abnormal(session, district_id=act.district_id)
    opened = 0
    for meter_ids in found:
        with database.unit_of_work() as session:
            opened += readings.open_abnormal(session, act=act, meter_ids=meter_ids)
    return opened


def _chosen(database: Database, district_id: str | None) -> Sequence[str]:
    """List the districts, or the one that is named.

    Raises:
        ClickException: it is none of them.
    """
    with database.reading() as session:
        every = [district.id for district in sites.list_districts(session)]
    if district_id is None:
        return every
    if district_id not in every:
        raise click.ClickException(f"There is no district {district_id}.")
    return [district_id]


def _show(district_id: str, trial: readings.Trial) -> None:
    table = rich.table.Table("Rule", "Now", "More", "Fewer", "For example")
    for change in trial.changes.values():
        table.add_row(
            change.code,
            f"{change.now:,}",
            f"+{change.more:,}" if change.more else "",
            f"-{change.fewer:,}" if change.fewer else "",
            rich.markup.escape(_examples(change)),
        )
    out.print(f"{district_id}: {trial.meters:,} meters")
    out.print(table)


def _examples(change: readings.Change) -> str:
    lines = [f"+ {each.meter_id}: {each.en}" for each in change.examples_more]
    lines += [f"- {each.meter_id}: {each.en}" for each in change.examples_fewer]
    return "\n".join(lines)
