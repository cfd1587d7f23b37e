"""Tables of promises to customers; each window's clock stands with the other clocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district


class CustomerPromise(Base):
    """A promise to a customer, on an order or before there is one.

    `due_at` is the end of the window that holds now.
    """

    __tablename__ = "customer_promises"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        same_district("service_point_id", target="service_points"),
        Index("ix_customer_promises_due", "district_id", "due_at", "id"),
        Index("ix_customer_promises_task", "district_id", "task_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str | None]
    service_point_id: Mapped[str | None]
    customer: Mapped[str]
    contact: Mapped[str]
    aim: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]


class PromiseWindow(Base):
    """A window of a promise, as it was agreed; never changed.

    `number` counts them as they were heard; without `clock_id` it was overtaken by a later
    agreement that was heard before it.
    """

    __tablename__ = "promise_windows"
    __table_args__ = (
        same_district("promise_id", target="customer_promises"),
        same_district("clock_id", target="clocks"),
        UniqueConstraint("district_id", "promise_id", "number", name="uq_promise_windows_number"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    promise_id: Mapped[str]
    number: Mapped[int]
    from_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime]
    words: Mapped[str]
    channel: Mapped[str]
    by: Mapped[str]
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    consent: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    why: Mapped[str]
    clock_id: Mapped[str | None]


class Telling(Base):
    """What a customer was told about a promise, by whom and when; never changed."""

    __tablename__ = "customer_tellings"
    __table_args__ = (
        same_district("promise_id", target="customer_promises"),
        Index("ix_customer_tellings_promise", "district_id", "promise_id", "at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    promise_id: Mapped[str]
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    by: Mapped[str]
    customer: Mapped[str]
    channel: Mapped[str]
    words: Mapped[str]
    before_due: Mapped[bool]
