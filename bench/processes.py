"""What processes of this machine have used, as the kernel tells it."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterable
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


def family(pid: int) -> list[int]:
    """List a process and all that come from it and live."""
    found = [pid]
    for each in found:
        with contextlib.suppress(OSError):  # it has just ended
            for thread in pathlib.Path(f"/proc/{each}/task").iterdir():
                found.extend(map(int, (thread / "children").read_text().split()))
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """Tell how much processor time some processes have used; the kernel counts in ticks.

    What ended meanwhile counts with the one that it came from, once that one has heard of it.
    """
    return sum(_stat(pid)[0] for pid in pids) / _TICKS_PER_S


def memory_mb(pids: Iterable[int]) -> float:
    """Tell how much memory the largest of some processes holds."""
    return max(_stat(pid)[1] for pid in pids) * _PAGE_BYTES / 1e6


def _stat(pid: int) -> tuple[int, int]:
    """Read a process's ticks of processor time and its resident pages."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]), int(fields[21])
