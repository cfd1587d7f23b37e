"""Tables of service requests: requests, their timelines, and who holds which post."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district

ONE_REQUEST = "uq_service_requests_key"
_OPEN = text("state NOT IN ('archived', 'withdrawn')")


class ServiceRequest(Base):
    """Something that a customer is owed an answer to.

    `version` counts its changes; `timeline_count` and `timeline_hash` tell how long its timeline is
    and how it ends, so that a cut tail is seen; `turn` counts how often it was opened.
    `taxonomy` and `item` sort a complaint, by what was in force when it was opened.
    """

    __tablename__ = "service_requests"
    __table_args__ = (
        same_district("service_point_id", target="service_points"),
        same_district("meter_id", target="meters"),
        same_district("task_id", target="tasks"),
        same_district("evidence_id", target="evidence_files"),
        UniqueConstraint("district_id", "reporter_id", "key", name=ONE_REQUEST),
        Index(
            "ix_service_requests_open",
            "district_id",
            "opened_at",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_service_requests_age", "district_id", "opened_at", "id"),
        Index("ix_service_requests_meter", "district_id", "meter_id", "kind", "state"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    key: Mapped[str]
    reporter_id: Mapped[str]
    description: Mapped[str]
    taxonomy: Mapped[str | None]
    item: Mapped[str | None]
    customer: Mapped[str]
    contact: Mapped[str]
    address: Mapped[str]
    service_point_id: Mapped[str | None]
    meter_id: Mapped[str | None]
    task_id: Mapped[str | None]
    urgency: Mapped[int]
    unit_id: Mapped[str]
    post: Mapped[str]
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    why_en: Mapped[str]
    why_zh: Mapped[str]
    opened_at: Mapped[dt.datetime]
    state_at: Mapped[dt.datetime]
    turn: Mapped[int]
    answer: Mapped[str]
    evidence_id: Mapped[str | None]
    result: Mapped[str | None]
    cause: Mapped[str]
    clocks: Mapped[list[dict[str, Any]]] = mapped_column(JsonType)
    timeline_count: Mapped[int]
    timeline_hash: Mapped[str]


class RequestEvent(Base):
    """One moment of a request's timeline; never changed.

    `body` is the moment's exact JSON; `hash` is the SHA-256 over the hash before it and `body`.
    """

    __tablename__ = "service_request_events"
    __table_args__ = (
        same_district("request_id", target="service_requests"),
        UniqueConstraint(
            "district_id", "request_id", "number", name="uq_service_request_events_number"
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str]
    number: Mapped[int]
    body: Mapped[bytes]
    hash: Mapped[str]


class Post(Base):
    """Who holds a post of a unit; a unit belongs to no district, nor does its post."""

    __tablename__ = "unit_posts"

    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    post: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[dt.datetime]
    set_by: Mapped[str]
