"""Many rows written or changed at once, by the fastest road of each driver.

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

from api import driver

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
    first_counts: bool = False,
) -> None:
    """Insert rows that name the same columns, no two with the same key.

    Args:
        connection: in a transaction.
        table: where they go; defaults of its columns do not apply.
        rows: at least one; values by column.
        replacing: the columns that are overwritten where a row with the same key is there
            already; without any, such a row is an error.
        first_counts: whether a row with the same key that is there already stays as it is.
    """
    _put(
        connection,
        _insertion(table, connection.dialect, tuple(rows[0]), tuple(replacing), first_counts),
        rows,
    )


def update(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Change rows that name the same columns, no two with the same key.

    Args:
        connection: in a transaction.
        table: where they are.
        rows: at least one; its key, and the new values by column.
    """
    _put(connection, _change(table, connection.dialect, tuple(rows[0])), rows)


def _put(connection: Connection, plan: _Plan, rows: Sequence[Mapping[str, object]]) -> None:
    columns = [
        [row[name] for row in rows] if fit is None else [fit(row[name]) for row in rows]
        for name, fit in plan.fitting
    ]
    if plan.by_column:
        driver.change(connection, plan.sql, tuple(columns))
    else:
        driver.change(connection, plan.sql, list(zip(*columns, strict=True)), many=True)


@functools.lru_cache(maxsize=512)
def _insertion(
    table: Table,
    dialect: Dialect,
    names: tuple[str, ...],
    replacing: tuple[str, ...],
    first_counts: bool,  # noqa: FBT001 - one of the keys of a statement
) -> _Plan:
    """Write an `INSERT` once for each table and choice of columns."""
    quote = dialect.identifier_preparer.quote
    by_column = dialect.name == "postgresql"
    source = f"VALUES ({', '.join('?' * len(names))})"
    if by_column:
        source = f"SELECT * FROM {_unnested(table, dialect, names)}"  # noqa: S608 - our own names
    sql = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) {source}"
    if replacing:
        keys = ", ".join(quote(column.name) for column in table.primary_key.columns)
        changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in replacing)
        sql += f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    if first_counts:
        sql += " ON CONFLICT DO NOTHING"
    return _Plan(sql, by_column, _fitting(table, dialect, names))


@functools.lru_cache(maxsize=512)
def _change(table: Table, dialect: Dialect, names: tuple[str, ...]) -> _Plan:
    """Write an `UPDATE` once for each table and choice of columns."""
    quote = dialect.identifier_preparer.quote
    name = quote(table.name)
    keys = [column.name for column in table.primary_key.columns]
    others = [each for each in names if each not in keys]
    if dialect.name != "postgresql":
        changes = ", ".join(f"{quote(each)} = ?" for each in others)
        found = " AND ".join(f"{quote(each)} = ?" for each in keys)
        sql = f"UPDATE {name} SET {changes} WHERE {found}"  # noqa: S608 - our own names
        return _Plan(sql, False, _fitting(table, dialect, [*others, *keys]))
    changes = ", ".join(f"{quote(each)} = new.{quote(each)}" for each in others)
    found = " AND ".join(f"{name}.{quote(each)} = new.{quote(each)}" for each in keys)
    source = f"{_unnested(table, dialect, names)} AS new ({', '.join(map(quote, names))})"
    sql = f"UPDATE {name} SET {changes} FROM {source} WHERE {found}"  # noqa: S608 - our own names
    return _Plan(sql, True, _fitting(table, dialect, names))


def _unnested(table: Table, dialect: Dialect, names: Sequence[str]) -> str:
    kinds = (table.columns[name].type.compile(dialect) for name in names)
    return f"unnest({', '.join(f'%b::{kind}[]' for kind in kinds)})"


def _fitting(
    table: Table, dialect: Dialect, names: Sequence[str]
) -> Sequence[tuple[str, Value | None]]:
    return [(name, _fit(table.columns[name].type, dialect)) for name in names]


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
