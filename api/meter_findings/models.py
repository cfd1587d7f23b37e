"""Table of findings: what readers saw at a meter that is not as recorded. Values are as shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district


class MeterFinding(Base):
    """A meter found otherwise than the route says, as a reader saw it, and how it was settled.

    `recorded_serial` is what the stop said then. It is open until `settled_at`.
    """

    __tablename__ = "meter_findings"
    __table_args__ = (
        same_district("route_id", target="routes"),
        same_district("stop_id", target="stops"),
        same_district("meter_id", target="meters"),
        same_district("new_meter_id", target="meters"),
        Index("ix_meter_findings_happened", "district_id", "happened_at", "id"),
        Index("ix_meter_findings_meter", "district_id", "meter_id", "settled_at"),
        Index("ix_meter_findings_route", "district_id", "route_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    route_id: Mapped[str]
    stop_id: Mapped[str | None]
    meter_id: Mapped[str | None]
    recorded_serial: Mapped[str | None]
    serial: Mapped[str]
    place: Mapped[str]
    total: Mapped[Decimal | None]
    tariffs: Mapped[dict[str, str]] = mapped_column(JsonType)
    old_total: Mapped[Decimal | None]
    digits: Mapped[int | None]
    decimals: Mapped[int | None]
    reader_id: Mapped[str]
    device_id: Mapped[str | None]
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    photos: Mapped[list[str]] = mapped_column(JsonType)
    note: Mapped[str]
    resolution: Mapped[str | None]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str | None]
    settled_note: Mapped[str]
    new_meter_id: Mapped[str | None]
