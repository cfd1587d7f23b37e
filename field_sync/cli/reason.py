"""Commands that need a reason: to return work, to let it wait, and what may be picked for that."""

from __future__ import annotations

import datetime as dt
from typing import Final

import click
import rich.table

from field_sync import fieldwork, view
from field_sync.cli import options
from field_sync.cli.program import Handheld, pick
from field_sync.words import Lang
from schemas import promises


@click.command()
@click.argument("order")
@click.pass_obj
def reasons(handheld: Handheld, order: str) -> None:
    """Show what an order may be returned or suspended for, and which clocks stand still for it."""
    task = view.get_task(handheld.store, task_id=_order(handheld, order))
    known = view.find_reasons(handheld.store, task)
    if known is None:
        handheld.say("no_reasons")
        return
    columns = ("code", "reason", "given_for", "clocks")
    table = rich.table.Table(*(handheld.word(column) for column in columns))
    for each in known.reasons:
        table.add_row(
            each.code,
            each.words.zh if handheld.lang is Lang.ZH else each.words.en,
            ", ".join(handheld.word(use) for use in each.given_for),
            _clocks(handheld, each),
        )
    handheld.console.print(table, markup=False)


@click.command("return")
@click.argument("order")
@click.argument("reason")
@options.code
@click.pass_obj
def return_(handheld: Handheld, order: str, reason: str, code: str | None) -> None:
    """Give the work back, with a concrete reason."""
    task_id = _order(handheld, order)
    entry = fieldwork.return_(
        handheld.store, handheld.edge, task_id=task_id, reason=reason, code=code
    )
    handheld.saved(entry)


@click.command()
@click.argument("order")
@click.argument("reason")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When you think that you can go on, by the district's clock.",
)
@options.code
@click.pass_obj
def suspend(
    handheld: Handheld, order: str, reason: str, until: dt.datetime | None, code: str | None
) -> None:
    """Say that the work must wait, with a concrete reason."""
    aware = until.replace(tzinfo=view.zone(handheld.store)) if until else None
    task_id = _order(handheld, order)
    entry = fieldwork.suspend(
        handheld.store, handheld.edge, task_id=task_id, reason=reason, until=aware, code=code
    )
    handheld.saved(entry)


COMMANDS: Final = (reasons, return_, suspend)


def _order(handheld: Handheld, text: str) -> str:
    ids = (work.task.id for work in view.list_work(handheld.store))
    return pick(ids, text, what="order")


def _clocks(handheld: Handheld, reason: promises.PolicyReason) -> str:
    """Say which clocks stand still for a reason."""
    if not reason.holds:
        return handheld.word("run_on")
    return handheld.word("holds", kinds=", ".join(reason.holds))
