"""The table of check-ins; never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district
from schemas import checkins, places
from schemas.rules import geofence


class CheckIn(Base):
    """A crew's word that it has arrived, the fix as the phone gave it, and what we make of it.

    `radius_m` is the fence's at that moment, None when the task had no site.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        Index("ix_check_ins_task", "district_id", "task_id", "happened_at", "id"),
        Index("ix_check_ins_day", "district_id", "happened_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    person_id: Mapped[str]
    device_id: Mapped[str | None]
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    radius_m: Mapped[float | None]
    verdict: Mapped[str]
    verdict_on_phone: Mapped[str | None]
    distance_m: Mapped[float | None]
    reasons: Mapped[list[str]] = mapped_column(JsonType)
    datum_suspect: Mapped[bool]
    note: Mapped[str]
    remedies: Mapped[dict[str, Any] | None] = mapped_column(JsonType)

    def wire(self) -> checkins.RecordedCheckIn:
        """Shape the check-in as the office sees it."""
        fix = msgspec.convert(self.fix, places.Fix) if self.fix else None
        kind = geofence.VerdictKind(self.verdict)
        remedies = (
            msgspec.convert(self.remedies, checkins.Remedies) if self.remedies is not None else None
        )
        return checkins.RecordedCheckIn(
            id=self.id,
            task_id=self.task_id,
            person_id=self.person_id,
            device_id=self.device_id,
            happened_at=self.happened_at,
            error_s=self.error_s,
            clock_suspect=self.clock_suspect,
            received_at=self.received_at,
            fix=fix,
            verdict=kind,
            verdict_on_phone=(
                geofence.VerdictKind(self.verdict_on_phone) if self.verdict_on_phone else None
            ),
            distance_m=self.distance_m,
            reasons=self.reasons,
            datum_suspect=self.datum_suspect,
            note=self.note,
            words=checkins.sentence(
                kind,
                distance_m=self.distance_m,
                accuracy_m=fix.accuracy_m if fix else None,
                radius_m=self.radius_m,
                reasons=self.reasons,
                remedies=remedies,
            ),
            remedies=remedies,
        )
