"""Serve over HTTP with gunicorn's threads, the scheduler beside them, and a clean stop."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Callable
from typing import Any, Final

import flask
from gunicorn.app.base import BaseApplication

from api import clock as clocks
from api import http, scheduler
from api.app import create_app
from api.feed.pages import making
from api.settings import Settings

_KEEP_ALIVE_S: Final = 75
_BACKLOG: Final = 2_048
_COLLECT_AFTER: Final = (50_000, 20, 100)
"""A push makes tens of thousands of objects without a circle (docs/decisions/0017)."""
_MALLOC: Final = {-3: 262_144, -8: 4}
"""`mallopt`: M_MMAP_THRESHOLD in bytes, M_ARENA_MAX."""


class Serving(BaseApplication):
    """gunicorn with settings of ours instead of a command line."""

    def __init__(
        self,
        settings: Settings,
        *,
        when_ready: Callable[[], None],
        clock: clocks.Clock | None = None,
    ) -> None:
        """Keep what to serve.

        Args:
            settings: checked settings.
            when_ready: called once when the address is open.
            clock: what tells the time; by default the machine's clock.
        """
        self._settings = settings
        self._when_ready = when_ready
        self._clock = clock
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its options."""
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "worker_class": "gthread",
            "workers": settings.workers,
            "threads": settings.threads,
            "timeout": 0,
            "graceful_timeout": settings.stop_grace_s,
            "keepalive": _KEEP_ALIVE_S,
            "backlog": _BACKLOG,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
            "when_ready": lambda _: self._when_ready(),
            "post_worker_init": _begin,
            "worker_exit": _stop,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """Make the application in the worker, after the fork."""
        return create_app(self._settings, clock=self._clock)


def _give_memory_back() -> None:
    """Have the C library return large blocks to the system, where it is glibc.

    Left alone it learns to keep blocks of up to 32 MB, in an arena for each few threads: answers of
    first pulls then stay with the worker for good.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _MALLOC.items():
            mallopt(option, value)


def _begin(worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Start what runs beside the requests in a worker that is ready."""
    _give_memory_back()
    gc.set_threshold(*_COLLECT_AFTER)
    gc.collect()
    gc.freeze()  # the code lives as long as the worker: no collection need walk it (0.1 s each)
    server: http.Server = worker.wsgi.extensions["lamplighter"]
    worker.lamplighter_background = [
        making.maker(server.database),
        worker.wsgi.extensions["lamplighter.lobby"].writer,
    ]
    for each in worker.lamplighter_background:
        each.start()
    if server.settings.scheduler:
        worker.lamplighter_scheduler = scheduler.start(server)


def _stop(_arbiter: object, worker: Any) -> None:  # noqa: ANN401 - as above
    """Let running jobs finish, then close the database."""
    running = getattr(worker, "lamplighter_scheduler", None)
    if running is not None:
        running.stop()
    for each in getattr(worker, "lamplighter_background", []):
        each.stop()
    app: flask.Flask | None = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["lamplighter"].database.close()
