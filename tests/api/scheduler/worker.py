"""A worker process for tests: `python worker.py URL INSTANT LEASE_S HANG`.

It says `ready`, waits for a line, and runs the test job for the slot of the instant; with HANG the
job says `working` and never ends.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time

from sqlalchemy.orm import Session

import api.models  # noqa: F401 - the server's tables
from api import db
from api.acts import Act
from api.scheduler import service
from tests.conftest import HandClock
from tests.makers import jobs


def say(words: str) -> None:
    """Tell the test how far it got."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def hang(session: Session, *, act: Act) -> dict[str, int]:
    """Leave a row, and never come to commit it."""
    counts = jobs.leave_a_row(session, act=act)
    session.flush()
    say("working")
    time.sleep(600)
    return counts


def main(url: str, instant: str, lease_s: str, hangs: str) -> None:
    """Run what is due once."""
    database = db.Database(url, pool_size=2)
    clock = HandClock(dt.datetime.fromisoformat(instant))
    run = hang if hangs == "hang" else jobs.leave_a_row
    say("ready")
    sys.stdin.readline()
    worker = jobs.worker(database, clock, name=f"process-{os.getpid()}")
    ran = service.run_due(worker, job=jobs.job(run, lease_s=float(lease_s)))
    database.close()
    say(f"ran {ran}")


if __name__ == "__main__":
    main(*sys.argv[1:])
