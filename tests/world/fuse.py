"""Processes that end at a chosen write: SQLite connections with a fuse.

What was committed before stays, what was not is gone: as when the battery is pulled.
"""

from __future__ import annotations

import pathlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_READS: Final = ("SELECT", "PRAGMA", "ROLLBACK", "WITH")
PAGES_MAX: Final = 1_073_741_823
"""SQLite's own limit: a disk that is never full."""


class Killed(BaseException):
    """A process ended in the middle of something."""


class Fuse:
    """Counts the writes of one process and ends it at the chosen one.

    Attributes:
        blown: whether the process is dead; it writes nothing any more.
    """

    def __init__(self) -> None:
        self.blown = False
        self._left: int | None = None
        self._after = False

    @contextmanager
    def armed(self, *, writes: int, after: bool) -> Iterator[None]:
        """End the process at a write of this block, if it comes to so many.

        Args:
            writes: which one; 1 is the first. Beginnings and ends of transactions count too.
            after: whether the write is still done.
        """
        self._left, self._after = writes, after
        try:
            yield
        finally:
            self._left = None

    def renew(self) -> None:
        """Start the process again."""
        self.blown = False

    def strike(self, sql: str) -> bool:
        """Count a statement that is about to be done; tell whether it is the last one."""
        if sql.lstrip()[:8].upper().startswith("ROLLBACK"):
            return False
        if self.blown:
            raise Killed
        if self._left is None or sql.lstrip()[:8].upper().startswith(_READS):
            return False
        self._left -= 1
        if self._left > 0:
            return False
        self._left = None
        if not self._after:
            self.blow()
        return True

    def blow(self) -> None:
        """End the process now."""
        self.blown = True
        raise Killed


class FusedCursor(sqlite3.Cursor):
    """A cursor that asks the fuse before each statement."""

    connection: FusedConnection

    def execute(self, sql: str, parameters: Any = (), /) -> FusedCursor:
        last = self.connection.fuse.strike(sql)
        super().execute(sql, parameters)
        if last:
            self.connection.fuse.blow()
        return self

    def executemany(self, sql: str, parameters: Any, /) -> FusedCursor:
        last = self.connection.fuse.strike(sql)
        super().executemany(sql, parameters)
        if last:
            self.connection.fuse.blow()
        return self


class FusedConnection(sqlite3.Connection):
    """A connection whose every statement and commit asks the fuse first."""

    fuse: Fuse

    def cursor(self, factory: Any = FusedCursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> FusedCursor:
        cursor: FusedCursor = self.cursor()
        return cursor.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> FusedCursor:
        cursor: FusedCursor = self.cursor()
        return cursor.executemany(sql, parameters)

    def commit(self) -> None:
        last = self.fuse.strike("COMMIT") if self.in_transaction else False
        super().commit()
        if last:
            self.fuse.blow()

    def close(self) -> None:
        """Let go of the file as a dying process does: what was not committed is gone.

        Statements that nobody finished would keep a closed connection's locks.
        """
        with suppress(sqlite3.ProgrammingError):  # closed already
            self.rollback()
        super().close()


def connect(path: pathlib.Path, fuse: Fuse) -> FusedConnection:
    """Connect to a handheld's database file; nobody waits for a lock."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, factory=FusedConnection)
    connection.fuse = fuse
    return connection


@contextmanager
def full(connection: sqlite3.Connection) -> Iterator[None]:
    """Let the disk under a connection have no page more than it has now."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA max_page_count = {PAGES_MAX}")
