"""A thread beside the requests that does one thing again and again, or sooner when woken."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger()


class Background:
    """Runs one piece of work at intervals until it is stopped; one that fails is tried again."""

    def __init__(self, name: str, work: Callable[[], object], *, every_s: float) -> None:
        """Prepare to run.

        Args:
            name: the thread's name, for logs.
            work: what to do; it is never run twice at a time.
            every_s: the longest pause between two runs, in seconds.
        """
        self._name = name
        self._work = work
        self._every_s = every_s
        self._woken = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the work will be done without anybody waiting for it."""
        return self._thread is not None and not self._stopping

    def start(self) -> None:
        """Start running."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Let the next run come at once."""
        self._woken.set()

    def stop(self) -> None:
        """Run once more, and wait for that."""
        self._stopping = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._woken.wait(self._every_s)
            self._woken.clear()
            try:
                self._work()
            except Exception:  # noqa: BLE001 - the database may be away; the next run tries again
                _log.exception("background.failed", name=self._name)
