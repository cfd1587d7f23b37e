"""Evidence: files declared by an operation with their hash; the bytes come when they can."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, LatDeg, LonDeg, Name, Sha256, Shape, Text
from schemas.errors import Words
from schemas.places import Fix

FILE_BYTES_MAX: Final = 30_000_000
ORIGINAL_BYTES_MAX: Final = 10**12
_LOCAL: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$"


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


class Original(Shape):
    """A photo as the camera made it, of which the phone kept a smaller one; its bytes are gone.

    What it said of itself is a claim: `camera_local` is the camera's wall clock as it stands,
    `camera_offset` the zone that it names (`+08:00`), the position that of its satellites.
    """

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=0, le=ORIGINAL_BYTES_MAX)]
    media_type: Name
    camera_local: Annotated[str, Meta(pattern=_LOCAL)] | None = None
    camera_offset: Annotated[str, Meta(pattern=r"^[+-][0-9]{2}:[0-9]{2}$")] | None = None
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None


class Declared(Shape):
    """Operation `evidence.declare`: a file exists on the phone, and this is its hash.

    `original` is told where the phone made the photo smaller, and its district asks for it.
    """

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=0, le=FILE_BYTES_MAX)]
    media_type: Name
    kind: EvidenceKind = EvidenceKind.SITE
    stop_id: Id | None = None
    fix: Fix | None = None
    note: Text = ""
    original: Original | None = None


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
    `original` is what the phone said of the camera's own file, where it made that smaller.
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
    original: Original | None = None


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


def say_original(original: Original) -> Words:
    """Say what is known of a photo as the camera made it."""
    when = f"{original.camera_local or ''}{original.camera_offset or ''}"
    has_place = original.lat_deg is not None and original.lon_deg is not None
    where = f"{original.lat_deg:.6f}, {original.lon_deg:.6f}" if has_place else ""
    claims = ", ".join(claim for claim in (when, where) if claim)
    said = Words(en=f"; it says of itself: {claims}", zh=f"；文件自述：{claims}")
    told = said if claims else Words(en="", zh="")
    return Words(
        en=(
            f"Made smaller on the phone. The camera's file: {original.size_bytes} bytes, "
            f"SHA-256 {original.sha256}{told.en}."
        ),
        zh=(
            f"照片在手机上已缩小。原片 {original.size_bytes} 字节，"
            f"SHA-256 {original.sha256}{told.zh}。"
        ),
    )
