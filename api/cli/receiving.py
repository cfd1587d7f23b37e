"""The command that takes in what a phone handed out as a file."""

from __future__ import annotations

import pathlib

import click

from api import acts, clock
from api.cli.program import main, opened, out
from api.crews import service as crews
from api.db import Database
from api.settings import Settings
from api.sync import taking_in
from schemas.errors import Refused


@main.command("take-in")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@click.option("--device", "device_id", required=True, help="The id of the phone that it is from.")
@click.pass_obj
def take_in(settings: Settings, source: pathlib.Path, device_id: str) -> None:
    """Put what a phone handed out as a file into quarantine, where the office decides about it.

    SOURCE is what the app saves by "Save everything to a file", or `field-sync export-outbox`
    writes. Taking it in again, or after the phone came by itself, does nothing twice.
    """
    with opened(settings) as database:
        try:
            taken = _taken(database, source.read_bytes(), device_id)
        except Refused as refused:
            raise click.ClickException(refused.words.en) from refused
        except OSError as error:
            raise click.ClickException(str(error)) from error
    out.print(
        f"Waiting for the office, in quarantine: {taken.waiting}. "
        f"Settled here before: {taken.settled}."
    )
    if taken.settled == 0:
        out.print(
            f"[yellow]Nothing of it is known of {device_id}[/yellow]: make sure that the file is "
            "from this phone."
        )


def _taken(database: Database, content: bytes, device_id: str) -> taking_in.TakenIn:
    now = clock.SystemClock().now()
    with database.unit_of_work() as session:
        device = crews.get_device(session, device_id=device_id)
        act = acts.system(district_id=device.district_id, now=now, job="operator")
        return taking_in.take_in(session, act=act, device_id=device_id, content=content)
