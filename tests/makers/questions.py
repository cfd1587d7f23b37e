"""What a piece of work asks the database: the price that a busy evening pays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import event

from api import db


@contextlib.contextmanager
def asked(database: db.Database) -> Iterator[list[str]]:
    """Gather the statements that reach the database."""
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)
