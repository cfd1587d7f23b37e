"""Acts of one boot, tied by its monotonic clock: what is impossible for one is so for all.

Where a boot had no contact its acts are placed by the wall clock, one by one. What came together
tells more: each act was before those after it, which were before the receipt, and after those
before it; and two that name different wall clocks show that it was set between them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from schemas.rules.event_time import DRIFT_PER_S, JUMP_S, TICK_S, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Tied:
    """The acts of one boot that came together.

    Attributes:
        was_set: whether the wall clock moved against the monotonic one between two of them.
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        """Tie them.

        Args:
            readings: the clocks at each, at least one, all of one boot.
        """
        apart_s = [each.device_at.timestamp() - each.monotonic_ms / 1000 for each in readings]
        self.was_set = max(apart_s) - min(apart_s) > JUMP_S
        self._last_ms = max(each.monotonic_ms for each in readings)
        self._earliest: tuple[int, dt.datetime] | None = None

    def window(
        self, reading: Reading, *, not_before: dt.datetime, received_at: dt.datetime
    ) -> tuple[dt.datetime, dt.datetime]:
        """Tell when one of them happened at the earliest and at the latest.

        Args:
            reading: its clocks; those of earlier acts have been given before.
            not_before: when it can have happened at the earliest by what came before it.
            received_at: when the server first heard of them.
        """
        if self._earliest is not None:
            before_ms, before_at = self._earliest
            not_before = max(not_before, before_at + _surely(reading.monotonic_ms - before_ms))
        self._earliest = reading.monotonic_ms, not_before
        latest = received_at - _surely(self._last_ms - reading.monotonic_ms)
        return not_before, max(latest, not_before)


def tie(readings: Iterable[Reading]) -> dict[str, Tied]:
    """Tie what came together, by boot."""
    by_boot: defaultdict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        by_boot[each.boot_id].append(each)
    return {boot: Tied(each) for boot, each in by_boot.items()}


def _surely(apart_ms: int) -> dt.timedelta:
    """Tell how much time has passed at the least; an earlier act may have come later."""
    apart_s = apart_ms / 1000
    return dt.timedelta(seconds=apart_s - DRIFT_PER_S * abs(apart_s) - TICK_S)
