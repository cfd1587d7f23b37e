"""Traffic: how often one device may come, and how many syncs run at once; the rest is told when.

All of it is in the memory of one worker: with several workers a device may come so often to each.
It guards the server from a phone gone wild and from a crowd, not from an enemy; that is the
proxy's task.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Final

from api import errors, rates

BUSY_RETRY_S: Final = 5
"""What a phone that found no place is asked to wait; it spreads the wait itself."""
SYNC_SHARE: Final = 0.8
"""Of a worker's threads; the other ones stay free for the office and for files."""


class Traffic:
    """The rate of each device and the syncs under way, of one worker."""

    def __init__(self, *, per_minute: int, threads: int) -> None:
        """Begin empty.

        Args:
            per_minute: exchanges that a device may have in a minute.
            threads: request threads of this worker.
        """
        self.places = max(int(threads * SYNC_SHARE), 1)
        self._rates = rates.Rates(per_minute=per_minute)
        self._lock = threading.Lock()
        self._under_way = 0

    @property
    def load(self) -> float:
        """How much of the room for syncs is taken, from 0 to 1, the one who asks left out."""
        return min(max(self._under_way - 1, 0) / self.places, 1.0)

    @contextlib.contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place for one sync; without one nobody queues.

        Raises:
            Busy: every place is taken.
        """
        with self._lock:
            if self._under_way >= self.places:
                raise errors.Busy(retry_after_s=BUSY_RETRY_S)
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def count(self, *, device_id: str, now: dt.datetime) -> None:
        """Count one exchange of a device.

        Raises:
            TooMany: it comes too often.
        """
        self._rates.count(device_id, now=now)
