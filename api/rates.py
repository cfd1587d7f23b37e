"""How often each of many may come: a leaky bucket for each, in the memory of one worker.

A bucket is kept as the one instant at which it is empty again. What must be one for all workers, or
outlive them, is counted in the database instead (`api.crews.identity.limits`).
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from typing import Final

from api import errors

WINDOW_S: Final = 60
"""Each may come as often as a minute allows in one burst, then as the minute refills."""
KEPT_MAX: Final = 50_000
"""Buckets that are remembered; beyond it those that are empty are forgotten."""


def filled(
    empty_at: dt.datetime, *, by: dt.timedelta, window_s: int, now: dt.datetime
) -> dt.datetime:
    """Tell when a bucket is empty once more is in it.

    Args:
        empty_at: when it is empty without that.
        by: what comes to it, as the time that it takes to run out.
        window_s: how long a full bucket takes to empty itself.
        now: the present instant.

    Raises:
        TooMany: it would run over.
    """
    filled_at = max(empty_at, now) + by
    over_s = (filled_at - now).total_seconds() - window_s
    if over_s > 0:
        raise errors.TooMany(retry_after_s=math.ceil(over_s))
    return filled_at


class Rates:
    """The buckets of those who come."""

    def __init__(self, *, per_minute: int) -> None:
        """Begin empty.

        Args:
            per_minute: how often each may come in a minute.
        """
        self._each = dt.timedelta(seconds=WINDOW_S / per_minute)
        self._lock = threading.Lock()
        self._empty_at: dict[str, dt.datetime] = {}

    def count(self, name: str, *, now: dt.datetime, times: int = 1) -> None:
        """Count that somebody came.

        Args:
            name: who.
            now: the present instant.
            times: how many times as often as others they may come.

        Raises:
            TooMany: they come too often.
        """
        with self._lock:
            empty_at = self._empty_at.get(name, now)
            self._empty_at[name] = filled(
                empty_at, by=self._each / times, window_s=WINDOW_S, now=now
            )
            if len(self._empty_at) > KEPT_MAX:
                self._forget(now)

    def _forget(self, now: dt.datetime) -> None:
        """Forget the buckets that are empty; if half of them are not, begin anew."""
        busy = {name: at for name, at in self._empty_at.items() if at > now}
        self._empty_at = busy if len(busy) <= KEPT_MAX // 2 else {}
