"""A process that packs receipts and never comes to commit it: `python packer.py URL INSTANT`."""

from __future__ import annotations

import datetime as dt
import sys
import time

import api.models  # noqa: F401 - the server's tables
from api import acts, db
from api.sync import jobs
from api.sync.receipts import packs
from tests.makers import crews

NUMBERS = 10


def main(url: str, instant: str) -> None:
    """Pack, say so, and hang in the unit of work."""
    packs.NUMBERS = NUMBERS  # type: ignore[misc]  # a short story has short packs
    database = db.Database(url, pool_size=1)
    now = dt.datetime.fromisoformat(instant)
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=now, job="pack_receipts")
        counts = jobs.pack_receipts(session, act=act)
        session.flush()
        sys.stdout.write(f"packed {counts['operations']}\n")
        sys.stdout.flush()
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
