"""The store's one door: an SQLite file that keeps what it was told, whatever happens next.

WAL with synchronous FULL: when a transaction has ended, pulling the battery does not undo it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from field_sync import errors
from field_sync.store import migrations

BUSY_S: Final = 5.0
_RESULT_CODE: Final = 0xFF
Connect = Callable[[pathlib.Path], sqlite3.Connection]


def connect(path: pathlib.Path) -> sqlite3.Connection:
    """Connect to the database file with transactions in our own hands."""
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


@dataclasses.dataclass(frozen=True, slots=True)
class Store:
    """An open store: its folder and its connection. Close it when done."""

    home: pathlib.Path
    connection: sqlite3.Connection

    @property
    def files(self) -> pathlib.Path:
        """The folder of evidence files, each named by its hash."""
        return self.home / "files"

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Span one transaction: all of it is on disk when this ends, or none of it.

        Raises:
            DiskFull: there is no space; nothing was changed.
            StoreBusy: another program writes; nothing was changed.
        """
        with _refusing():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def open_store(home: pathlib.Path, *, connect: Connect = connect) -> Store:
    """Open the store in a folder, making or upgrading it where needed.

    Args:
        home: the handheld's folder; made, and readable to its owner only, if it is not there.
        connect: how to reach the database file; tests give one that fails at a chosen write.

    Raises:
        StoreTooNew: a later program made the store.
        StoreBusy: another program is upgrading it.
        DiskFull: there is no space for it.
    """
    (home / "files").mkdir(mode=0o700, parents=True, exist_ok=True)
    with _refusing():
        connection = connect(home / "handheld.db")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrations.migrate(connection)
        except BaseException:
            connection.close()
            raise
    (home / "handheld.db").chmod(0o600)
    return Store(home=home, connection=connection)


@contextlib.contextmanager
def alone(store: Store, *, purpose: str) -> Iterator[None]:
    """Be the only one on this handheld to do a thing, across processes; a crash lets go.

    Raises:
        StoreBusy: somebody else is doing it.
    """
    lock = sqlite3.connect(store.home / f"{purpose}.lock", timeout=0, isolation_level=None)
    try:
        with _refusing():
            lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn a full disk and a busy file into refusals; anything else is a bug and rises."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & _RESULT_CODE
        if code == sqlite3.SQLITE_FULL:
            raise errors.DiskFull from error
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise errors.StoreBusy from error
        raise
