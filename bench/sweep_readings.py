"""The sweep of a city: the newest reading of 3.28 million meters, judged by numbers alone.

The windows are made, not read; each sweep runs in a process of its own, so that its memory is its
own, and the quietest of some counts. The floor reads the same bytes and judges nothing.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from sqlalchemy import Column, Index, MetaData, Table, create_engine
from sqlalchemy.dialects import sqlite

from api import columns, db
from api.readings import store
from api.readings.models import UseWindow
from api.readings.service import sweeping
from bench import figures
from schemas.rules import use_windows

METERS: Final = 3_280_000
TOUCHED_EVERY: Final = 164
"""Every 164th meter was read today: 20,000, wherever they lie."""
_RUNS: Final = 3
_BLOCK: Final = 16_384
_DISTRICT: Final = "city"
_LONG_AGO: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_TODAY: Final = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_DAYS: Final = 30
_SECONDS_AT_MOST: Final = 10.0
_TODAY_SECONDS_AT_MOST: Final = 1.0
_MB_AT_MOST: Final = 100.0
_KIBI: Final = 1_024
_STATUS: Final = pathlib.Path("/proc/self/status")
"""Where Linux says a process's peak; `getrusage` counts what its parent held besides."""


class Swept(msgspec.Struct):
    """What one process saw: meters found, seconds by the clock and of processors, peak in MB."""

    found: int
    took_s: float
    worked_s: float
    peak_mb: float


def measure(url: str, *, told: Callable[[str], None]) -> Iterator[figures.Figure]:
    """Make the windows, then sweep all of them, and today's.

    Args:
        url: an empty database.
        told: hears what is being done.
    """
    told(f"making {METERS:,} windows")
    make(url)
    told("sweeping")
    runs = {
        name: min((_in_a_process(url, name) for _ in range(_RUNS)), key=lambda run: run.took_s)
        for name in ("nothing", "floor", "all", "today floor", "today")
    }
    yield figures.Figure(
        what=f"sweep, {METERS:,} meters x {use_windows.CYCLES}",
        value=runs["all"].took_s,
        unit="s",
        at_most=_SECONDS_AT_MOST,
    )
    yield figures.Figure(
        what="its processor time against reading alone",
        value=runs["all"].worked_s,
        unit="s",
        floor=runs["floor"].worked_s,
    )
    yield figures.Figure(
        what="peak memory", value=runs["all"].peak_mb, unit="MB", at_most=_MB_AT_MOST
    )
    yield figures.Figure(
        what="what the sweep itself adds to it",
        value=runs["all"].peak_mb - runs["nothing"].peak_mb,
        unit="MB",
    )
    yield figures.Figure(
        what=f"sweep of today's {METERS // TOUCHED_EVERY:,}",
        value=runs["today"].took_s,
        unit="s",
        at_most=_TODAY_SECONDS_AT_MOST,
    )
    yield figures.Figure(
        what="its processor time against reading alone",
        value=runs["today"].worked_s,
        unit="s",
        floor=runs["today floor"].worked_s,
    )


def make(url: str) -> None:
    """Fill an empty database with windows; no meters stand behind them."""
    engine = create_engine(url)
    made: Any = UseWindow.__table__
    table = Table(made.name, MetaData(), *map(_like, made.columns), **made.kwargs)
    for index in made.indexes:
        Index(index.name, *(table.c[column.name] for column in index.columns))
    names = ", ".join(table.columns.keys())
    with engine.begin() as connection:
        table.create(connection)
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            sql = f"INSERT INTO {table.name} ({names}) VALUES (?, ?, ?, ?)"  # noqa: S608 - our own names
            for block in _blocks(_kept(_LONG_AGO), _kept(_TODAY)):
                driver.executemany(sql, block)
        else:
            sql = f"COPY {table.name} ({names}) FROM STDIN"
            with driver.cursor() as cursor, cursor.copy(sql) as copy:
                for block in _blocks(_LONG_AGO, _TODAY):
                    for row in block:
                        copy.write_row(row)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _like(column: Column[Any]) -> Column[Any]:
    """Copy a column without its ties to other tables."""
    return Column(column.name, column.type, primary_key=column.primary_key, nullable=False)


def _kept(at: dt.datetime) -> object:
    """Write an instant as SQLite keeps it."""
    return columns.InstantType().process_bind_param(at, sqlite.dialect())


def _blocks(before: object, today: object) -> Iterator[list[tuple[object, ...]]]:
    """Make the rows, a block at a time: years of use that wanders a tenth around its own level."""
    random = np.random.default_rng(20_261_128)
    for start in range(0, METERS, _BLOCK):
        records = _records(random, min(_BLOCK, METERS - start))
        yield [
            (
                _DISTRICT,
                f"0193d5a0-7c00-7000-8000-{start + at:012x}",
                today if (start + at) % TOUCHED_EVERY == 0 else before,
                records[at].tobytes(),
            )
            for at in range(len(records))
        ]


def _records(random: np.random.Generator, count: int) -> use_windows.Records:
    records = np.zeros(count, use_windows.RECORD)
    level = random.lognormal(5.0, 0.6, count)[:, None]
    season = 1 + 0.25 * np.sin(np.arange(use_windows.CYCLES) / 12 * 2 * np.pi)
    records["used"] = level * season * random.normal(1, 0.1, (count, use_windows.CYCLES)).clip(0)
    records["marks"] = _DAYS << use_windows.DAYS_SHIFT
    records["value"] = records["used"].sum(axis=1)
    records["multiplier"], records["digits"], records["count"] = 1.0, 6, use_windows.CYCLES
    records["newest_on"] = _TODAY.date().toordinal()
    return records


def _in_a_process(url: str, name: str) -> Swept:
    done = subprocess.run(
        [sys.executable, "-m", "bench.sweep_readings", url, name], check=True, capture_output=True
    )
    return msgspec.json.decode(done.stdout, type=Swept)


def main() -> None:
    """Sweep once, as one of the parent's processes, and print what was seen."""
    url, name = sys.argv[1:]
    at = _TODAY if name.startswith("today") else None
    found = 0
    began, worked = time.perf_counter(), time.process_time()
    with db.Database(url).reading() as session:
        if name.endswith("floor"):
            blocks = store.stream_windows(session, district_id=_DISTRICT, touched_at=at)
            found = sum(len(block.records) for block in blocks)
        elif name != "nothing":
            swept = sweeping.sweep(session, district_id=_DISTRICT, touched_at=at)
            found = sum(1 for _ in swept)
    took_s, worked_s = time.perf_counter() - began, time.process_time() - worked
    status = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    peak_mb = int(status["VmHWM"].split()[0]) * _KIBI / 1e6
    sys.stdout.buffer.write(msgspec.json.encode(Swept(found, took_s, worked_s, peak_mb)))


if __name__ == "__main__":
    main()
