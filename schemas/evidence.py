"""Evidence: files declared by an operation with their hash; the bytes come when they can."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Sha256, Shape, Text
from schemas.places import Fix

FILE_BYTES_MAX: Final = 30_000_000


class EvidenceKind(StrEnum):
    """What a file shows."""

    SITE = "site"
    BEFORE = "before"
    AFTER = "after"
    METER = "meter"
    SIGNATURE = "signature"
    OTHER = "other"


class FileState(StrEnum):
    """Whether the bytes of a declared file are here.

    A file that is missing holds up the archive; one that was waived does not, and may still come.
    """

    ARRIVED = "arrived"
    MISSING = "missing"
    WAIVED = "waived"


class UploadKind(StrEnum):
    """What the bytes of an upload are."""

    FILE = "file"
    PARTIAL = "partial"
    FINAL = "final"


class FileFault(StrEnum):
    """What was found of a file that is not as it was sent."""

    ALTERED = "altered"
    LOST = "lost"


class Declared(Shape):
    """Operation `evidence.declare`: a file exists on the phone, and this is its hash."""

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=0, le=FILE_BYTES_MAX)]
    media_type: Name
    kind: EvidenceKind = EvidenceKind.SITE
    stop_id: Id | None = None
    fix: Fix | None = None
    note: Text = ""


class Waived(Shape):
    """Somebody answers for an order that is archived without a file; the reason is on record."""

    reason: Text


class Progress(Shape):
    """How far the bytes of a file are that is still missing, and when the last of them came.

    `received_at` is null while none has come.
    """

    received_bytes: int
    received_at: Instant | None
    begun_at: Instant


class EvidenceFile(Shape):
    """A declared file as the office sees it: arrived, still missing, or waived.

    `progress` tells how far the upload of a missing file is; null where none has begun.
    """

    id: Id
    task_id: Id
    stop_id: Id | None
    sha256: Sha256
    size_bytes: int
    media_type: str
    kind: EvidenceKind
    declared_by: Id
    happened_at: Instant
    arrived_at: Instant | None
    note: Text = ""
    waived_at: Instant | None = None
    waived_by: Id | None = None
    waived_reason: Text = ""
    progress: Progress | None = None


class FaultyFile(Shape):
    """A declared file whose bytes are not as they were sent, as the office sees it."""

    id: Id
    task_id: Id
    sha256: Sha256
    size_bytes: int
    declared_by: Id
    fault: FileFault
    scrubbed_at: Instant


class MissingFile(Shape):
    """What the server still waits for, as a phone is told."""

    sha256: Sha256
    size_bytes: int
    offset_bytes: int = 0
    upload: str | None = None
