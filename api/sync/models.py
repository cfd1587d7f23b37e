"""Tables of sync: how far devices are settled, receipts, what was not let in, contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base
from api.feed.synced import Synced
from api.sync import words
from schemas import sync

_WAITING = text("settled_at IS NULL")


class DeviceLedger(Base):
    """How far a device's operations are settled; locked while it pushes.

    `chain` is the SHA-256 of the last settled operation's bytes.
    `floor_at` is the earliest that the next operation can have happened.
    `signed_n`, `signed_sha256` and `signature` are the newest head that its key has signed.
    """

    __tablename__ = "device_ledgers"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    acked_through: Mapped[int]
    chain: Mapped[str]
    floor_at: Mapped[dt.datetime]
    signed_n: Mapped[int | None]
    signed_sha256: Mapped[str | None]
    signature: Mapped[str | None]


class Receipt(Base):
    """What became of one operation, for ever, with its bytes as they came.

    A receipt is written in the transaction of its effect; the first answer is the answer, but for
    one that was held: it comes, once, to its final answer, and `HeldOperation` keeps the first.
    `wire` is empty once the bytes lie in a `ReceiptPack`; `receipts.wires` finds them either way.
    `signature` is there where the operation was the last of a push: by it the device's key vouches
    for the operation and the unbroken chain before it.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_operation", "district_id", "operation_id"),
        Index("ix_receipts_open", "district_id", "status", "received_at"),
        Index("ix_receipts_subject", "district_id", "subject_id"),
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
    signature: Mapped[str | None]


class ReceiptPack(Base):
    """The bytes of a device's old applied operations from one number to another, compressed.

    `receipts.packs` tells what is in `wires`; the packs of a device follow each other.
    """

    __tablename__ = "receipt_packs"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    last_n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_n: Mapped[int]
    wires: Mapped[bytes]


class HeldOperation(Synced, Base):
    """An operation that was held: its first answer, when it is tried again, its final answer.

    `tried_by` names the release of the server that tried it last; another one tries it at once.
    With its final answer it travels to its phone as the entity `outcome`.
    """

    __tablename__ = "held_operations"
    __table_args__ = (
        Index(
            "ix_held_operations_waiting",
            "district_id",
            "held_at",
            "device_id",
            "n",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_held_operations_age", "district_id", "held_at", "id"),
    )
    entity = "outcome"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str]
    n: Mapped[int]
    person_id: Mapped[str]
    code: Mapped[str]
    fields: Mapped[Any] = mapped_column(JsonType)
    held_at: Mapped[dt.datetime]
    tries: Mapped[int]
    tried_by: Mapped[str]
    next_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    status: Mapped[str | None]
    final_code: Mapped[str | None]
    final_fields: Mapped[Any] = mapped_column(JsonType, nullable=True)

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Give it to its device once it is settled."""
        return f"device:{values['device_id']}" if values["settled_at"] else None

    def wire(self) -> sync.Outcome:
        """Shape the final answer as the phone takes it in."""
        assert self.status is not None
        assert self.final_code is not None
        return sync.Outcome(
            n=self.n,
            id=self.id,
            status=sync.Status(self.status),
            code=self.final_code,
            detail=words.of(self.final_code, self.final_fields),
            fields=self.final_fields,
        )


class Quarantined(Base):
    """An operation that was not let in, whole, until the office accepts or dismisses it.

    `reason` says why it was kept out; while it is `waiting`, the same operation may still come in
    by itself, and then it waits no longer (see `quarantine.store`).
    `outcome`, `code` and `fields` tell what came of accepting it; `why` is why it was dismissed.
    """

    __tablename__ = "quarantined_operations"
    __table_args__ = (
        UniqueConstraint("district_id", "device_id", "sha256", name="uq_quarantined_bytes"),
        Index("ix_quarantined_operation", "district_id", "operation_id"),
        Index("ix_quarantined_device", "district_id", "device_id", "state"),
        Index("ix_quarantined_received", "district_id", "received_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    state: Mapped[str]
    device_id: Mapped[str]
    person_id: Mapped[str]
    n: Mapped[int]
    operation_id: Mapped[str]
    type: Mapped[str]
    subject_id: Mapped[str]
    sha256: Mapped[str]
    wire: Mapped[bytes]
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    why: Mapped[str | None]
    outcome: Mapped[str | None]
    code: Mapped[str | None]
    fields: Mapped[Any] = mapped_column(JsonType)


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
