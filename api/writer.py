"""SQLite's one writer: units of work take turns on it, and one commit makes several durable.

A unit of work runs on its caller's thread, in a savepoint of the one connection that writes.
Whoever ends a turn while others wait leaves the commit to the next; the last of them commits for
all, and nobody's unit of work is over before that commit is on the disk (see
docs/decisions/0011-group-commit.md).
"""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

UNITS_MAX: Final = 64
"""The most units of work that one commit makes durable."""
GROUP_S_MAX: Final = 0.05
"""A group older than this takes nobody in; those in it wait no longer than for one unit more."""


class _Group:
    """Units of work that share one commit; `error` is why it failed."""

    __slots__ = ("begun_s", "error", "settled", "units")

    def __init__(self, *, begun_s: float) -> None:
        self.begun_s = begun_s
        self.units = 0
        self.error: BaseException | None = None
        self.settled = threading.Event()


class Writer:
    """The connection that writes, and the queue of those who wait: first come, first served."""

    def __init__(
        self,
        engine: Engine,
        *,
        units_max: int = UNITS_MAX,
        group_s_max: float = GROUP_S_MAX,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect anew for each group.

        Args:
            engine: of SQLite, whose transactions begin as the writer's.
            units_max: the most units of work in one commit.
            group_s_max: the age in seconds at which a group takes nobody in.
            monotonic_s: tells the seconds of a clock that only goes forward.
        """
        self._engine = engine
        self._units_max = units_max
        self._group_s_max = group_s_max
        self._monotonic_s = monotonic_s
        self._connection: Connection | None = None
        self._group: _Group | None = None
        self._mutex = threading.Lock()
        self._taken = False
        self._owner = 0
        self._waiting: collections.deque[threading.Event] = collections.deque()

    @contextlib.contextmanager
    def turn(self) -> Iterator[Connection]:
        """Give the connection, in a transaction, for one unit of work in a savepoint of its own.

        When the block ends well, return only once all that it wrote is durable.
        When it does not, its savepoint must be undone already; the others of its group go on.

        Raises:
            OperationalError: the commit failed; nothing of its group was kept.
        """
        self._wait()
        try:
            group = self._join()
            yield cast("Connection", self._connection)
            group.units += 1
        finally:
            self._leave()
        group.settled.wait()
        if group.error is not None:
            message = "COMMIT of a group of units of work"
            raise OperationalError(message, None, group.error) from group.error

    def _wait(self) -> None:
        """Wait for the turn."""
        assert self._owner != threading.get_ident(), "a unit of work is open in this thread"
        granted = threading.Event()
        with self._mutex:
            if self._taken:
                self._waiting.append(granted)
            else:
                granted.set()
            self._taken = True
        try:
            granted.wait()
        except BaseException:
            self._give_up(granted)
            raise
        self._owner = threading.get_ident()

    def _give_up(self, granted: threading.Event) -> None:
        """Leave the queue; a turn that was given meanwhile is passed on, with its commit."""
        with self._mutex:
            if granted in self._waiting:
                self._waiting.remove(granted)
                return
        self._leave()

    def _join(self) -> _Group:
        """Join the group that was left open, or begin one."""
        if self._group is None:
            connection = self._engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._group = _Group(begun_s=self._monotonic_s())
        return self._group

    def _leave(self) -> None:
        """End the turn: leave the commit to whoever is next, or commit for all."""
        self._owner = 0
        with self._mutex:
            if self._waiting and self._may_grow():
                self._waiting.popleft().set()
                return
        try:
            self._settle()
        finally:
            with self._mutex:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._taken = False

    def _may_grow(self) -> bool:
        group = self._group
        return group is None or (
            group.units < self._units_max
            and self._monotonic_s() - group.begun_s < self._group_s_max
            and self._in_transaction()
        )

    def _in_transaction(self) -> bool:
        """Ask the driver: a full disk makes SQLite undo a whole transaction by itself."""
        assert self._connection is not None
        driver = cast("Any", self._connection.connection.dbapi_connection)
        return bool(driver.in_transaction)

    def _settle(self) -> None:
        """Commit the group and wake those who wait for that, whatever comes of it."""
        group, self._group = self._group, None
        if group is None:
            return
        try:
            self._commit(group)
        except BaseException as error:
            group.error = error
            self._discard()
            if not isinstance(error, Exception):
                raise
        finally:
            group.settled.set()

    def _commit(self, group: _Group) -> None:
        """Commit, or undo a group in which nobody ended well, and give the connection back."""
        assert self._connection is not None
        if not self._in_transaction():
            message = "SQLite undid the transaction"
            raise OperationalError(message, None, Exception(message))
        if group.units:
            self._connection.commit()
        else:
            self._connection.rollback()
        self._connection.close()
        self._connection = None

    def _discard(self) -> None:
        """Throw away a connection whose transaction is in doubt; closing it undoes everything."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
