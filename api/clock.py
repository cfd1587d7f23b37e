"""The one place where the server reads a clock."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Something that tells the present instant."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> dt.datetime:
        """Return the machine's present instant, aware and in UTC."""
        return dt.datetime.now(dt.UTC)
