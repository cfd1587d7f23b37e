"""The command that hands an order over as one file."""

from __future__ import annotations

import os
import pathlib
import tempfile

import click

from api import acts, clock
from api.acts import Act
from api.cli.program import main, opened, out
from api.custody.bundles import handing
from api.custody.keys import KeyUnreadableError
from api.db import Database
from api.errors import NotFound
from api.settings import Settings
from api.sites import service as sites
from api.tasks import service as tasks
from schemas import bundles
from schemas.errors import Refused


@main.command()
@click.argument("order_id")
@click.option("--district", help="The order's district; only needed where several have the id.")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="The zip file to write; it must not be there yet.",
)
@click.pass_obj
def bundle(settings: Settings, order_id: str, district: str | None, target: pathlib.Path) -> None:
    """Hand an order over as one file, which anybody can check without this server."""
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    with opened(settings) as database:
        try:
            act = _act(database, order_id, district)
            manifest = _write(settings, database, act, order_id, target)
        except Refused as refused:
            raise click.ClickException(refused.words.en) from refused
        except (KeyUnreadableError, OSError) as error:
            raise click.ClickException(str(error)) from error
    out.print(
        f"Order {manifest.order_id} with {len(manifest.entries)} files is in {target}; check it "
        "with `lamplighter verify`."
    )


def _write(
    settings: Settings, database: Database, act: Act, order_id: str, target: pathlib.Path
) -> bundles.Manifest:
    """Write beside the file, then take its name: whole or not there."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = pathlib.Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as content:
            manifest = handing.hand_over(
                content, settings=settings, database=database, act=act, task_id=order_id
            )
            content.flush()
            os.fsync(content.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def _act(database: Database, order_id: str, district: str | None) -> Act:
    """Make the act of an operator in the one district that has the order.

    Raises:
        NotFound: none has it.
    """
    now = clock.SystemClock().now()
    wanted = [district] if district else _district_ids(database)
    found = [acts.system(district_id=each, now=now, job="operator") for each in wanted]
    having = [act for act in found if _has(database, act, order_id)]
    if len(having) > 1:
        names = ", ".join(act.district_id for act in having)
        raise click.ClickException(f"Several districts have such an order ({names}); name one.")
    if not having:
        raise NotFound(what="task", id=order_id)
    return having[0]


def _district_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return [district.id for district in sites.list_districts(session)]


def _has(database: Database, act: Act, order_id: str) -> bool:
    with database.reading() as session:
        try:
            tasks.get_task(session, act=act, task_id=order_id)
        except NotFound:
            return False
    return True
