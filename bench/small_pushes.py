"""Small units of work from many threads on SQLite, against the same by a connection for each."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import pathlib
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy.orm import Session

import api.models  # noqa: F401 - every table must be known before they are made
from api import db
from api.feed import store as feed
from bench import figures
from tests import postgres

_THREADS: Final = 32
_AUDIENCES: Final = 40
_CHANGES: Final = 10
_WIRE: Final = b'{"entity":"stop","put":{"note":"%s"}}' % (b"x" * 260)
_SECONDS: Final = 0.4
_PER_S_AT_LEAST: Final = 1_500.0
_P99_MS_AT_MOST: Final = 50.0
Work = Callable[[], contextlib.AbstractContextManager[Session]]


def measure(*, reps: int) -> Iterator[figures.Figure]:
    """Let threads enter ten changes at a time in the feed, `reps` times `_SECONDS` each way."""
    with tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK) as folder:
        grouped_s = _run(pathlib.Path(folder) / "grouped.db", _grouped, seconds=reps * _SECONDS)
        alone_s = _run(pathlib.Path(folder) / "alone.db", _alone, seconds=reps * _SECONDS)
    what = f"small units of work, embedded, {_THREADS} threads"
    yield figures.Figure(
        what=what,
        value=len(grouped_s) / (reps * _SECONDS),
        unit="/s",
        at_least=_PER_S_AT_LEAST,
    )
    yield figures.Figure(
        what=f"{what}: p99",
        value=figures.p99_ms(grouped_s),
        unit="ms",
        at_most=_P99_MS_AT_MOST,
    )
    yield figures.Figure(
        what=f"{what}: a connection for each thread",
        value=len(alone_s) / (reps * _SECONDS),
        unit="/s",
    )
    yield figures.Figure(
        what=f"{what}: a connection for each thread, p99", value=figures.p99_ms(alone_s), unit="ms"
    )


def _run(path: pathlib.Path, way: Callable[[db.Database], Work], *, seconds: float) -> list[float]:
    """Work for some seconds; give the seconds of every unit of work."""
    database = db.Database(f"sqlite:///{path}", pool_size=_THREADS)
    with contextlib.closing(database):
        db.Base.metadata.create_all(database.engine)
        work, until_s = way(database), time.monotonic() + seconds
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            running = [pool.submit(_units, work, each, until_s) for each in range(_THREADS)]
            return [took_s for each in running for took_s in each.result()]


def _grouped(database: db.Database) -> Work:
    """Work as the server does."""
    return database.unit_of_work


def _alone(database: db.Database) -> Work:
    """Work through a connection of one's own, with a commit of one's own."""

    @contextlib.contextmanager
    def work() -> Iterator[Session]:
        with Session(database.writing_engine) as session, session.begin():
            yield session

    return work


def _units(work: Work, thread: int, until_s: float) -> list[float]:
    """Enter changes until the time is over."""
    took_s: list[float] = []
    for unit in itertools.takewhile(lambda _: time.monotonic() < until_s, itertools.count()):
        started_s = time.perf_counter()
        audience = f"crew:{(thread + unit) % _AUDIENCES}"
        puts = [
            feed.Put("d1", audience, "stop", f"{thread}-{unit}-{number}", _WIRE)
            for number in range(_CHANGES)
        ]
        with work() as session:
            feed.enter(session, puts, [])
        took_s.append(time.perf_counter() - started_s)
    return took_s
