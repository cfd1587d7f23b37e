"""`make day`: rehearse a working day and prove that nothing was lost."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Final

import click
import httpx

from api import demo
from tests.day import board, handset, muster, office, plan, rehearsal, world

SEED_DEFAULT: Final = 20_261_122
_FAILURES: Final = (
    handset.PhoneFailedError,
    httpx.TransportError,
    muster.ShortHandedError,
    office.RefusedError,
    world.ServerFailedError,
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgresql"]),
    default="sqlite",
    show_default=True,
    help="What the day's own server keeps its data in.",
)
@click.option("--server", metavar="URL", help="Use this running demo server, on its own time.")
@click.option("--seed", default=SEED_DEFAULT, show_default=True, help="Same seed, same day.")
@click.option("--quick", is_flag=True, help="A short day with a few phones.")
@click.option("--password", default=demo.PASSWORD, help="What everybody signs in with.")
def main(database: str, server: str | None, seed: int, password: str, *, quick: bool) -> None:
    """Rehearse a working day with real handheld stores in separate processes."""
    planned = plan.quick(seed) if quick else plan.whole(seed)
    started_s = time.monotonic()
    logins = rehearsal.Logins(password=password)
    try:
        with contextlib.ExitStack() as stack:
            if server is None:
                with board.told_loading() as told:
                    place = stack.enter_context(world.own(database, seed=seed, told=told))
            else:
                place = stack.enter_context(world.running(server))
            with board.told_day(planned) as watch:
                outcome = rehearsal.rehearse(place, planned, logins, watch=watch)
    except _FAILURES as failure:
        raise click.ClickException(f"The day could not be rehearsed: {failure}") from failure
    board.show(outcome)
    kept_in = server or database
    board.OUT.print(f"{kept_in}, seed {seed}, {time.monotonic() - started_s:.0f} s")
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
