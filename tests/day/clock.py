"""The day's clock: one instant in a file that every process of the rehearsal reads.

Only the conductor moves it, in steps, while nobody acts: time stands still while requests are in
flight, so that a busy machine changes nothing in what happened when.
"""

from __future__ import annotations

import datetime as dt
import mmap
import pathlib
from typing import Final

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK: Final = dt.timedelta(microseconds=1)
_BYTES: Final = 8


class SteppedClock:
    """Tells the day's instant; it satisfies the server's `Clock`."""

    def __init__(self, path: pathlib.Path) -> None:
        """Share the instant that the file holds."""
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _BYTES)

    def now(self) -> dt.datetime:
        """Tell the instant at which the conductor holds the day."""
        return _EPOCH + int.from_bytes(self._shared[:_BYTES], "little") * _TICK

    def move_to(self, instant: dt.datetime) -> None:
        """Move the day on, for every process at once."""
        self._shared[:_BYTES] = ((instant - _EPOCH) // _TICK).to_bytes(_BYTES, "little")


def make(path: pathlib.Path, *, at: dt.datetime) -> SteppedClock:
    """Make the shared file and hold the day at an instant."""
    path.write_bytes(bytes(_BYTES))
    clock = SteppedClock(path)
    clock.move_to(at)
    return clock
