"""Statements put to the driver as they are, past everything that SQLAlchemy does around one.

What it does (an execution context, a result, their bookkeeping) costs ten times what SQLite needs
to answer a small question.
Whoever listens to the statements of an engine hears these too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_BINARY_FORMAT: Final = 1

Given = Any
"""Values of a statement: by place or by name, as the driver wants them."""
Described = Sequence[Sequence[Any]]
"""What a driver says of the columns of an answer (PEP 249)."""


def ask(
    connection: Connection,
    sql: str,
    values: Given,
    *,
    large: bool = False,
) -> tuple[Sequence[Sequence[Any]], Described]:
    """Put a question; give its rows, and what the driver says of their columns.

    Args:
        connection: in a transaction.
        sql: in the driver's own manner.
        values: of the statement.
        large: whether the answer has many bytes.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    with _executed(connection, sql, values, large=large) as cursor:
        return cursor.fetchall(), cursor.description


def change(connection: Connection, sql: str, values: Given, *, many: bool = False) -> None:
    """Change something, once for some values, or once for each of many.

    Raises:
        DBAPIError: as SQLAlchemy would.
    """
    with _executed(connection, sql, values, many=many):
        pass


@contextlib.contextmanager
def _executed(
    connection: Connection, sql: str, values: Given, *, many: bool = False, large: bool = False
) -> Iterator[Any]:
    """Give the driver's cursor once it has executed a statement; whoever listens has heard it."""
    driver: Any = connection.connection.dbapi_connection
    cursor = driver.cursor()
    heard = connection, cursor, sql, values, None, many
    try:
        if large and connection.dialect.name == "postgresql":
            cursor.format = _BINARY_FORMAT  # as text each byte is two letters
        for listener in connection.dispatch.before_cursor_execute:
            listener(*heard)
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
        for listener in connection.dispatch.after_cursor_execute:
            listener(*heard)
        yield cursor
    except _error_of(connection) as error:
        raise _raised(connection, sql, error) from error
    finally:
        cursor.close()


def _error_of(connection: Connection) -> type[Exception]:
    driver: Any = connection.dialect.dbapi
    error: type[Exception] = driver.Error
    return error


def _raised(connection: Connection, sql: str, error: Any) -> BaseException:  # noqa: ANN401
    """Dress a driver's error as SQLAlchemy does; a connection that is lost is not used again."""
    dialect = connection.dialect
    dbapi: Any = dialect.dbapi
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    dressed: BaseException = DBAPIError.instance(
        sql, None, error, dbapi.Error, connection_invalidated=lost, dialect=dialect
    )
    if lost:
        connection.invalidate(error)
    return dressed
