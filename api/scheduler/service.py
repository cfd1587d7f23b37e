"""Running jobs: what is due for every district, or one job now because somebody asks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import acts
from api.clock import Clock
from api.db import Database
from api.errors import NotFound
from api.scheduler import catalogue, explaining, ledger, store
from api.scheduler.catalogue import Job
from api.scheduler.models import JobRun
from api.settings import Settings
from api.sites import service as sites
from schemas import jobs

_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Who runs jobs: its name in the ledger, what it works with, and when it must stop."""

    name: str
    settings: Settings
    database: Database
    clock: Clock
    is_stopping: Callable[[], bool] = lambda: False


def run_due(worker: Worker, *, job: Job) -> int:
    """Run a job in every district where a slot of its waits; a stop is heeded between districts.

    Returns:
        How many slots this worker ran.
    """
    ran = 0
    for at in _list_waiting(worker, job):
        if worker.is_stopping():
            break
        ran += _run(worker, job, at)
    return ran


def run_now(worker: Worker, *, act: acts.Act, name: str) -> jobs.JobRun:
    """Run a job in the act's district because somebody asks, in a slot of its own.

    It makes its own units of work; what fails stands in the run that it gives.

    Raises:
        NotFound: there is no such job.
    """
    job = get_job(name)
    at = store.Slot(act.district_id, job.name, f"{store.ASKED}{act.new_id()}")
    _run(worker, job, at)
    with worker.database.reading() as session:
        run = store.find_run(session, at)
        assert run is not None, "a slot with a new id is nobody's, so it was claimed"
        return _shape(run)


def get_job(name: str) -> Job:
    """Get a job of the schedule.

    Raises:
        NotFound: there is none with this name.
    """
    if name not in catalogue.BY_NAME:
        raise NotFound(what="job", id=name)
    return catalogue.BY_NAME[name]


def list_jobs(session: Session, *, act: acts.Act) -> list[jobs.Job]:
    """List every job with its last run in the act's district."""
    last = {run.job: run for run in store.list_last_runs(session, district_id=act.district_id)}
    return [_described(job, last.get(job.name)) for job in catalogue.JOBS]


def explain(session: Session, *, act: acts.Act, name: str) -> jobs.JobExplained:
    """Say why a job ran or did not run in the act's district, as of the act.

    Raises:
        NotFound: there is no such job.
    """
    job, now = get_job(name), act.received_at
    zone = sites.get_district(session, district_id=act.district_id).zone
    slot = job.schedule.slot(now, zone)
    last = store.find_last_in_time(session, district_id=act.district_id, job=name)
    run = last if last is not None and last.slot == slot else None
    behind = 0 if slot is None or last is None else job.schedule.between(last.slot, slot)
    wanted = _is_wanted(session, job, act.district_id, now)
    standing = explaining.standing_of(run, slot=slot, now=now, is_wanted=wanted)
    return jobs.JobExplained(
        job=_described(job, last),
        standing=standing,
        slot=slot,
        next_at=job.schedule.next_at(now, zone),
        missed=behind,
        run=None if run is None else _shape(run),
        why=explaining.why(standing, run),
    )


def list_runs(
    session: Session,
    *,
    act: acts.Act,
    job: str | None,
    state: jobs.RunState | None,
    before: tuple[dt.datetime, str, str] | None,
    limit: int,
) -> list[jobs.JobRun]:
    """List the runs in the act's district, the latest first."""
    rows = store.list_runs(
        session,
        district_id=act.district_id,
        job=job,
        state=state,
        before=None if before is None else store.Key(*before),
        limit=limit,
    )
    return [_shape(row) for row in rows]


def _list_waiting(worker: Worker, job: Job) -> list[store.Slot]:
    now = worker.clock.now()
    with worker.database.reading() as session:
        due = list(_list_due(session, job, now))
        return ledger.list_waiting(session, job=job.name, due=due, now=now)


def _list_due(session: Session, job: Job, now: dt.datetime) -> Iterator[store.Slot]:
    """Name the present slot of each district that has one."""
    for district in sites.list_districts(session):
        slot = job.schedule.slot(now, district.zone)
        if slot is not None and _is_wanted(session, job, district.id, now):
            yield store.Slot(district.id, job.name, slot)


def _is_wanted(session: Session, job: Job, district_id: str, now: dt.datetime) -> bool:
    return job.wanted is None or job.wanted(session, district_id=district_id, now=now)


def _run(worker: Worker, job: Job, at: store.Slot) -> bool:
    """Claim a slot and run it; a failure is written down and harms no other district."""
    with worker.database.unit_of_work() as session:
        claimed = ledger.claim(
            session, at, worker=worker.name, now=worker.clock.now(), lease_s=job.lease_s
        )
    if claimed is None:
        return False
    bound = {"job": job.name, "district_id": at.district_id, "slot": at.slot}
    try:
        now = worker.clock.now()
        system = acts.system(district_id=at.district_id, now=now, job=job.name)
        run = job.ready(worker.database, act=system, settings=worker.settings)
        with worker.database.unit_of_work() as session:
            counts = run(session, act=system, settings=worker.settings)
            ledger.finish(session, claimed, now=worker.clock.now(), counts=counts)
    except ledger.LeaseLostError:
        _log.warning("job.lease_lost", **bound)
        return False
    except Exception as error:  # noqa: BLE001 - one job's bug must not stop the others; it is kept
        _log.exception("job.failed", **bound)
        with worker.database.unit_of_work() as session:
            text = f"{type(error).__name__}: {error}"
            ledger.fail(session, claimed, now=worker.clock.now(), error=text)
        return False
    _log.info("job.done", **bound, **counts)
    return True


def _described(job: Job, last: JobRun | None) -> jobs.Job:
    return jobs.Job(
        name=job.name,
        owner=job.owner,
        family=job.family,
        schedule=job.schedule.words,
        about=job.about,
        limit=job.limit,
        lease_s=job.lease_s,
        last_run=None if last is None else _shape(last),
    )


def _shape(run: JobRun) -> jobs.JobRun:
    shape = msgspec.convert(run, jobs.JobRun, from_attributes=True)
    if run.finished_at is None or run.state != jobs.RunState.done:
        return shape
    took = run.finished_at - run.claimed_at
    return msgspec.structs.replace(shape, took_s=max(0.0, took.total_seconds()))
