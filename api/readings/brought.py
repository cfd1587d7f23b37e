"""Tables of what readers bring besides plain values: readings that wait, and photos that lack."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district


class WaitingReading(Base):
    """A value read at a stop where another meter was found than is on record.

    It becomes a reading of a meter when the office has settled `finding_id`; until then nothing
    judges it, and it is never changed. A finding that is dismissed keeps it.
    """

    __tablename__ = "readings_waiting"
    __table_args__ = (
        same_district("stop_id", target="stops"),
        Index("ix_readings_waiting_finding", "district_id", "finding_id", "read_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    finding_id: Mapped[str]
    stop_id: Mapped[str]
    route_id: Mapped[str]
    reader_id: Mapped[str]
    device_id: Mapped[str | None]
    read_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    total: Mapped[Decimal]
    tariffs: Mapped[dict[str, str]] = mapped_column(JsonType)
    method: Mapped[str]
    confirmed: Mapped[list[str]] = mapped_column(JsonType)
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    photos: Mapped[list[str]] = mapped_column(JsonType)
    note: Mapped[str]


class EvidenceGap(Base):
    """A photo that the district's policy asked for, and that did not come with the act `id`.

    Whether it is still missing is asked of the evidence: it may have come since.
    """

    __tablename__ = "evidence_gaps"
    __table_args__ = (
        same_district("stop_id", target="stops"),
        Index("ix_evidence_gaps_happened", "district_id", "happened_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    meter_id: Mapped[str]
    stop_id: Mapped[str]
    reader_id: Mapped[str]
    happened_at: Mapped[dt.datetime]
    codes: Mapped[list[str]] = mapped_column(JsonType)
