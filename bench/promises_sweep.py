"""The sweep of promises: what a run costs follows what is due, not what is open."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import tempfile
import time
from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, insert, literal, select

import api.models  # noqa: F401 - every table must be known before they are made
from api import acts, db
from api.promises import jobs
from api.promises.models import Clock
from bench import figures
from schemas.rules import clocks
from tests import postgres
from tests.makers import crews, sites

FEW: Final = 15_625
_DOUBLINGS: Final = 6
"""15,625 doubled six times are a million."""
MANY: Final = FEW * 2**_DOUBLINGS
DUE: Final = 1_000
_NOW: Final = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_DAY: Final = dt.timedelta(days=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_OVER_FEW_AT_MOST: Final = 2.0
"""Of 64 times as many: indexes are two levels deeper, and their pages do not all stay in memory."""
_IDLE_MS_AT_MOST: Final = 10.0


def measure(*, reps: int) -> Iterator[figures.Figure]:
    """Time runs of the job over few and over many open promises, with as many due."""
    for name in ("sqlite", "postgresql"):
        with _database(name) as database:
            _lay(database, reps)
            few_ms = figures.median_ms(_sweep(database, range(reps)))
            _multiply(database)
            many_ms = figures.median_ms(_sweep(database, range(reps, 2 * reps)))
            idle_ms = figures.median_ms(_idle(database, reps))
        yield figures.Figure(
            what=f"{DUE:,} due of {MANY:,} open, {name}; the floor is of {FEW:,} open",
            value=many_ms,
            unit="ms",
            floor=few_ms,
            at_most=_OVER_FEW_AT_MOST,
        )
        yield figures.Figure(
            what=f"nothing due of {MANY:,} open, {name}",
            value=idle_ms,
            unit="ms",
            at_most=_IDLE_MS_AT_MOST,
        )


@contextlib.contextmanager
def _database(name: str) -> Iterator[db.Database]:
    """Give an empty, durable database on disk."""
    with contextlib.ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK)
            )
            url = f"sqlite:///{pathlib.Path(folder) / 'lamplighter.db'}"
        else:
            running = postgres.running(settings=postgres.DURABLE, parent=postgres.DISK)
            url = stack.enter_context(running).create_database()
        database = stack.enter_context(contextlib.closing(db.Database(url)))
        db.Base.metadata.create_all(database.engine)
        yield database


def _lay(database: db.Database, reps: int) -> None:
    """Open a few promises that are not due for long, and some that are due minute by minute."""
    with database.unit_of_work() as session:
        crews.district(session)
        sites.district(session)
        session.execute(
            insert(Clock),
            [_row(f"open-{number}", half_at=_NOW + 30 * _DAY) for number in range(FEW)],
        )
        for minute in range(2 * reps):
            half_at = _NOW + minute * _MINUTE
            session.execute(
                insert(Clock),
                [_row(f"due-{minute}-{number}", half_at=half_at) for number in range(DUE)],
            )


def _row(clock_id: str, *, half_at: dt.datetime) -> dict[str, object]:
    """Write a promise of ten days, half of whose time is gone at an instant."""
    started_at, due_at = half_at - 5 * _DAY, half_at + 5 * _DAY
    return {
        "district_id": crews.DISTRICT,
        "id": clock_id,
        "subject_id": clock_id,
        "kind": "arrive",
        "round": 1,
        "policy": "sgcc-2022",
        "row_id": "arrive-urban",
        "source": "bench",
        "start_event": "report",
        "stop_event": "arrive",
        "amount": 10.0 * _DAY.total_seconds(),
        "unit": "seconds",
        "grace_s": 7_200.0,
        "opened_at": started_at,
        "started_at": started_at,
        "started_from_at": started_at,
        "started_by_at": started_at,
        "due_at": due_at,
        "due_from_at": due_at,
        "due_by_at": due_at,
        "due_provisional": False,
        "state": str(clocks.State.running),
        "sure": True,
        "late_s": 0.0,
        "next_at": half_at,
        "words": "",
        "risk_en": "",
        "risk_zh": "",
    }


def _multiply(database: db.Database) -> None:
    """Double the promises that are not due until there are a million."""
    table = Clock.__table__
    for doubling in range(_DOUBLINGS):
        doubled = [
            (column + literal(f"-{doubling}")).label(column.name)
            if column.name in {"id", "subject_id"}
            else column
            for column in table.columns
        ]
        source = select(*doubled).where(table.c.id.like("open-%"))
        with database.unit_of_work() as session:
            session.execute(
                insert(Clock).from_select([column.name for column in table.columns], source)
            )
    with database.unit_of_work() as session:
        opened = session.scalar(
            select(func.count()).select_from(Clock).where(Clock.id.like("open-%"))
        )
        assert opened == MANY, f"{opened} promises are open"
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _sweep(database: db.Database, minutes: range) -> Iterator[float]:
    """Run the job at each minute; give the seconds of each run."""
    for minute in minutes:
        act = acts.system(
            district_id=crews.DISTRICT, now=_NOW + minute * _MINUTE, job="flag_overdue"
        )
        started_s = time.perf_counter()
        with database.unit_of_work() as session:
            counts = jobs.run(session, act=act)
        yield time.perf_counter() - started_s
        assert counts["looked"] == DUE, counts


def _idle(database: db.Database, reps: int) -> Iterator[float]:
    """Run the job when nothing is due; give the seconds of each run."""
    act = acts.system(district_id=crews.DISTRICT, now=_NOW + _DAY, job="flag_overdue")
    for _ in range(reps):
        started_s = time.perf_counter()
        with database.unit_of_work() as session:
            counts = jobs.run(session, act=act)
        yield time.perf_counter() - started_s
        assert counts["looked"] == 0, counts
