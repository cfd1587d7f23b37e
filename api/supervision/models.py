"""Tables of supervision: cases and their record, appeals, corrective actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district

_CLIMBS = text("climbs_at IS NOT NULL")
_PENDING = text("state = 'pending'")
_NOT_DONE = text("done_at IS NULL")


class Case(Base):
    """A supervision case: one for each clock that was breached, whatever opens it.

    It keeps the ladder of the policy set that its work was opened under; `begun` is the rung on
    which it began, `level` and `unit_id` where it stands.
    It climbs at `climbs_at`, None when it never will; `ended_at` is when what was promised came,
    or was withdrawn.
    """

    __tablename__ = "supervision_cases"
    __table_args__ = (
        same_district("clock_id", target="clocks"),
        UniqueConstraint("district_id", "clock_id", name="uq_supervision_cases_clock"),
        Index("ix_supervision_cases_state", "district_id", "state", "opened_at", "id"),
        Index("ix_supervision_cases_subject", "district_id", "subject_id"),
        Index("ix_supervision_cases_due", "district_id", "due_at"),
        Index(
            "ix_supervision_cases_climbs",
            "district_id",
            "climbs_at",
            "id",
            sqlite_where=_CLIMBS,
            postgresql_where=_CLIMBS,
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    clock_id: Mapped[str]
    subject_id: Mapped[str]
    kind: Mapped[str]
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    unit_id: Mapped[str]
    level: Mapped[str] = mapped_column(server_default="district")
    rungs: Mapped[list[dict[str, Any]]] = mapped_column(JsonType, server_default="[]")
    begun: Mapped[int] = mapped_column(server_default="0")
    points: Mapped[int] = mapped_column(server_default="0")
    major: Mapped[bool] = mapped_column(server_default=false())
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    climbs_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    state: Mapped[str]
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[str | None]
    remark: Mapped[str]
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[str | None]
    done: Mapped[str] = mapped_column(server_default="")
    cleared_at: Mapped[dt.datetime | None]
    en: Mapped[str]
    zh: Mapped[str]


class CaseMoment(Base):
    """One line of a case's record; never changed.

    `reached` names the level that a line brought the case to, so that it is reached once.
    """

    __tablename__ = "supervision_moments"
    __table_args__ = (
        same_district("case_id", target="supervision_cases"),
        UniqueConstraint(
            "district_id", "case_id", "reached", name="uq_supervision_moments_reached"
        ),
        Index("ix_supervision_moments_case", "district_id", "case_id", "heard_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    at: Mapped[dt.datetime]
    heard_at: Mapped[dt.datetime]
    event: Mapped[str]
    level: Mapped[str]
    unit_id: Mapped[str]
    reached: Mapped[str | None]
    by: Mapped[str]
    remark: Mapped[str]


class Appeal(Base):
    """An appeal against a case; a case has one that is not yet decided at most."""

    __tablename__ = "supervision_appeals"
    __table_args__ = (
        same_district("case_id", target="supervision_cases"),
        same_district("evidence_id", target="evidence_files"),
        Index(
            "uq_supervision_appeals_pending",
            "district_id",
            "case_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index("ix_supervision_appeals_case", "district_id", "case_id", "made_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    ground: Mapped[str]
    words: Mapped[str]
    evidence_id: Mapped[str | None]
    state: Mapped[str]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str]


class Action(Base):
    """A corrective action: its owner does it until `due_at`, the end of the local day `due_on`."""

    __tablename__ = "corrective_actions"
    __table_args__ = (
        same_district("case_id", target="supervision_cases"),
        same_district("evidence_id", target="evidence_files"),
        Index("ix_corrective_actions_subject", "district_id", "subject_id"),
        Index("ix_corrective_actions_due", "district_id", "due_at", "id"),
        Index(
            "ix_corrective_actions_open",
            "district_id",
            "due_at",
            "id",
            sqlite_where=_NOT_DONE,
            postgresql_where=_NOT_DONE,
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str | None]
    subject_id: Mapped[str]
    what: Mapped[str]
    owner_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[str]
    due_at: Mapped[dt.datetime]
    set_at: Mapped[dt.datetime]
    set_by: Mapped[str]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None]
    done: Mapped[str]
    evidence_id: Mapped[str | None]
