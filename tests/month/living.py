"""Lets a month pass: deeds are done at their minute, and every job is run at its due minute.

The clock leaps from one minute at which something can happen to the next: a deed, or what a job
waits for. Between those, jobs find nothing (`test_month` lives a stretch without leaps).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.scheduler import catalogue, service
from api.scheduler.catalogue import Job, Run
from api.settings import Settings
from tests.conftest import HandClock
from tests.makers import jobs
from tests.month import waits
from tests.month.deeds import MINUTE, ZONE, Deed

WORKERS: Final = 4
Span = tuple[dt.datetime, dt.datetime]
_WAIT_S: Final = 120


class KilledError(BaseException):
    """The worker is gone, as after kill -9: nothing of it commits, and nothing is written down."""


class Month:
    """A district that lives through its script on a clock of its own."""

    def __init__(
        self,
        database: db.Database,
        *,
        begins: dt.datetime,
        zone: str = ZONE.key,
        workers: Sequence[db.Database],
        names: Sequence[str] = waits.LIVED,
        settings: Settings | None = None,
        killed: Collection[tuple[str, dt.datetime]] = (),
    ) -> None:
        """Stand at the beginning.

        Args:
            database: in which deeds are done.
            begins: the first minute.
            zone: IANA time zone of the district.
            workers: the database of each of those that race for every job.
            names: the jobs that are run.
            settings: of the workers; those of a small server by default.
            killed: jobs and minutes at which whoever runs them is killed.
        """
        self.database = database
        self.clock = HandClock(begins)
        self._zone, self._names = zone, names
        self._killed = killed
        self._workers = [
            jobs.worker(each, self.clock, name=f"worker-{number}", settings=settings)
            for number, each in enumerate(workers)
        ]
        self._ready = threading.Barrier(len(self._workers))

    def live(
        self,
        deeds: Sequence[Deed],
        *,
        until: dt.datetime,
        asleep: Span | None = None,
        leaps: bool = True,
    ) -> None:
        """Pass the time until an instant, minute by minute or with leaps over idle ones."""
        waiting = [(deed.at, number, deed) for number, deed in enumerate(deeds)]
        heapq.heapify(waiting)
        with ThreadPoolExecutor(len(self._workers)) as pool:
            while self.clock.now() <= until:
                now = self.clock.now()
                while waiting and waiting[0][0] <= now:
                    self._do(heapq.heappop(waiting)[2])
                waits_of = self._waits()
                due = [name for name, at in waits_of.items() if at <= now] if leaps else self._names
                self._run(pool, due)
                following = now + MINUTE
                if leaps:
                    deed_at = waiting[0][0] if waiting else until + MINUTE
                    known = (self._waits() if due else waits_of).values()
                    following = max(following, _minute_from(min(deed_at, until + MINUTE, *known)))
                if asleep is not None and asleep[0] < following < asleep[1]:
                    following = asleep[1]
                self.clock.set(following)

    def _do(self, deed: Deed) -> None:
        with self.database.unit_of_work() as session:
            deed.do(session)

    def _run(self, pool: ThreadPoolExecutor, due: Sequence[str]) -> None:
        """Let all workers race for one job after the other.

        Side by side, two jobs that want the same row leave it to each other, and to the next
        minute; that is as good, and not what can be written down beforehand.
        """
        for name in due:
            job = catalogue.BY_NAME[name]
            racing = [pool.submit(self._race, number, job) for number in range(len(self._workers))]
            for each in racing:
                each.result()

    def _race(self, number: int, job: Job) -> None:
        """Run a job when all workers are ready to."""
        self._ready.wait(timeout=_WAIT_S)
        if (job.name, self.clock.now()) in self._killed:
            self._run_until_killed(number, job)
        else:
            service.run_due(self._workers[number], job=job)

    def _run_until_killed(self, number: int, job: Job) -> None:
        """Run a job; whoever gets its slot dies, and another worker comes in its place."""
        try:
            service.run_due(self._workers[number], job=_deadly(job))
        except KilledError:
            reborn = f"{self._workers[number].name}-again"
            self._workers[number] = dataclasses.replace(self._workers[number], name=reborn)

    def _waits(self) -> dict[str, dt.datetime]:
        with self.database.reading() as session:
            return waits.waits(session, self._names, now=self.clock.now(), zone=self._zone)


def _deadly(job: Job) -> Job:
    """Make a job whose every run dies when its work is done and nothing is committed yet."""

    def survey(database: db.Database, *, act: Act, settings: Settings) -> Run:
        run = job.ready(database, act=act, settings=settings)

        def ran(session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
            run(session, act=act, settings=settings)
            session.flush()
            raise KilledError

        return ran

    return dataclasses.replace(job, run=None, survey=survey)


def _minute_from(at: dt.datetime) -> dt.datetime:
    """Give the first whole minute that is not before an instant."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + MINUTE
