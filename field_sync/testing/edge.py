"""A handheld's clocks that a test moves by hand, and chance from a seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Final

from field_sync.clock import Moment

START: Final = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)


class HandEdge:
    """A handheld's clocks that stand still until they are moved, and chance from a seed."""

    def __init__(
        self,
        *,
        now: Callable[[], dt.datetime] = lambda: START,
        fast_s: float = 0.0,
        seed: int = 0,
        boots: str = "boot",
    ) -> None:
        """Stand at the true time.

        Args:
            now: tells the true time.
            fast_s: how far the wall clock is ahead of it; a slow one is behind, below 0.
            seed: where chance begins.
            boots: what its boots are named after; no two handhelds share a boot.
        """
        self.fast_s = fast_s
        self._now = now
        self._moved = dt.timedelta()
        self._boots = boots
        self._boot = 1
        self._booted_at = now() - dt.timedelta(hours=1)
        self._chance = random.Random(seed)

    def moment(self) -> Moment:
        """Read the clocks."""
        true = self._now() + self._moved
        return Moment(
            wall=true + dt.timedelta(seconds=self.fast_s),
            mono_ms=int((true - self._booted_at).total_seconds() * 1000),
            boot=f"{self._boots}-{self._boot}",
        )

    def entropy(self, count: int) -> bytes:
        """Draw bytes from the seed."""
        return self._chance.randbytes(count)

    def advance(self, *, seconds: float = 0, minutes: float = 0) -> None:
        """Let time go by for this handheld."""
        self._moved += dt.timedelta(seconds=seconds, minutes=minutes)

    def reboot(self) -> None:
        """Begin a new boot, whose monotonic clock begins anew."""
        self._boot += 1
        self._booted_at = self._now() + self._moved
