"""The table of notices to customers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base

_WAITS = "next_at IS NOT NULL"


class CustomerNotice(Base):
    """Something that one customer is told of one event.

    `who` is the number that is told, else the contact or the name; of one cause `who` is told once.
    `next_at` is when it is looked at next: to hand it over, to see what became of it, to write down
    that a promise's customer was told; None when nothing is left to do.
    `notice_id` is its newest place in the outbox, `round` counts those; it leaves that place at
    `out_until`, when quiet hours begin. `receiver` is how the outbox knows the number.
    """

    __tablename__ = "customer_notices"
    __table_args__ = (
        UniqueConstraint("district_id", "who", "cause", name="uq_customer_notices_cause"),
        Index(
            "ix_customer_notices_next",
            "district_id",
            "next_at",
            "id",
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
        Index("ix_customer_notices_state", "district_id", "state", "made_at", "id"),
        Index("ix_customer_notices_made", "district_id", "made_at", "id"),
        Index("ix_customer_notices_subject", "district_id", "subject_id", "id"),
        Index("ix_customer_notices_task", "district_id", "task_id", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    cause: Mapped[str]
    who: Mapped[str]
    customer: Mapped[str]
    contact: Mapped[str]
    number: Mapped[str]
    subject_id: Mapped[str]
    task_id: Mapped[str | None]
    promise_id: Mapped[str | None]
    clock_id: Mapped[str | None]
    words: Mapped[str]
    parts: Mapped[int]
    urgent: Mapped[bool]
    state: Mapped[str]
    why: Mapped[str | None]
    remark: Mapped[str]
    made_at: Mapped[dt.datetime]
    next_at: Mapped[dt.datetime | None]
    use_until: Mapped[dt.datetime]
    notice_id: Mapped[str | None]
    round: Mapped[int]
    receiver: Mapped[str]
    handed_at: Mapped[dt.datetime | None]
    out_until: Mapped[dt.datetime | None]
    told_at: Mapped[dt.datetime | None]
    told_by: Mapped[str]
    channel: Mapped[str | None]
