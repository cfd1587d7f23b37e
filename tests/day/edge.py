"""A handheld's clocks on the day's time, and chance from a seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from field_sync.clock import Moment


class DayEdge:
    """Clocks that follow the day; the wall clock may be slow.

    Attributes:
        lag_s: how long before the present step the person acts: what is done within a step's
            minutes has a time of its own, and a contact is made at its end.
    """

    def __init__(
        self, *, now: Callable[[], dt.datetime], slow_s: float, seed: str, life: int
    ) -> None:
        """Boot.

        Args:
            now: tells the true time.
            slow_s: how far the wall clock is behind it.
            seed: where chance begins.
            life: how often the handheld has booted before; each boot counts from anew.
        """
        self.lag_s = 0.0
        self._now = now
        self._slow = dt.timedelta(seconds=slow_s)
        self._boot = f"boot-{life}"
        self._booted_at = now() - dt.timedelta(minutes=10)
        self._chance = random.Random(f"{seed}:{life}")

    def moment(self) -> Moment:
        """Read the clocks."""
        true = self._now() - dt.timedelta(seconds=self.lag_s)
        return Moment(
            wall=true - self._slow,
            mono_ms=(true - self._booted_at) // dt.timedelta(milliseconds=1),
            boot=self._boot,
        )

    def entropy(self, count: int) -> bytes:
        """Draw bytes from the seed."""
        return self._chance.randbytes(count)
