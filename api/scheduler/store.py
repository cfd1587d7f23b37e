"""Questions of the ledger of runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, delete, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from api import columns, db
from api.scheduler.models import JobRun
from schemas.jobs import RunState

EXPIRED_MAX: Final = 100
ASKED: Final = "asked-"
"""How the slot of a run begins that somebody asked for."""
_OPEN: Final = (str(RunState.running), str(RunState.failed))


class Slot(NamedTuple):
    """One slot of a job in a district."""

    district_id: str
    job: str
    slot: str


class Claim(NamedTuple):
    """The right to run a slot; a later claim of the same slot has a higher number."""

    at: Slot
    worker: str
    attempt: int


class Key(NamedTuple):
    """Where a page starts: the row before it."""

    claimed_at: dt.datetime
    job: str
    slot: str


def claim_new(
    session: Session, at: Slot, *, worker: str, now: dt.datetime, lease_until: dt.datetime
) -> Claim | None:
    """Claim a slot that nobody has claimed yet."""
    row = db.insert_into(session, JobRun).values(
        district_id=at.district_id,
        job=at.job,
        slot=at.slot,
        state=str(RunState.running),
        worker=worker,
        attempts=1,
        claimed_at=now,
        lease_until=lease_until,
        finished_at=None,
        counts={},
        error="",
    )
    won = session.execute(row.on_conflict_do_nothing().returning(JobRun.slot)).first()
    return None if won is None else Claim(at, worker, attempt=1)


def claim_again(
    session: Session,
    at: Slot,
    *,
    worker: str,
    now: dt.datetime,
    lease_until: dt.datetime,
    attempts_max: int,
) -> Claim | None:
    """Claim a slot whose run failed or never ended, once its lease is over."""
    attempt = session.scalars(
        update(JobRun)
        .where(
            *_is(at),
            JobRun.state.in_(_OPEN),
            JobRun.lease_until <= now,
            JobRun.attempts < attempts_max,
        )
        .values(
            state=str(RunState.running),
            worker=worker,
            attempts=JobRun.attempts + 1,
            claimed_at=now,
            lease_until=lease_until,
        )
        .returning(JobRun.attempts)
        .execution_options(synchronize_session=False)
    ).first()
    return None if attempt is None else Claim(at, worker, attempt)


def finish(session: Session, claim: Claim, *, now: dt.datetime, counts: Mapping[str, int]) -> bool:
    """Write down that a run is done; False when the slot was claimed again meanwhile."""
    return _settle(
        session, claim, state=str(RunState.done), finished_at=now, counts=dict(counts), error=""
    )


def fail(
    session: Session, claim: Claim, *, now: dt.datetime, again_at: dt.datetime, error: str
) -> bool:
    """Write down why a run failed, and when it may be tried again."""
    return _settle(
        session,
        claim,
        state=str(RunState.failed),
        finished_at=now,
        lease_until=again_at,
        error=error,
    )


def list_claimed(session: Session, *, job: str, slots: Sequence[str]) -> set[Slot]:
    """List which of some slots of a job were claimed already, in every district."""
    question = select(JobRun.district_id, JobRun.job, JobRun.slot).where(
        JobRun.job == job, JobRun.slot.in_(slots)
    )
    return {Slot(*row) for row in session.execute(question)}


def list_expired(session: Session, *, job: str, now: dt.datetime, attempts_max: int) -> list[Slot]:
    """List the slots of a job that somebody must run again, the oldest first."""
    question = (
        select(JobRun.district_id, JobRun.job, JobRun.slot)
        .where(
            JobRun.job == job,
            JobRun.state.in_(_OPEN),
            JobRun.lease_until <= now,
            JobRun.attempts < attempts_max,
        )
        .order_by(JobRun.lease_until)
        .limit(EXPIRED_MAX)
    )
    return [Slot(*row) for row in session.execute(question)]


def find_run(session: Session, at: Slot) -> JobRun | None:
    """Find the run of a slot."""
    return session.get(JobRun, tuple(at), populate_existing=True)


def list_last_runs(session: Session, *, district_id: str) -> list[JobRun]:
    """List the last run of each job in a district."""
    last = (
        select(JobRun.job, func.max(JobRun.claimed_at).label("claimed_at"))
        .where(JobRun.district_id == district_id)
        .group_by(JobRun.job)
        .subquery()
    )
    question = (
        select(JobRun)
        .join(last, (JobRun.job == last.c.job) & (JobRun.claimed_at == last.c.claimed_at))
        .where(JobRun.district_id == district_id)
    )
    return list(session.scalars(question))


def find_last_in_time(session: Session, *, district_id: str, job: str) -> JobRun | None:
    """Find the latest run of a job that its schedule asked for, not somebody."""
    question = (
        select(JobRun)
        .where(
            JobRun.district_id == district_id,
            JobRun.job == job,
            JobRun.slot < ASKED,  # a slot of the schedule begins with a year
        )
        .order_by(JobRun.slot.desc())
        .limit(1)
    )
    return session.scalars(question).first()


def list_runs(
    session: Session,
    *,
    district_id: str,
    job: str | None,
    state: str | None,
    before: Key | None,
    limit: int,
) -> list[JobRun]:
    """List a district's runs, the latest first."""
    question = select(JobRun).where(JobRun.district_id == district_id)
    if job is not None:
        question = question.where(JobRun.job == job)
    if state is not None:
        question = question.where(JobRun.state == state)
    place = (JobRun.claimed_at, JobRun.job, JobRun.slot)
    if before is not None:
        question = question.where(tuple_(*place) < tuple_(*_bound(before)))
    ordered = question.order_by(*(column.desc() for column in place))
    return list(session.scalars(ordered.limit(limit)))


def forget(session: Session, *, district_id: str, before: dt.datetime, limit: int) -> int:
    """Delete up to `limit` rows of a district that were claimed before an instant."""
    old = (
        select(JobRun.job, JobRun.slot)
        .where(JobRun.district_id == district_id, JobRun.claimed_at < before)
        .order_by(JobRun.claimed_at)
        .limit(limit)
    )
    gone = session.execute(
        delete(JobRun)
        .where(
            JobRun.district_id == district_id,
            tuple_(JobRun.job, JobRun.slot).in_(old),
        )
        .returning(JobRun.slot)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _settle(session: Session, claim: Claim, **values: object) -> bool:
    """Change a claimed row, if the claim still holds."""
    held = session.execute(
        update(JobRun)
        .where(
            *_is(claim.at),
            JobRun.state == str(RunState.running),
            JobRun.worker == claim.worker,
            JobRun.attempts == claim.attempt,
        )
        .values(**values)
        .returning(JobRun.slot)
        .execution_options(synchronize_session=False)
    )
    return held.first() is not None


def _is(at: Slot) -> tuple[ColumnElement[bool], ...]:
    return (JobRun.district_id == at.district_id, JobRun.job == at.job, JobRun.slot == at.slot)


def _bound(key: Key) -> tuple[ColumnElement[Any], ...]:
    """Bind a key by its columns' own types, so that instants compare as they are stored."""
    return literal(key.claimed_at, columns.InstantType()), literal(key.job), literal(key.slot)
