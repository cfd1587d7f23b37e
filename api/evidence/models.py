"""Tables of evidence: files as declared, uploads under way, and bytes that have arrived."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, JsonType, same_district
from schemas import evidence


class EvidenceFile(Base):
    """A file that a crew declared for a task; `arrived_at` tells since when its bytes are here.

    `stop_id` is empty when the file is about no stop in particular.
    """

    __tablename__ = "evidence_files"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        UniqueConstraint(
            "district_id", "task_id", "sha256", "stop_id", name="uq_evidence_files_declared"
        ),
        Index("ix_evidence_files_hash", "district_id", "sha256"),
        Index("ix_evidence_files_device", "district_id", "device_id", "arrived_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    stop_id: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    media_type: Mapped[str]
    kind: Mapped[str]
    declared_by: Mapped[str]
    device_id: Mapped[str | None]
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    arrived_at: Mapped[dt.datetime | None]
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    note: Mapped[str]

    def view(self) -> evidence.EvidenceFile:
        """Shape the file as the office sees it."""
        return evidence.EvidenceFile(
            id=self.id,
            task_id=self.task_id,
            stop_id=self.stop_id or None,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            media_type=self.media_type,
            kind=evidence.EvidenceKind(self.kind),
            declared_by=self.declared_by,
            happened_at=self.happened_at,
            arrived_at=self.arrived_at,
            note=self.note,
        )


class Upload(Base):
    """A promise to send a file's bytes; its owner has one for each hash.

    `owner` is the device, or the person where there is no device.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("district_id", "owner", "sha256", name="uq_uploads_owner_hash"),
        Index("ix_uploads_open", "district_id", "owner", "arrived_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    opened_at: Mapped[dt.datetime]
    arrived_at: Mapped[dt.datetime | None]


class Blob(Base):
    """Bytes that lie in the depot, found by their hash; written once."""

    __tablename__ = "evidence_blobs"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    arrived_at: Mapped[dt.datetime]
