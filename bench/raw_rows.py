"""The floor of a push: the rows that it wrote, inserted by the plain driver in one transaction.

They go into clones of the tables with the same columns, keys and indexes, under the same
durability, by the fastest way that the driver has.
"""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from api import db

Row = tuple[object, ...]
Rows = Mapping[str, Sequence[Row]]
_CLONES: Final = "raw"


class Raw(Protocol):
    """A database spoken to by its plain driver."""

    def snapshot(self) -> dict[str, set[Row]]:
        """Read every table."""
        ...

    def insert(self, rows: Rows) -> float:
        """Insert rows into fresh clones, durably; give the seconds it took."""
        ...


def written(before: Mapping[str, set[Row]], after: Mapping[str, set[Row]]) -> dict[str, list[Row]]:
    """Tell the rows that are new or changed, by table."""
    found = {name: sorted(rows - before[name], key=repr) for name, rows in after.items()}
    return {name: rows for name, rows in found.items() if rows}


@contextlib.contextmanager
def reached(url: str, *, folder: pathlib.Path) -> Iterator[Raw]:
    """Speak to a database by its plain driver.

    Args:
        url: the database.
        folder: where SQLite's clones go, on the same disk.
    """
    if url.startswith("sqlite"):
        yield _Sqlite(url.removeprefix("sqlite:///"), folder / "raw.db")
        return
    with psycopg.connect(url) as connection:
        yield _Postgres(connection)


class _Sqlite:
    def __init__(self, path: str, clones: pathlib.Path) -> None:
        self._path, self._clones = path, clones

    def snapshot(self) -> dict[str, set[Row]]:
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            return {table.name: set(connection.execute(_select(table))) for table in _tables()}

    def insert(self, rows: Rows) -> float:
        self._make_clones()
        with contextlib.closing(sqlite3.connect(self._clones, isolation_level=None)) as connection:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
                connection.execute(f"PRAGMA {pragma}")
            started_s = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            for name, some in rows.items():
                places = ", ".join("?" * len(some[0]))
                connection.executemany(_insert(name, places), some)
            connection.execute("COMMIT")
            return time.perf_counter() - started_s

    def _make_clones(self) -> None:
        for path in self._clones.parent.glob(f"{self._clones.name}*"):
            path.unlink()
        engine = sa.create_engine(f"sqlite:///{self._clones}")
        db.Base.metadata.create_all(engine)
        engine.dispose()


class _Postgres:
    """`COPY` is no insert; arrays with `unnest` are the fastest that is, and are tried with it."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def snapshot(self) -> dict[str, set[Row]]:
        with self._connection.transaction():
            return {
                table.name: set(self._connection.execute(_select(table))) for table in _tables()
            }

    def insert(self, rows: Rows) -> float:
        return min(self._timed(rows, unnest=True), self._timed(rows, unnest=False))

    def _timed(self, rows: Rows, *, unnest: bool) -> float:
        self._make_clones(rows)
        started_s = time.perf_counter()
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for name, some in rows.items():
                if unnest:
                    columns = [list(column) for column in zip(*some, strict=True)]
                    cursor.execute(_unnest(name), columns)
                else:
                    places = ", ".join(["%s"] * len(some[0]))
                    cursor.executemany(_insert(f"{_CLONES}.{name}", places), some)
        return time.perf_counter() - started_s

    def _make_clones(self, rows: Rows) -> None:
        with self._connection.transaction():
            self._connection.execute(f"DROP SCHEMA IF EXISTS {_CLONES} CASCADE")
            self._connection.execute(f"CREATE SCHEMA {_CLONES}")
            for name in rows:
                clone = f"CREATE TABLE {_CLONES}.{name} (LIKE public.{name} INCLUDING ALL)"
                self._connection.execute(clone)


def _tables() -> Sequence[sa.Table]:
    return db.Base.metadata.sorted_tables


def _select(table: sa.Table) -> str:
    return f"SELECT * FROM {table.name}"  # noqa: S608 - a table of ours


def _insert(table: str, places: str) -> str:
    return f"INSERT INTO {table} VALUES ({places})"  # noqa: S608 - a table of ours


def _unnest(name: str) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    types = [column.type.compile(dialect) for column in db.Base.metadata.tables[name].columns]
    arrays = ", ".join(f"%b::{kind}[]" for kind in types)
    return f"INSERT INTO {_CLONES}.{name} SELECT * FROM unnest({arrays})"  # noqa: S608 - as above
