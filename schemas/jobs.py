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


class Family(StrEnum):
    """What a job is for: to warn before, to act during, to audit after, or to keep house."""

    warn_before = "warn_before"
    act_during = "act_during"
    audit_after = "audit_after"
    housekeeping = "housekeeping"


class JobRun(Shape):
    """One run of a job for one slot of its schedule in a district; it takes effect once.

    `slot` is the scheduled minute (UTC) or, for a daily job, the local date; a run that somebody
    asked for has a slot of its own.
    `took_s` is how long the last attempt took, where it ended well.
    """

    job: Name
    slot: Name
    state: RunState
    attempts: int
    claimed_at: Instant
    lease_until: Instant
    finished_at: Instant | None
    took_s: Seconds | None = None
    worker: Id
    counts: dict[str, int]
    error: Text


class Limit(Shape):
    """How much one run does in a district; what is left over waits for the next slot."""

    most: int
    of: Words


class Job(Shape):
    """A job of the schedule: whose it is, what a run does, when, how much, how long it may take."""

    name: Name
    owner: Name
    family: Family
    schedule: Words
    about: Words
    limit: Limit
    lease_s: Seconds
    last_run: JobRun | None = None


class Standing(StrEnum):
    """How a job stands in a district, by its present slot."""

    not_yet = "not_yet"
    waits = "waits"
    idle = "idle"
    runs = "runs"
    done = "done"
    tries_again = "tries_again"
    gave_up = "gave_up"


class JobExplained(Shape):
    """Why a job ran or did not: its present slot, who claimed that, and what comes next.

    `slot` is null until a daily job's time has come; `next_at` is when the next slot begins.
    `missed` slots passed since the last one that was run, while no server looked; they are not made
    up for, because one run does all that is due.
    """

    job: Job
    standing: Standing
    slot: Name | None
    next_at: Instant
    missed: int
    run: JobRun | None
    why: Words


class JobList(Shape):
    """Every job of the schedule."""

    items: list[Job]
