"""Commands about checkpoints: a file for an auditor, and what `verify` says of both."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Final

import click
import rich.markup

from api import acts, clock
from api.cli.program import PATIENCE_S, main, opened, out, told_progress
from api.custody import anchors, findings, keys, proving, stamps
from api.custody.proving import Fault
from api.db import Database
from api.feed import store as feed
from api.settings import Settings
from api.sites import service as sites

FINDINGS_SHOWN_MAX: Final = 100
FAULTS: Final[Mapping[Fault, str]] = {
    Fault.missing: "it is not there.",
    Fault.altered: "its statement is not what was signed.",
    Fault.parted: "it does not follow the one before it; one of them was changed.",
    Fault.unlisted: "the key that it names is not among the public keys.",
    Fault.signature: "its signature is not by its key.",
    Fault.leaves: "its leaves are not those that its root was made of.",
    Fault.timeline: (
        "the timeline of order {id} no longer passes through moment {count} as it was signed: "
        "it was cut, or written anew."
    ),
    Fault.receipts: (
        "the receipts of device {id} no longer pass through {count} as it was signed: "
        "they were cut, or written anew."
    ),
    Fault.stranger: (
        "it is signed by another key than this machine's; unless several machines sign, "
        "the log was written anew."
    ),
    Fault.stamp: "its time stamp is none of this statement by an authority that is trusted here.",
}


@main.group()
def checkpoints() -> None:
    """Give checkpoints to whoever audits."""


@checkpoints.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.pass_obj
def export(settings: Settings, target: pathlib.Path) -> None:
    """Add to TARGET every signed checkpoint that it does not have yet, one a line.

    Keep TARGET where nobody who can write the database can write; `verify --anchor` reads it.
    """
    added = 0
    with opened(settings) as database, database.reading() as session:
        for district in sites.list_districts(session):
            try:
                added += anchors.append(session, path=target, district_id=district.id)
            except anchors.AnchorError as error:
                raise click.ClickException(str(error)) from error
    out.print(f"{target}: {added} checkpoints added.")


def rotate_key(settings: Settings) -> None:
    """Sign checkpoints with a new key from now on, named by the one before."""
    new = keys.drawn()
    with opened(settings) as database:
        old = _or_refuse(settings)
        with database.unit_of_work() as session:
            keys.succeed(session, old=old, new=new, now=clock.SystemClock().now())
    keys.replace(settings, new)
    out.print(f"New checkpoints are signed with key {new.kid}, named by {old.kid}.")


def show_broken_checkpoints(database: Database, settings: Settings, district_id: str) -> int:
    """Name the first checkpoint of a district that does not hold; tell whether there is one."""
    try:
        own = keys.find(settings)
    except keys.KeyUnreadableError as error:
        raise click.ClickException(str(error)) from error
    what = f"Checking the checkpoints of {district_id}"
    with told_progress(what, patience_s=PATIENCE_S) as told, database.reading() as session:
        found = proving.find_broken(session, district_id=district_id, own=own, told=told)
    if found is None:
        return 0
    leaf = {"id": found.leaf.id, "count": found.leaf.count} if found.leaf else {}
    sentence = rich.markup.escape(FAULTS[found.fault].format(**leaf))
    out.print(f"[red]{district_id}, checkpoint {found.number}[/red]: {sentence}")
    return 1


def show_broken_stamps(database: Database, settings: Settings, district_id: str) -> int:
    """Name the first time stamp of a district that does not hold, and those that came late."""
    try:
        roots = stamps.list_roots(settings)
    except stamps.StampRefusedError as error:
        raise click.ClickException(str(error)) from error
    with database.reading() as session:
        found = (
            proving.find_broken_stamp(session, district_id=district_id, roots=roots)
            if roots
            else None
        )
        for late in proving.list_stamped_late(session, district_id=district_id):
            out.print(
                f"[yellow]{district_id}, checkpoint {late.number}[/yellow] says that it was made "
                f"on {late.at:%Y-%m-%d}, and was stamped on {late.stamped_at:%Y-%m-%d}: the "
                "authority was away so long, or the log was written anew."
            )
    if found is None:
        return 0
    out.print(f"[red]{district_id}, checkpoint {found.number}[/red]: {FAULTS[found.fault]}")
    return 1


def show_unnamed_keys(database: Database) -> None:
    """Say which keys began without the word of the one before; whoever lost a key knows of it."""
    with database.reading() as session:
        for key in proving.list_unnamed(session):
            out.print(
                f"[yellow]Key {key.kid}[/yellow] began on {key.since:%Y-%m-%d} without the word of "
                "the one before: that was lost, or this is not ours."
            )


def show_findings(database: Database, district_id: str) -> int:
    """Tell what phones were shown and the books do not have so, and count what nobody explained."""
    act = acts.system(district_id=district_id, now=clock.SystemClock().now(), job="operator")
    with database.reading() as session:
        found = findings.list_findings(
            session, act=act, is_open=True, before=None, limit=FINDINGS_SHOWN_MAX
        )
    for each in found:
        out.print(f"[red]{district_id}, finding {each.id}[/red]: {each.detail.en}")
    return len(found)


def show_contradictions(database: Database, anchor: pathlib.Path) -> int:
    """Name the first checkpoint of each district that an anchor has and the chain has not."""
    named: set[str] = set()
    with database.reading() as session:
        lineage = feed.find_lineage(session)
        try:
            for found in anchors.list_contradictions(session, path=anchor):
                said = found.line.statement
                if said.district_id not in named:
                    named.add(said.district_id)
                    _show_contradiction(anchor, found, is_same_lineage=said.lineage == lineage)
        except anchors.AnchorError as error:
            raise click.ClickException(str(error)) from error
    return len(named)


def _show_contradiction(
    anchor: pathlib.Path, found: anchors.Contradiction, *, is_same_lineage: bool
) -> None:
    said = found.line.statement
    is_what = "is not on the chain of today" if found.ours is None else "is another one here"
    why = (
        "the log was cut, or written anew."
        if is_same_lineage
        else "a backup was put back since (there is a new lineage), or the log was written anew."
    )
    out.print(
        f"[red]{said.district_id}, checkpoint {said.number}[/red] of "
        f"{rich.markup.escape(str(anchor))}, line {found.line.number}, {is_what}: {why}"
    )


def _or_refuse(settings: Settings) -> keys.Key:
    try:
        return keys.opened(settings)
    except keys.KeyUnreadableError as error:
        raise click.ClickException(str(error)) from error
