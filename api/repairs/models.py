"""Tables of repairs: reports as they came in, and where each was placed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base

ONE_ORDER = "uq_repair_reports_key"


class RepairReport(Base):
    """A report of trouble; a reporter's key opens one order, however often it comes.

    `sha256` is that of the report's newest words, `placement` the answer that it got.
    """

    __tablename__ = "repair_reports"
    __table_args__ = (
        # The key is claimed before its order is made, so that two at once cannot both make one.
        ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("district_id", "reporter_id", "key", name=ONE_ORDER),
        Index("ix_repair_reports_task", "district_id", "task_id"),
        Index("ix_repair_reports_age", "district_id", "received_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reporter_id: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    task_id: Mapped[str]
    channel: Mapped[str]
    description: Mapped[str]
    skill: Mapped[str]
    reported_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    placement: Mapped[dict[str, Any]] = mapped_column(JsonType)
