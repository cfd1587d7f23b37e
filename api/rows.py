"""Many rows written at once, by the fastest road of each driver.

SQLite takes a tuple for each row.
PostgreSQL takes a binary array for each column (`unnest`), faster than its `executemany`; as text
(the driver's own choice) arrays take three times as long.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Float, Table, Text
from sqlalchemy import types as sa

Value = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    """A statement, and what makes a value of each column fit for its driver (None: nothing)."""

    sql: str
    by_column: bool
    fitting: Sequence[tuple[str, Value | None]]


def insert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    replacing: Sequence[str] = (),
) -> None:
    """Insert rows that name the same columns, no two with the same key.

    Args:
        connection: in a transaction.
        table: where they go; defaults of its columns do not apply.
        rows: at least one; values by column.
        replacing: the columns that are overwritten where a row with the same key is there
            already; without any, such a row is an error.
    """
    plan = _plan(table, connection.dialect, tuple(rows[0]), tuple(replacing))
    columns = [
        [row[name] for row in rows] if fit is None else [fit(row[name]) for row in rows]
        for name, fit in plan.fitting
    ]
    if plan.by_column:
        connection.exec_driver_sql(plan.sql, tuple(columns))
    else:
        connection.exec_driver_sql(plan.sql, list(zip(*columns, strict=True)))


@functools.lru_cache(maxsize=512)
def _plan(
    table: Table, dialect: Dialect, names: tuple[str, ...], replacing: tuple[str, ...]
) -> _Plan:
    """Write the statement once for each table and choice of columns."""
    quote = dialect.identifier_preparer.quote
    by_column = dialect.name == "postgresql"
    types = [table.columns[name].type for name in names]
    if by_column:
        arrays = ", ".join(f"%b::{kind.compile(dialect)}[]" for kind in types)
        source = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - the names of our own tables
    else:
        source = f"VALUES ({', '.join('?' * len(names))})"
    sql = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) {source}"
    if replacing:
        keys = ", ".join(quote(column.name) for column in table.primary_key.columns)
        changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in replacing)
        sql += f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    fitting = [(name, _fit(kind, dialect)) for name, kind in zip(names, types, strict=True)]
    return _Plan(sql, by_column, fitting)


def _fit(kind: sa.TypeEngine[Any], dialect: Dialect) -> Value | None:
    """Find what makes a value fit; an array of PostgreSQL wants all of one Python type."""
    if isinstance(kind, sa.LargeBinary):
        return None  # both drivers take bytes; SQLAlchemy would wrap each value once more
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is not None or dialect.name != "postgresql":
        return process
    if isinstance(kind, Text):
        return _as_text
    return _as_float if isinstance(kind, Float) else None


def _as_text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)
