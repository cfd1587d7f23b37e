"""Where a world's server keeps its data: a database that is staged once and copied for each seed.

Embedded, it is a file that can be crashed, filled and put back; PostgreSQL dies at statements too.
"""

from __future__ import annotations

import contextlib
import itertools
import pathlib
import shutil
import sqlite3
from collections.abc import Iterator
from typing import Any, Final, Protocol

from sqlalchemy import event

from api import db
from tests.postgres import Postgres
from tests.world import fuse

_TAILS: Final = ("", "-wal", "-shm")


class Ground(Protocol):
    """A database under a world's server, and the fuse of that server's process."""

    fuse: fuse.Fuse
    can_fill: bool

    def keep_stage(self) -> None:
        """Keep the database as it is now, as the beginning of every seed."""
        ...

    def begin(self) -> db.Database:
        """Give the database as every seed begins, which is also its first backup."""
        ...

    def reopen(self) -> db.Database:
        """Let every connection go, as a dying process does, and start again."""
        ...

    def backup(self) -> None:
        """Keep a copy of the database as it is now."""
        ...

    def restore(self) -> db.Database:
        """Put the copy in place of the database."""
        ...

    def full(self) -> contextlib.AbstractContextManager[None]:
        """Let the disk have no page more for a while."""
        ...

    def close(self) -> None:
        """Put it away."""
        ...


class SqliteGround:
    """An SQLite file; one engine serves every seed, so that statements are compiled once."""

    can_fill = True

    def __init__(self, folder: pathlib.Path) -> None:
        """Keep the database and its copies in a folder."""
        self.fuse = fuse.Fuse()
        self.database = db.Database(f"sqlite:///{folder / 'lamplighter.db'}", pool_size=4)
        self._path = folder / "lamplighter.db"
        self._stage = folder / "stage.db"
        self._copy = folder / "backup.db"
        self._pages_max = fuse.PAGES_MAX
        self._open: list[sqlite3.Connection] = []
        # Not by an event of the dialect, which is one for all engines that share what is compiled.
        self.database.engine.pool._creator = self._connect
        event.listen(self.database.engine, "checkout", self._bound)

    def keep_stage(self) -> None:
        self._copy_to(self._stage)

    def begin(self) -> db.Database:
        shutil.copyfile(self._stage, self._copy)
        return self.restore()

    def reopen(self) -> db.Database:
        for connection in self._open:
            connection.close()
        self._open.clear()
        self.database.engine.dispose()
        self.fuse.renew()
        return self.database

    def backup(self) -> None:
        self._copy_to(self._copy)

    def restore(self) -> db.Database:
        self.reopen()
        for tail in _TAILS:
            self._path.with_name(self._path.name + tail).unlink(missing_ok=True)
        shutil.copyfile(self._copy, self._path)
        return self.database

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        with self.database.engine.connect() as connection:
            self._pages_max = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        try:
            yield
        finally:
            self._pages_max = fuse.PAGES_MAX

    def close(self) -> None:
        self.database.close()

    def _connect(self) -> Any:
        connection = sqlite3.connect(
            self._path, factory=fuse.FusedConnection, **db.SQLITE_CONNECTS_WITH
        )
        connection.fuse = self.fuse
        self._open.append(connection)
        return connection

    def _bound(self, connection: Any, _record: object, _proxy: object) -> None:
        """Bound the file as a connection is taken up: the bound is the connection's own."""
        connection.execute(f"PRAGMA max_page_count = {self._pages_max}")

    def _copy_to(self, target: pathlib.Path) -> None:
        target.unlink(missing_ok=True)
        with (
            contextlib.closing(sqlite3.connect(self._path)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)


class PostgresGround:
    """Databases of a PostgreSQL server."""

    can_fill = False

    def __init__(self, server: Postgres) -> None:
        """Make an empty one."""
        self.fuse = fuse.Fuse()
        self._server = server
        self._made = [server.create_database()]
        self.database = self._open(self._made[0])
        self._stage = self._copy = ""

    def keep_stage(self) -> None:
        self._stage = self._copied()

    def begin(self) -> db.Database:
        self._copy = self._stage
        return self.restore()

    def reopen(self) -> db.Database:
        self.database.engine.dispose()
        self.fuse.renew()
        return self.database

    def backup(self) -> None:
        self._copy = self._copied()

    def restore(self) -> db.Database:
        self.reopen()
        self.database.close()
        kept = {self._stage, self._copy}
        for url in itertools.filterfalse(kept.__contains__, self._made):
            self._server.drop_database(url)
        self._made = [*kept, self._server.copy_database(self._copy)]
        self.database = self._open(self._made[-1])
        return self.database

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        self.database.close()
        for url in self._made:
            self._server.drop_database(url)

    def _copied(self) -> str:
        self.reopen()
        self._made.append(self._server.copy_database(self._made[-1]))
        url = self._made[-1]
        self._made = [*self._made[:-2], url, self._made[-2]]
        return url

    def _open(self, url: str) -> db.Database:
        database = db.Database(url, pool_size=4)
        event.listen(database.engine, "before_cursor_execute", self._before)
        event.listen(database.engine, "after_cursor_execute", self._after)
        event.listen(database.engine, "commit", self._commit)
        return database

    def _before(self, _connection: object, _cursor: object, sql: str, *_: object) -> None:
        self._last = self.fuse.strike(sql)

    def _after(self, *_: object) -> None:
        if self._last:
            self.fuse.blow()

    def _commit(self, _connection: object) -> None:
        if self.fuse.strike("COMMIT"):
            self.fuse.blow()

    _last = False
