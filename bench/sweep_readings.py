"""The sweep of a city: the newest reading of 3.28 million meters, judged by numbers alone.

The windows are made, not read; each sweep runs in a process of its own (`sweep_once`), so that
its memory is its own, and the quickest of some counts. The floor reads the same bytes and judges
nothing.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import structs
from sqlalchemy import Column, Index, MetaData, Table, create_engine
from sqlalchemy.dialects import sqlite

from api import columns
from api.readings.models import UseWindow
from api.readings.service import thresholds
from bench import sweep_once
from bench.figures import Figure
from bench.sweep_once import DISTRICT, Work
from schemas.rules import use_windows

METERS: Final = 3_280_000
TOUCHED_EVERY: Final = 164
"""Every 164th meter was read today: 20,000, wherever they lie."""
_RUNS: Final = 3
_BLOCK: Final = 16_384
_COMMAND: Final = "api.cli"
_LONG_AGO: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_TODAY: Final = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_DAYS: Final = 30
_SETTLED: Final = {"sqlite": "ANALYZE", "postgresql": "VACUUM ANALYZE"}
"""What a database does by itself soon after so much was written."""
_SECONDS_AT_MOST: Final = 10.0
_TODAY_SECONDS_AT_MOST: Final = 1.0
_MB_AT_MOST: Final = 100.0


def measure(url: str, *, told: Callable[[str], None]) -> Iterator[Figure]:
    """Make the windows, then sweep all of them, and today's.

    Args:
        url: an empty database.
        told: hears what is being done.
    """
    told(f"making {METERS:,} windows")
    make(url)
    told("sweeping")
    lone = sweep_once.Asked(url=url, work=Work.sweep, use=thresholds.IN_FORCE.use)
    swept = _quickest(lone)
    read = _quickest(structs.replace(lone, work=Work.read))
    idle = _quickest(structs.replace(lone, work=Work.nothing))
    yield Figure(
        what=f"sweep, {METERS:,} meters x {use_windows.CYCLES}",
        value=swept.took_s,
        unit="s",
        at_most=_SECONDS_AT_MOST,
    )
    yield Figure(
        what="its processor time against reading alone",
        value=swept.worked_s,
        unit="s",
        floor=read.worked_s,
    )
    yield Figure(
        what="peak memory of a process that only sweeps",
        value=swept.peak_mb,
        unit="MB",
        at_most=_MB_AT_MOST,
    )
    yield Figure(
        what="what the sweep itself adds to it", value=swept.peak_mb - idle.peak_mb, unit="MB"
    )
    command = _in_a_process(structs.replace(lone, program=_COMMAND))
    yield Figure(
        what="peak memory of the whole command that sweeps", value=command.peak_mb, unit="MB"
    )
    yield from _today(structs.replace(lone, touched_at=_TODAY))


def _today(asked: sweep_once.Asked) -> Iterator[Figure]:
    swept = _quickest(asked)
    read = _quickest(structs.replace(asked, work=Work.read))
    yield Figure(
        what=f"sweep of today's {METERS // TOUCHED_EVERY:,}",
        value=swept.took_s,
        unit="s",
        at_most=_TODAY_SECONDS_AT_MOST,
    )
    yield Figure(
        what="its processor time against reading alone",
        value=swept.worked_s,
        unit="s",
        floor=read.worked_s,
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
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(_SETTLED[engine.dialect.name])
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
                DISTRICT,
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


def _quickest(asked: sweep_once.Asked) -> sweep_once.Swept:
    """Run one of them some times; what others did to the machine is least in the quickest."""
    return min((_in_a_process(asked) for _ in range(_RUNS)), key=lambda swept: swept.took_s)


def _in_a_process(asked: sweep_once.Asked) -> sweep_once.Swept:
    done = subprocess.run(
        [sys.executable, "-m", sweep_once.__name__],
        input=msgspec.json.encode(asked),
        check=True,
        stdout=subprocess.PIPE,
    )
    return msgspec.json.decode(done.stdout, type=sweep_once.Swept)
