"""Photos: what it costs to look into one in a child, beside the plain library in this process."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import random
import threading
from collections.abc import Iterator
from typing import Final

import pillow_heif
from PIL import Image

from api.photos import darkroom, worker
from bench import figures
from schemas.rules.sniffing import Kind

_LOOK_S: Final = 0.002
_MEMORY_MB_AT_MOST: Final = 250.0
_JPEG_PX: Final = (3_264, 2_448)
_HEIC: Final = (
    pathlib.Path(__file__).parents[1] / "tests" / "data" / "photos" / "heic_IMG_5195.HEIC"
)
"""A real one; to encode one of this size takes a minute."""


def measure(*, reps: int) -> Iterator[figures.Figure]:
    """Time and weigh the darkroom.

    Args:
        reps: how often each picture is opened; the median counts.
    """
    pillow_heif.register_heif_opener()
    for what, kind, content in (
        ("8 MP JPEG", Kind.jpeg, _photo()),
        ("8.5 MP HEIC of a phone", Kind.heif, _HEIC.read_bytes()),
    ):
        yield figures.Figure(
            what=f"{what}: read, marked, thumbnail and copy made; processor time",
            value=figures.median_ms(_in_a_child_s(content, kind) for _ in range(reps)),
            unit="ms",
            floor=figures.median_ms(_here_s(content) for _ in range(reps)),
        )
        yield figures.Figure(
            what=f"{what}: memory of the child",
            value=max(_memory_mb(content, kind) for _ in range(3)),
            unit="MB",
            at_most=_MEMORY_MB_AT_MOST,
        )


def _photo() -> bytes:
    """Make a photo with the detail that a real one has."""
    coarse = Image.frombytes("RGB", (204, 153), random.Random(1).randbytes(204 * 153 * 3))
    out = io.BytesIO()
    coarse.resize(_JPEG_PX, Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def _in_a_child_s(content: bytes, kind: Kind) -> float:
    before = os.times()
    developed = darkroom.develop(io.BytesIO(content), kind=kind)
    after = os.times()
    assert developed.why is None, developed
    spent = (after.user, after.system, after.children_user, after.children_system)
    known = (before.user, before.system, before.children_user, before.children_system)
    return sum(spent) - sum(known)


def _here_s(content: bytes) -> float:
    """Make a thumbnail and a copy with nothing around it."""
    before = os.times()
    image: Image.Image = Image.open(io.BytesIO(content))
    image.draft("RGB", (worker.COPY_PX, worker.COPY_PX))
    image.thumbnail((worker.COPY_PX, worker.COPY_PX))
    image.convert("RGB").save(io.BytesIO(), "JPEG", quality=82)
    image.thumbnail((worker.THUMBNAIL_PX, worker.THUMBNAIL_PX))
    image.convert("RGB").save(io.BytesIO(), "JPEG", quality=82)
    after = os.times()
    return after.user + after.system - before.user - before.system


def _memory_mb(content: bytes, kind: Kind) -> float:
    """Watch the child's memory while it works; the most that it held."""
    done = threading.Event()
    seen_kib = [0]

    def watch() -> None:
        while not done.wait(_LOOK_S):
            for child in _children():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    status = pathlib.Path(f"/proc/{child}/status").read_text()
                    line = status.partition("VmHWM:")[2]
                    command = pathlib.Path(f"/proc/{child}/cmdline").read_text()
                    if "worker.py" in command:
                        seen_kib[0] = max(seen_kib[0], int(line.split()[0]))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        darkroom.develop(io.BytesIO(content), kind=kind)
    finally:
        done.set()
        watching.join()
    return seen_kib[0] / 1_024


def _children() -> list[int]:
    """Name the processes that this one has started."""
    lists = pathlib.Path("/proc/self/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]
