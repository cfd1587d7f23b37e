"""Writing a district at once: many rows of one table, past the unit of work's one-by-one care.

For tables that do not travel; rows that do go through the session, so that the feed sees them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, exists, select
from sqlalchemy.orm import Session

from api.db import Base
from api.feed.synced import Synced
from api.sites.models import District

_ROWS_PER_WRITE: Final = 10_000
Row = tuple[Any, ...]


def has_district(session: Session) -> bool:
    """Tell whether there is any district."""
    return bool(session.scalar(select(exists().where(District.id.is_not(None)))))


def write(
    session: Session,
    model: type[Base],
    rows: Iterable[Mapping[str, Any]],
    *,
    same: Mapping[str, Any],
    told: Callable[[int], None] = lambda _: None,
) -> int:
    """Write rows in bulk and tell how many.

    Args:
        session: the unit of work.
        model: whose table; it must not be synced.
        rows: values by column, every row with the columns of the first.
        same: the columns that are the same in every row; what is named nowhere is null.
        told: hears how many rows were written in all, now and then.
    """
    assert not issubclass(model, Synced), "the feed would not see these rows"
    first = next(waiting := iter(rows), None)
    if first is None:
        return 0
    table = model.__table__
    assert isinstance(table, Table)
    connection = session.connection()
    bind_same = _binding(table, list(same), connection)
    bind = _binding(table, list(first), connection)
    ends = bind_same(same)
    names = [*first, *same]
    put = _copy if connection.dialect.name == "postgresql" else _insert
    written = 0
    for some in _stretches(bind(row) + ends for row in itertools.chain([first], waiting)):
        put(connection, table.name, names, some)
        written += len(some)
        told(written)
    return written


def _binding(
    table: Table, names: Sequence[str], connection: Connection
) -> Callable[[Mapping[str, Any]], Row]:
    """Make what turns a row's values into those that the driver takes."""
    binds = [
        (name, table.c[name].type.bind_processor(connection.dialect) or _as_it_is) for name in names
    ]

    def bound(row: Mapping[str, Any]) -> Row:
        return tuple([bind(row[name]) for name, bind in binds])

    return bound


def _as_it_is(value: object) -> object:
    return value


def _stretches(values: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(values)
    while some := list(itertools.islice(waiting, _ROWS_PER_WRITE)):
        yield some


def _insert(connection: Connection, table: str, names: Sequence[str], rows: list[Row]) -> None:
    """Insert by the driver's own loop."""
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - names of our own tables


def _copy(connection: Connection, table: str, names: Sequence[str], rows: list[Row]) -> None:
    """Stream by COPY, a dozen times faster than INSERT."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
