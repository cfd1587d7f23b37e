"""One sweep in a process of its own that imports no more than it is asked to.

    python -m bench.sweep_once <asked >swept

Both are JSON. The thresholds are given, because the service that reads their file brings the whole
server with it.
"""

from __future__ import annotations

import collections
import datetime as dt
import enum
import importlib
import pathlib
import sys
import time
from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.readings import store, sweeping
from schemas.rules import suspicion

DISTRICT: Final = "city"
_KIBI: Final = 1_024
_STATUS: Final = pathlib.Path("/proc/self/status")
"""Where Linux says a process's peak; `getrusage` counts what its parent held besides."""


class Work(enum.StrEnum):
    """What a process does with the windows."""

    nothing = enum.auto()
    read = enum.auto()
    sweep = enum.auto()


class Asked(msgspec.Struct):
    """What one process is to do.

    Attributes:
        url: a database of windows.
        work: what is done with them.
        use: the thresholds.
        touched_at: only the windows that this run wrote; None takes all.
        program: what else is imported first, such as the whole command.
    """

    url: str
    work: Work
    use: suspicion.Use
    touched_at: dt.datetime | None = None
    program: str | None = None


class Swept(msgspec.Struct):
    """What one process saw: seconds by the clock and of processors, peak in MB."""

    took_s: float
    worked_s: float
    peak_mb: float


def main() -> None:
    """Do what is asked, and say what it took."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    if asked.program is not None:
        importlib.import_module(asked.program)
    began, worked = time.perf_counter(), time.process_time()
    with db.Database(asked.url).reading_through() as session:
        collections.deque(_seen(session, asked), maxlen=0)
    took_s, worked_s = time.perf_counter() - began, time.process_time() - worked
    status = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    peak_mb = int(status["VmHWM"].split()[0]) * _KIBI / 1e6
    sys.stdout.buffer.write(msgspec.json.encode(Swept(took_s, worked_s, peak_mb)))


def _seen(session: Session, asked: Asked) -> Iterator[object]:
    at = asked.touched_at
    match asked.work:
        case Work.nothing:
            return iter(())
        case Work.read:
            return store.stream_windows(session, district_id=DISTRICT, touched_at=at)
        case Work.sweep:
            return sweeping.sweep(session, district_id=DISTRICT, use=asked.use, touched_at=at)


if __name__ == "__main__":
    main()
