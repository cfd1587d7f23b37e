"""The handheld's outermost edge: the one place where it reads clocks and draws chance.

Everything inside takes a `Moment` or an `Edge` as an argument; tests move theirs by hand.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
import secrets
import time
from typing import Final, Protocol

_BOOT_ID: Final = pathlib.Path("/proc/sys/kernel/random/boot_id")
_NS_PER_MS: Final = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """What the handheld's clocks say at one instant.

    Attributes:
        wall: the wall clock, aware and UTC; somebody may have set it wrong.
        mono_ms: a clock that nobody can set, in milliseconds; it counts sleep as well.
        boot: names the boot that `mono_ms` counts from.
    """

    wall: dt.datetime
    mono_ms: int
    boot: str


class Edge(Protocol):
    """What a handheld knows of the world without asking anybody: its clocks and chance."""

    def moment(self) -> Moment:
        """Read the clocks."""
        ...

    def entropy(self, count: int) -> bytes:
        """Draw `count` random bytes."""
        ...


class Machine:
    """The clocks and the chance of the machine that this runs on."""

    def __init__(self) -> None:
        self._boot, self._clock = _boot_and_clock()

    def moment(self) -> Moment:
        """Read the machine's clocks."""
        return Moment(
            wall=dt.datetime.now(dt.UTC),
            mono_ms=time.clock_gettime_ns(self._clock) // _NS_PER_MS
            if self._clock is not None
            else time.monotonic_ns() // _NS_PER_MS,
            boot=self._boot,
        )

    def entropy(self, count: int) -> bytes:
        """Draw random bytes from the operating system."""
        return secrets.token_bytes(count)


def _boot_and_clock() -> tuple[str, int | None]:
    """Name this boot, and the clock that goes on through sleep, where the system has both.

    Elsewhere each process counts as a boot of its own: honest, if less useful.
    """
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    if clock is None or not _BOOT_ID.exists():
        return secrets.token_hex(16), None
    return _BOOT_ID.read_text(encoding="ascii").strip(), clock
