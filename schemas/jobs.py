"""Scheduled jobs and the ledger of their runs."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Id, Instant, Name, Seconds, Shape, Text
from schemas.errors import Words


class RunState(StrEnum):
    """How a run stands; a `failed` one, or one whose lease ran out, is tried again."""

    running = "running"
    done = "done"
    failed = "failed"


class JobRun(Shape):
    """One run of a job for one slot of its schedule in a district; it takes effect once.

    `slot` is the scheduled minute (UTC) or, for a daily job, the local date; a run that somebody
    asked for has a slot of its own.
    """

    job: Name
    slot: Name
    state: RunState
    attempts: int
    claimed_at: Instant
    lease_until: Instant
    finished_at: Instant | None
    worker: Id
    counts: dict[str, int]
    error: Text


class Job(Shape):
    """A job of the schedule: what a run does, when, and how long it may take."""

    name: Name
    schedule: Words
    about: Words
    lease_s: Seconds
    last_run: JobRun | None = None


class JobList(Shape):
    """Every job of the schedule."""

    items: list[Job]
