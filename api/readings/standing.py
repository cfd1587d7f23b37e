"""Tables of how readings stand: set aside, disputed, estimated from what; and visits proposed.

A reading never changes; what becomes of it lies here. Energy is kWh, registers are in units shown.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district

ONE_OPEN_DISPUTE: Final = "uq_reading_disputes_open"


class SetAside(Base):
    """Why a reading does not count: it was corrected, or a customer's own value was questioned.

    `by_id` is the reading that stands in its place, or that contradicts it.
    """

    __tablename__ = "readings_set_aside"
    __table_args__ = (
        same_district("reading_id", target="readings"),
        same_district("by_id", target="readings"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    by_id: Mapped[str | None]
    en: Mapped[str]
    zh: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[dt.datetime]


class Dispute(Base):
    """A customer says that a reading is wrong; its id is that of the request that answers them.

    `own_value` is what they say the register shows, at `own_at`.
    It is open until `settled_at`; `outcome` is what the second reading said, if one answered it.
    """

    __tablename__ = "reading_disputes"
    __table_args__ = (
        same_district("id", target="service_requests"),
        same_district("reading_id", target="readings"),
        Index(
            ONE_OPEN_DISPUTE,
            "district_id",
            "reading_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_reading_disputes_opened", "district_id", "opened_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str]
    meter_id: Mapped[str]
    said: Mapped[str]
    own_value: Mapped[Decimal | None]
    own_at: Mapped[dt.datetime | None]
    photos: Mapped[list[str]] = mapped_column(JsonType)
    opened_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    en: Mapped[str]
    zh: Mapped[str]


class EstimateBasis(Base):
    """What a declared estimate was worked out from, so that anybody can work it out again."""

    __tablename__ = "estimate_bases"
    __table_args__ = (same_district("reading_id", target="readings"),)

    district_id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(primary_key=True)
    since_value: Mapped[Decimal]
    since_at: Mapped[dt.datetime]
    used_kwh: Mapped[Decimal]
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonType)


class VisitProposal(Base):
    """A meter whose customer should be written to or given an appointment; the office decides.

    `about` is the month that shows it, so that the same months propose nothing twice.
    """

    __tablename__ = "visit_proposals"
    __table_args__ = (
        same_district("meter_id", target="meters"),
        UniqueConstraint(
            "district_id", "meter_id", "reason", "about", name="uq_visit_proposals_about"
        ),
        Index("ix_visit_proposals_opened", "district_id", "opened_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str]
    reason: Mapped[str]
    about: Mapped[str]
    step: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonType)
    en: Mapped[str]
    zh: Mapped[str]
    opened_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str | None]
    note: Mapped[str]
