"""Jobs for tests: workers on a hand clock, and jobs whose every effect leaves a row."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from api import db, ids
from api.acts import Act
from api.clock import Clock
from api.promises.models import CalendarDay
from api.scheduler import slots
from api.scheduler.catalogue import Job, alone, at_most
from api.scheduler.models import JobRun
from api.scheduler.service import Worker
from api.settings import Settings
from schemas.errors import Words
from schemas.jobs import Family
from tests.makers import sites


def districts(database: db.Database, *names: str) -> None:
    """Make districts for jobs to go through."""
    with database.unit_of_work() as session:
        for name in names:
            sites.district(session, district_id=name)


def worker(
    database: db.Database,
    clock: Clock,
    *,
    name: str = "worker-1",
    is_stopping: Callable[[], bool] = lambda: False,
) -> Worker:
    """Make a worker."""
    return Worker(
        name=name,
        settings=Settings(),
        database=database,
        clock=clock,
        is_stopping=is_stopping,
    )


def leave_a_row(session: Session, *, act: Act) -> dict[str, int]:
    """Do something that can be counted afterwards."""
    session.add(
        CalendarDay(district_id=act.district_id, day=ids.new_id(), kind="holiday", name="effect")
    )
    return {"rows": 1}


def job(
    run: Callable[..., dict[str, int]] = leave_a_row,
    *,
    schedule: slots.Schedule | None = None,
    lease_s: float = 300,
) -> Job:
    """Make a job; by default it runs every minute and leaves a row each time."""
    return Job(
        name="test_job",
        schedule=schedule or slots.EveryMinutes(1),
        family=Family.housekeeping,
        run=alone(run),
        lease_s=lease_s,
        limit=at_most(1, en="row", zh="行"),
        about=Words(en="Leave a row.", zh="留下一行。"),
    )


def effects(database: db.Database) -> int:
    """Count the effects that took hold."""
    with database.reading() as session:
        return session.query(CalendarDay).filter_by(name="effect").count()


def runs(database: db.Database) -> list[JobRun]:
    """List the ledger, the oldest first."""
    with database.reading() as session:
        ordered = session.query(JobRun).order_by(JobRun.claimed_at, JobRun.district_id)
        return list(ordered)
