"""Bundles: an order handed over with what proves it, to be checked without a server.

A bundle is a zip file; these are the shapes of what lies in it. The manifest names every other file
with its hash, and the seal is the server's signature over the manifest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.base import Id, Instant, Name, Sha256, Shape, Text
from schemas.checkins import RecordedCheckIn
from schemas.crews import DeviceKey
from schemas.custody import KeyId, Signature
from schemas.errors import Words
from schemas.evidence import EvidenceFile
from schemas.photos import LikenessState, Picture
from schemas.places import Fix
from schemas.promises import Clock
from schemas.quarantine import Reason, State
from schemas.sync import Head, Status
from schemas.tasks import Held, Task

FORMAT: Final = 1
BYTES_MAX: Final = 2_000_000_000
"""All files of a bundle together, unpacked."""
FILES_MAX: Final = 30_000
TEXT_BYTES_MAX: Final = 64_000_000
"""A file of a bundle that is no evidence."""

MANIFEST: Final = "manifest.json"
SEAL: Final = "manifest.sig"
ORDER: Final = "order.json"
TIMELINE: Final = "timeline.jsonl"
OPERATIONS: Final = "operations.json"
DEVICES: Final = "devices.json"
EVIDENCE: Final = "evidence.json"
PHOTOS: Final = "photos.json"
KEYS: Final = "keys.json"
CHECKPOINT: Final = "checkpoint.json"
PAGE: Final = "index.html"
EVIDENCE_FOLDER: Final = "files/"
OPERATIONS_FOLDER: Final = "operations/"

_SEAL_FORMAT: Final = "lamplighter-bundle-1"
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Entry(Shape):
    """One file of a bundle."""

    path: Name
    sha256: Sha256
    size_bytes: Count


class TimelineEnd(Shape):
    """How long a timeline is, and the hash of its last moment."""

    count: Count
    hash: str


class Manifest(Shape):
    """What a bundle is, and every file in it but itself and its seal, in the order of the zip."""

    format: int
    order_id: Id
    district_id: Id
    made_at: Instant
    made_by: Id
    timeline: TimelineEnd
    entries: Annotated[list[Entry], Meta(max_length=FILES_MAX)]


class Seal(Shape):
    """The server's signature over a manifest (see `statement`); `kid` is the key's thumbprint."""

    kid: KeyId
    key: DeviceKey
    signature: Signature


class Named(Shape):
    """What somebody, or a crew, is called."""

    id: Id
    name: str


class Order(Shape):
    """An order as it stood when it was handed over; `zone` is its district's time zone."""

    task: Task
    zone: Name
    timeline: TimelineEnd
    holders: list[Held]
    check_ins: list[RecordedCheckIn]
    clocks: list[Clock]
    people: list[Named]
    crews: list[Named]


class TimelineLine(Shape):
    """A moment of a timeline: its exact bytes, and the hash over them and the hash before."""

    number: Count
    hash: Sha256
    moment: msgspec.Raw


class Link(Shape):
    """An operation of a device, by number and hash; its bytes may be those of another order."""

    n: Count
    sha256: Sha256


class Signed(Shape):
    """A head that a device signed, and the operations from the first of this order up to it."""

    head: Head
    before: list[Link]


class Device(Shape):
    """A device that had a hand in an order; `keys` are those that it has or had, the present first.

    One that was enrolled before there were keys has none.
    """

    id: Id
    person_id: Id | None
    keys: list[DeviceKey]
    signed: list[Signed]


class KeptOut(Shape):
    """Why an operation was not let in by itself, and what the office decided."""

    reason: Reason
    state: State
    decided_at: Instant | None
    decided_by: Id | None
    why: str | None


class Operation(Shape):
    """An operation about an order, and what became of it; `path` is the file with its bytes.

    `status` is null where it was kept out and nobody has let it in.
    """

    device_id: Id
    n: Count
    operation_id: Id
    type: Name
    path: Name
    sha256: Sha256
    happened_at: Instant
    error_s: float
    clock_suspect: bool
    received_at: Instant
    status: Status | None
    code: str
    detail: Words | None
    kept_out: KeptOut | None = None


class FileStanding(StrEnum):
    """What there is of a file that was declared."""

    HERE = "here"
    MISSING = "missing"
    """It has not arrived."""
    WAIVED = "waived"
    """It has not arrived, and somebody answers for that."""
    ALTERED = "altered"
    """What lies in its place are other bytes; they are in the bundle, under this name."""
    LOST = "lost"
    """It had arrived, and its bytes are gone."""


class File(Shape):
    """A file that a crew declared for an order.

    `media_type` is what it is by its own first bytes; `is_shown` tells whether it was opened and is
    a picture that browsers show.
    """

    file: EvidenceFile
    device_id: Id | None
    received_at: Instant
    error_s: float
    clock_suspect: bool
    fix: Fix | None
    standing: FileStanding
    path: Name | None
    media_type: str | None
    is_shown: bool


class Reused(Shape):
    """A question whether a file was used for other work too; which work, is not told."""

    state: LikenessState
    same_bytes: bool
    raised_at: Instant
    decided_at: Instant | None
    decided_by: Id | None
    note: Text
    words: Words


class Photo(Shape):
    """What the bytes of a file say beside what its operation says."""

    picture: Picture
    reused: list[Reused]


def statement(manifest_sha256: str) -> bytes:
    """Write what a server signs to vouch for a manifest, in ASCII."""
    return f"{_SEAL_FORMAT}\n{manifest_sha256}".encode("ascii")
