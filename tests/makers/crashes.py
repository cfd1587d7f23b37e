"""Programs that die at a chosen write of the handheld's store."""

from __future__ import annotations

import pathlib
import sqlite3
from collections.abc import Callable


class Crash(BaseException):
    """The battery was pulled."""


def failing(at: int, *, after: bool) -> Callable[[pathlib.Path], sqlite3.Connection]:
    """Connect so that the program dies before or after its write number `at`."""

    class Dying(sqlite3.Connection):
        writes = 0
        dead = False

        def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
            return self._run(sql, lambda: sqlite3.Connection.execute(self, sql, parameters))  # type: ignore[arg-type]  # handed through

        def executemany(self, sql: str, parameters: object, /) -> sqlite3.Cursor:
            return self._run(sql, lambda: sqlite3.Connection.executemany(self, sql, parameters))  # type: ignore[arg-type]  # handed through

        def _run(self, sql: str, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
            if Dying.dead:
                raise Crash
            counts = not sql.lstrip().startswith(("SELECT", "PRAGMA", "CREATE"))
            Dying.writes += counts
            if counts and Dying.writes == at and not after:
                Dying.dead = True
                raise Crash
            done = run()
            if counts and Dying.writes == at:
                Dying.dead = True
                raise Crash
            return done

    return lambda path: sqlite3.connect(path, isolation_level=None, factory=Dying)
