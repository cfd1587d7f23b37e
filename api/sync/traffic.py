"""Traffic: how often one device may come, and how many syncs run at once; the rest is told when.

All of it is in the memory of one worker: with several workers a device may come so often to each.
It guards the server from a phone gone wild and from a crowd, not from an enemy; that is the
proxy's task.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import threading
from collections.abc import Iterator
from typing import Final

from api import errors

WINDOW_S: Final = 60
"""A device may come as often as a minute allows in one burst, then as the minute refills."""
BUSY_RETRY_S: Final = 5
"""What a phone that found no place is asked to wait; it spreads the wait itself."""
SYNC_SHARE: Final = 0.8
"""Of a worker's threads; the other ones stay free for the office and for files."""
DEVICES_MAX: Final = 50_000
"""Devices whose rate is remembered; beyond it those that have been quiet are forgotten."""


class Traffic:
    """The rate of each device and the syncs under way, of one worker.

    A device's bucket is kept as the one instant at which it is empty again (a leaky bucket as a
    meter).
    """

    def __init__(self, *, per_minute: int, threads: int) -> None:
        """Begin empty.

        Args:
            per_minute: exchanges that a device may have in a minute.
            threads: request threads of this worker.
        """
        self.places = max(int(threads * SYNC_SHARE), 1)
        self._each = dt.timedelta(seconds=WINDOW_S / per_minute)
        self._lock = threading.Lock()
        self._empty_at: dict[str, dt.datetime] = {}
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
        with self._lock:
            empty_at = max(self._empty_at.get(device_id, now), now) + self._each
            over_s = (empty_at - now).total_seconds() - WINDOW_S
            if over_s > 0:
                raise errors.TooMany(retry_after_s=math.ceil(over_s))
            self._empty_at[device_id] = empty_at
            if len(self._empty_at) > DEVICES_MAX:
                self._forget(now)

    def _forget(self, now: dt.datetime) -> None:
        """Forget the devices whose buckets are empty; if none is, begin anew."""
        busy = {device: at for device, at in self._empty_at.items() if at > now}
        self._empty_at = busy if len(busy) <= DEVICES_MAX // 2 else {}
