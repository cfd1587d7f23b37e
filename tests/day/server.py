"""The real server on the day's clock, with the demo district: for rehearsals only.

    LAMPLIGHTER_...=... python -m tests.day.server CLOCK SEED

It is `lamplighter serve --demo` with another clock; it ends when its stdin does.
"""

from __future__ import annotations

import os
import pathlib
import signal
import sys
import threading

from api import demo, migrating, observe
from api import settings as server_settings
from api.db import Database
from api.serving import Serving
from api.settings import Settings
from tests.day.clock import SteppedClock


def main(clock_path: str, seed: str) -> None:
    """Migrate, load the demo district as of the day's morning, and serve."""
    settings = server_settings.from_environment(os.environ)
    observe.configure_logs(settings.log_level)
    clock = SteppedClock(pathlib.Path(clock_path))
    _furnish(settings, clock, seed=int(seed))
    threading.Thread(target=_end_with_starter, daemon=True).start()
    Serving(settings, when_ready=_say_ready, clock=clock).run()


def _furnish(settings: Settings, clock: SteppedClock, *, seed: int) -> None:
    """Bring the database up to date, and load the district where it is empty."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url)
    migrating.upgrade(database)
    if demo.is_empty(database):
        demo.load(database, seed=seed, now=clock.now(), progress=_say_progress)
    database.close()


def _say_progress(done: int, whole: int) -> None:
    print(f"loading {done} {whole}", flush=True)  # noqa: T201 - the conductor reads it


def _say_ready() -> None:
    print("ready", flush=True)  # noqa: T201 - the conductor reads it


def _end_with_starter() -> None:
    """Wait until nobody holds the other end of stdin, then stop as an operator would."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
