"""Commands that look after a server: its timelines and receipts, its signing keys."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Final

import click
import rich.markup
import rich.table

from api import clock
from api.cli import custody
from api.cli.program import PATIENCE_S, main, opened, out, told_progress
from api.crews.identity import Identity
from api.custody.bundles import desk
from api.db import Database
from api.evidence import depot, keeping
from api.settings import Settings
from api.sites import service as sites
from api.sync.receipts import proving
from api.sync.receipts.proving import Fault
from api.tasks import service as tasks

_BROKEN_EXIT: Final = 1
_WHOLE_TIMELINES: Final = "Every timeline is as it was written."
_WHOLE_RECEIPTS: Final = "Every receipt is as it was written."
_WHOLE_WITNESSES: Final = "Every phone was shown the same checkpoints."
_WHOLE_STAMPS: Final = "Every time stamp holds."
_WHOLE_ANCHOR: Final = "Every checkpoint of the anchor is on the chain."
_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.missing: "receipt {n} is not there.",
    Fault.bytes_lost: "receipt {n} has lost the operation's bytes.",
    Fault.bytes_altered: "receipt {n} holds other bytes than its hash says.",
    Fault.another: "receipt {n} holds another operation than its row says.",
    Fault.parted: "receipt {n} does not follow receipt {before}; one of them was changed.",
    Fault.unsettled: "receipt {n} lies beyond what the device has settled.",
    Fault.ledger: "its ledger does not end with its last receipt, {n}.",
    Fault.head: "the head that it signed, {n}, is not what the receipt there says.",
    Fault.signature: "the signature of its head, {n}, is not by its key.",
}


@main.command()
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    help="A file that `lamplighter checkpoints export` wrote.",
)
@click.argument("bundle", required=False, type=desk.FILE)
@click.option("--key", "keys", multiple=True, metavar="KEY", help=desk.KEY_HELP)
@click.pass_obj
def verify(
    settings: Settings,
    *,
    anchor: pathlib.Path | None,
    bundle: pathlib.Path | None,
    keys: Sequence[str],
) -> None:
    """Check every timeline, every receipt, every file and every checkpoint; exit with 1 if not.

    Each event that was changed is named, of each device the first receipt, each file that is
    altered or lost, and of each district the first checkpoint that does not hold. With --anchor,
    also that every checkpoint in a file that was exported earlier is still on the chain.
    With the file of a BUNDLE, that alone is checked, without the server.
    """
    if bundle is not None:
        desk.check(bundle, keys=keys)
        return
    if keys:
        raise click.UsageError("--key goes with a bundle.")
    with opened(settings) as database:
        district_ids = _district_ids(database)
        timelines = sum(_show_broken(database, each) for each in district_ids)
        devices = sum(_show_broken_receipts(database, each) for each in district_ids)
        files = sum(_show_faulty_files(database, settings, each) for each in district_ids)
        chains = sum(
            custody.show_broken_checkpoints(database, settings, each) for each in district_ids
        )
        stamps = sum(custody.show_broken_stamps(database, settings, each) for each in district_ids)
        findings = sum(custody.show_findings(database, each) for each in district_ids)
        custody.show_unnamed_keys(database)
        parted = custody.show_contradictions(database, anchor) if anchor else 0
    _conclude(timelines, "{} timelines are not as they were written.", _WHOLE_TIMELINES)
    _conclude(devices, "The receipts of {} devices are not as they were written.", _WHOLE_RECEIPTS)
    _conclude(files, "{} files are not as they were sent.", "Every file is as it was sent.")
    _conclude(chains, "The checkpoints of {} districts do not hold.", "Every checkpoint holds.")
    _conclude(findings, "{} findings of phones are not explained.", _WHOLE_WITNESSES)
    if settings.tsa_certificates:
        _conclude(stamps, "The time stamps of {} districts do not hold.", _WHOLE_STAMPS)
    if anchor:
        _conclude(parted, "{} districts are not what the anchor says.", _WHOLE_ANCHOR)
    if any((timelines, devices, files, chains, findings, stamps, parted)):
        raise SystemExit(_BROKEN_EXIT)


@main.command("rotate-keys")
@click.option("--checkpoints", is_flag=True, help="The key that signs checkpoints instead.")
@click.pass_obj
def rotate_keys(settings: Settings, *, checkpoints: bool) -> None:
    """Sign access tokens with a new key from now on; those given out stay valid until they end."""
    if checkpoints:
        custody.rotate_key(settings)
        return
    with opened(settings) as database, database.unit_of_work() as session:
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


def _show_broken_receipts(database: Database, district_id: str) -> int:
    """Name the first broken receipt of every device of a district, and count the devices."""
    broken = 0
    what = f"Checking the receipts of {district_id}"
    with told_progress(what, patience_s=PATIENCE_S) as told:
        for found in proving.list_broken(database, district_id=district_id, told=told):
            broken += 1
            out.print(
                f"[red]{district_id}, device {rich.markup.escape(found.device_id)}[/red]: "
                f"{_FAULTS[found.fault].format(n=found.n, before=found.n - 1)}"
            )
    return broken


def _show_faulty_files(database: Database, settings: Settings, district_id: str) -> int:
    """Name every altered or lost file of a district, and count them."""
    faulty = 0
    place = depot.opened(settings)
    what = f"Checking the files of {district_id}"
    try:
        with told_progress(what, patience_s=PATIENCE_S) as told:
            for found in keeping.examine_all(
                database, district_id=district_id, files=place, told=told
            ):
                faulty += 1
                out.print(f"[red]{district_id}, file {found.sha256}[/red]: {found.fault}.")
    except depot.DepotAway as error:
        raise click.ClickException(f"{error}") from error
    return faulty


def _conclude(faulty: int, wrong: str, whole: str) -> None:
    """Say how a check ended."""
    out.print(wrong.format(faulty) if faulty else whole)


def _district_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return [district.id for district in sites.list_districts(session)]
