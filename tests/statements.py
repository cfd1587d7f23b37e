"""Statements compiled once for a whole session: each test opens a database of its own.

SQLAlchemy keeps what it has compiled with an engine, so that every test would compile the same
statements anew, which took a third of the time of all tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from api import db

_STATEMENTS_MAX: Final = 5_000


class Compiled:
    """What the first engine of each kind has compiled."""

    def __init__(self) -> None:
        """Start with nothing compiled."""
        self._first: dict[str, Engine] = {}

    def keep(self, engine: Engine) -> None:
        """Let later engines of this kind use what this one has compiled.

        Args:
            engine: has been connected, so that its dialect knows the server.
        """
        engine._compiled_cache = LRUCache(_STATEMENTS_MAX)
        self._first.setdefault(engine.dialect.name, engine)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Lend it to every engine that is made in a `with` block."""
        make = db._engine

        def made(url: str, *, pool_size: int) -> Engine:
            engine = make(url, pool_size=pool_size)
            first = self._first.get(engine.dialect.name)
            if first is not None:
                engine.dialect = first.dialect
                engine._compiled_cache = first._compiled_cache
            return engine

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(db, "_engine", made)
            yield
