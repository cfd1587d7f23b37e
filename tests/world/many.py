"""Many worlds in several processes, in any order; each process sets its stage once."""

from __future__ import annotations

import concurrent.futures
import functools
import gc
import multiprocessing
import os
import pathlib
import tempfile
from collections.abc import Generator
from typing import Final

from api import observe
from api.app import create_app
from api.settings import Settings
from tests.world import life
from tests.world.ground import SqliteGround
from tests.world.workshop import Workshop

MEMORY: Final = pathlib.Path("/dev/shm")  # noqa: S108 - only a folder of our own in it
PER_TASK: Final = 20
"""Seeds that a process takes at a time."""


def live(seeds: range, *, processes: int) -> Generator[life.Ended]:
    """Live through seeds; who has seen enough closes the iterator."""
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="world-", dir=_memory()) as folder,
        concurrent.futures.ProcessPoolExecutor(processes, mp_context=spawn) as pool,
    ):
        tasks = [
            pool.submit(_live_some, seeds[start : start + PER_TASK], folder)
            for start in range(0, len(seeds), PER_TASK)
        ]
        try:
            for task in concurrent.futures.as_completed(tasks):
                yield from task.result()
        finally:
            pool.shutdown(cancel_futures=True)


def open_workshop(folder: pathlib.Path) -> Workshop:
    """Set a stage on the embedded database in an empty folder."""
    observe.configure_logs("critical")
    gc.set_threshold(50_000, 20, 100)  # a world makes few circles
    return Workshop(create_app(Settings(data_dir=folder)), SqliteGround(folder), folder)


def _memory() -> pathlib.Path | None:
    """Choose memory over disk where there is any."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None


@functools.cache
def _workshop(parent: str) -> Workshop:
    """Set this process's stage, the first time that it is asked for."""
    folder = pathlib.Path(parent) / str(os.getpid())
    folder.mkdir()
    return open_workshop(folder)


def _live_some(seeds: range, folder: str) -> list[life.Ended]:
    return [life.live_through(seed, _workshop(folder)) for seed in seeds]
