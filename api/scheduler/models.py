"""The ledger of scheduled runs: one row for each slot of each job in each district."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base


class JobRun(Base):
    """A run of a job for one slot.

    Whoever inserts the row, or takes it over after its lease ran out, may run the job; `attempts`
    tells the claims apart, so that only the last one can finish.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        Index("ix_job_runs_claimed", "district_id", "claimed_at", "job", "slot"),
        Index("ix_job_runs_open", "job", "state", "lease_until"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    worker: Mapped[str]
    attempts: Mapped[int]
    claimed_at: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JsonType)
    error: Mapped[str]
