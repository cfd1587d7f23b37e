"""Tables of evidence: files as declared, uploads under way, bytes here, and who looks at them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district
from schemas import evidence


class EvidenceFile(Base):
    """A file that a crew declared for a task; `arrived_at` tells since when its bytes are here.

    One that was waived holds its task up no more, and may still arrive.
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
    waived_at: Mapped[dt.datetime | None]
    waived_by: Mapped[str | None]
    waived_reason: Mapped[str]
    original: Mapped[dict[str, Any] | None] = mapped_column(JsonType)

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
            waived_at=self.waived_at,
            waived_by=self.waived_by,
            waived_reason=self.waived_reason,
            original=(
                msgspec.convert(self.original, evidence.Original)
                if self.original is not None
                else None
            ),
        )


class UnexaminedFile(Base):
    """A file whose bytes are here and that nobody has looked into.

    Whoever takes it up moves `due_at` on and counts an attempt: if they die of it, another may try.
    """

    __tablename__ = "evidence_unexamined"
    __table_args__ = (Index("ix_evidence_unexamined_due", "district_id", "due_at", "file_id"),)

    district_id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[dt.datetime]
    attempts: Mapped[int]


class Upload(Base):
    """Bytes that somebody sends: a whole file, a part of one, or parts joined to one.

    `owner` is the device, or the person where there is no device; it has one for each hash that it
    named.
    `sha256` is the hash that was named at creation, `found_sha256` the one that a file without a
    name turned out to have; `size_bytes` is None while its length is deferred.
    `joins` names the parts of a joined one, in their order, with blanks between them.
    `expires_at` is None once the file has arrived.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("district_id", "owner", "sha256", name="uq_uploads_owner_hash"),
        Index("ix_uploads_open", "district_id", "owner", "arrived_at"),
        Index("ix_uploads_expires", "district_id", "expires_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="file")
    sha256: Mapped[str | None]
    found_sha256: Mapped[str | None]
    size_bytes: Mapped[int | None]
    described: Mapped[str] = mapped_column(server_default="")
    joins: Mapped[str] = mapped_column(server_default="")
    opened_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    arrived_at: Mapped[dt.datetime | None]

    @property
    def content_sha256(self) -> str | None:
        """The hash of the file, as far as it is known."""
        return self.sha256 or self.found_sha256


class Blob(Base):
    """Bytes that lie in the depot, found by their hash; written once.

    `scrubbed_at` tells when they were last hashed, at first by whoever sealed them; `fault` is what
    was found then, and empty where they are as they were sent.
    `condemned_at` tells since when they are nobody's and are not believed in.
    """

    __tablename__ = "evidence_blobs"
    __table_args__ = (
        Index("ix_evidence_blobs_scrubbed", "district_id", "scrubbed_at"),
        Index("ix_evidence_blobs_fault", "district_id", "fault", "sha256"),
        Index("ix_evidence_blobs_condemned", "district_id", "condemned_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    arrived_at: Mapped[dt.datetime]
    scrubbed_at: Mapped[dt.datetime]
    fault: Mapped[str] = mapped_column(server_default="")
    condemned_at: Mapped[dt.datetime | None]
