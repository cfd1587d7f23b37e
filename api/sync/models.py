"""Tables of sync: how far each device is settled, a receipt for every operation, its contacts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, JsonType


class DeviceLedger(Base):
    """How far a device's operations are settled; locked while it pushes.

    `chain` is the SHA-256 of the last settled operation's bytes.
    `floor_at` is the earliest that the next operation can have happened.
    """

    __tablename__ = "device_ledgers"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    acked_through: Mapped[int]
    chain: Mapped[str]
    floor_at: Mapped[dt.datetime]


class Receipt(Base):
    """What became of one operation, for ever, with its bytes as they came.

    A receipt is written in the transaction of its effect; the first answer is the answer.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_operation", "district_id", "operation_id"),
        Index("ix_receipts_open", "district_id", "status", "received_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    operation_id: Mapped[str]
    type: Mapped[str]
    subject_id: Mapped[str]
    sha256: Mapped[str]
    wire: Mapped[bytes]
    status: Mapped[str]
    code: Mapped[str]
    fields: Mapped[Any] = mapped_column(JsonType)
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]


class Stray(Base):
    """An operation that took a number already settled otherwise: a cloned or restored phone.

    It is kept whole for the office; nothing that a crew did is thrown away.
    """

    __tablename__ = "stray_operations"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    wire: Mapped[bytes]
    received_at: Mapped[dt.datetime]


class DeviceContact(Base):
    """A comparison of a device's clocks with the server's; the newest few are kept."""

    __tablename__ = "device_contacts"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    server_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    device_at: Mapped[dt.datetime]
    mono_ms: Mapped[int]
    boot: Mapped[str]
    round_trip_s: Mapped[float]
