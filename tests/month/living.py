"""Lets a month pass: deeds are done at their minute, and every job is run at its due minute.

The clock leaps from one minute at which something can happen to the next: a deed, a promise or case
whose time comes, a time of the day at which a job is due.
Between those, jobs of every minute find nothing (`test_month` lives a stretch without leaps).
"""

from __future__ import annotations

import datetime as dt
import heapq
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy import func, select

from api import db
from api.promises.models import Clock
from api.scheduler import catalogue, service, slots
from api.scheduler.catalogue import Job
from api.supervision.models import Case
from tests.conftest import HandClock
from tests.makers import jobs
from tests.month import script
from tests.month.script import Deed

LIVED: Final = ("flag_overdue", "climb_supervision", "flag_estimates", "issue_reports")
"""The jobs whose doing the chronicle tells."""
WORKERS: Final = 4
_ZONE: Final = "Asia/Shanghai"
_MINUTE: Final = dt.timedelta(minutes=1)
_WAIT_S: Final = 120


class Month:
    """A district that lives through its script on a clock of its own."""

    def __init__(self, database: db.Database, *, workers: int = WORKERS) -> None:
        """Stand at the beginning, with as many workers as race for each job."""
        self.database = database
        self.clock = HandClock(script.wall(script.BEGINS))
        self._jobs = [catalogue.BY_NAME[name] for name in LIVED]
        self._workers = [
            jobs.worker(database, self.clock, name=f"worker-{number}") for number in range(workers)
        ]
        self._ready = threading.Barrier(workers)

    def live(self, deeds: Sequence[Deed], *, until: dt.datetime, leaps: bool = True) -> None:
        """Pass the time until an instant, minute by minute or with leaps over idle ones."""
        waiting = [(deed.at, number, deed) for number, deed in enumerate(deeds)]
        heapq.heapify(waiting)
        with ThreadPoolExecutor(len(self._workers)) as pool:
            while self.clock.now() <= until:
                while waiting and waiting[0][0] <= self.clock.now():
                    deed = heapq.heappop(waiting)[2]
                    with self.database.unit_of_work() as session:
                        deed.do(session)
                list(pool.map(self._race, range(len(self._workers))))
                following = self.clock.now() + _MINUTE
                if leaps:
                    deed_at = waiting[0][0] if waiting else until + _MINUTE
                    following = max(following, min(deed_at, self._next_due(), until + _MINUTE))
                self.clock.set(_minute_from(following))

    def _race(self, number: int) -> None:
        """Run what is due, all workers at once, each beginning with another job."""
        self._ready.wait(timeout=_WAIT_S)
        for place in range(len(self._jobs)):
            job = self._jobs[(place + number) % len(self._jobs)]
            service.run_due(self._workers[number], job=job)

    def _next_due(self) -> dt.datetime:
        """Tell when time alone may change something."""
        with self.database.reading() as session:
            found: list[dt.datetime | None] = [
                session.scalar(select(func.min(Clock.next_at))),
                session.scalar(select(func.min(Case.climbs_at))),
            ]
        return min([each for each in found if each is not None] + self._times_of_day())

    def _times_of_day(self) -> list[dt.datetime]:
        now = self.clock.now()
        return [job.schedule.next_at(now, _ZONE) for job in self._jobs if _is_daily(job)]


def _is_daily(job: Job) -> bool:
    return isinstance(job.schedule, slots.Daily)


def _minute_from(at: dt.datetime) -> dt.datetime:
    """Give the first whole minute that is not before an instant."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + _MINUTE
