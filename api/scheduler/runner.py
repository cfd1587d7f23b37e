"""The scheduler of one process: it looks often, and the ledger sees that each slot runs once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from api import ids
from api.clock import Clock
from api.db import Database
from api.scheduler import catalogue, service
from api.scheduler.catalogue import Job
from api.settings import Settings

LOOK_S: Final = 5
MISFIRE_GRACE_S: Final = 3_600
_log = structlog.get_logger()


class Runner:
    """Runs the jobs of the schedule in threads of its own until it is stopped."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        clock: Clock,
        look_s: int = LOOK_S,
        schedule: Iterable[Job] = catalogue.JOBS,
    ) -> None:
        """Prepare to run.

        Args:
            settings: of the server.
            database: where the ledger and the work are.
            clock: what tells the slots.
            look_s: how often each job looks for a slot to run.
            schedule: the jobs to run.
        """
        self._stopping = threading.Event()
        self._worker = service.Worker(
            name=ids.new_id(),
            settings=settings,
            database=database,
            clock=clock,
            is_stopping=self._stopping.is_set,
        )
        self._scheduler = BackgroundScheduler(
            timezone=dt.UTC,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": MISFIRE_GRACE_S,
            },
        )
        for job in schedule:
            self._scheduler.add_job(
                self._look, IntervalTrigger(seconds=look_s), args=[job], id=job.name
            )

    def start(self) -> None:
        """Start looking."""
        self._scheduler.start()
        _log.info("scheduler.started", worker=self._worker.name)

    def stop(self) -> None:
        """Start nothing more, and wait for what runs."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        _log.info("scheduler.stopped", worker=self._worker.name)

    def _look(self, job: Job) -> None:
        try:
            service.run_due(self._worker, job=job)
        except Exception:  # noqa: BLE001 - the database may be away; the next look tries again
            _log.exception("scheduler.look_failed", job=job.name)
