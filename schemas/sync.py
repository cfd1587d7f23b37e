"""The sync conversation: operations go up, outcomes and changes come down.

One round trip does it: `POST /v1/sync` with a `SyncRequest` answers a `SyncAnswer`.
`docs/protocol.md` tells the rules; these are the words they are said in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.base import ChainHash, Id, Instant, Metres, Name, Sha256, Shape, Text
from schemas.errors import FieldValue, Words
from schemas.evidence import MissingFile
from schemas.places import Fix

PROTOCOL: Final = 1
OPERATIONS_MAX: Final = 1_000
CHANGES_MAX: Final = 20_000
BODY_BYTES_MAX: Final = 4_000_000
APPLIED_CODE: Final = "applied"


class Status(StrEnum):
    """What became of an operation, once and for ever; only `held` comes, once, to another."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    CONFLICT = "conflict"
    HELD = "held"
    REJECTED = "rejected"


class Operation(Shape):
    """Something a crew did, made and stored on the phone before anything was shown.

    `n` counts the device's operations from 1 without a gap.
    `at` is the device's wall clock, `mono_ms` its monotonic clock, `boot` names the boot it counts.
    `prev` is the SHA-256 of the previous operation's exact bytes, empty for the first.
    `rebased` says that it was given a new number after the device's chain had parted from the
    server's: what precedes it in the chain need not have happened before it.
    """

    id: Id
    n: Annotated[int, Meta(ge=1, le=2**53)]
    type: Annotated[str, Meta(max_length=64)]
    v: Annotated[int, Meta(ge=1, le=1_000)] = 1
    subject: Id
    based_on: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    at: Instant
    mono_ms: Annotated[int, Meta(ge=0, le=2**53)]
    boot: Id
    prev: ChainHash = ""
    rebased: bool = False
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Exchange(Shape):
    """An exchange that was answered: when the phone sent it, and how long the answer took.

    `mono_ms` and `boot` name the contact as it was sent then.
    """

    mono_ms: Annotated[int, Meta(ge=0, le=2**53)]
    boot: Id
    round_trip_s: Annotated[float, Meta(ge=0, le=3_600)]


class Contact(Shape):
    """The phone's clocks at the moment it sends, and the last exchange whose time it measured.

    How long this contact takes, only the next one can tell.
    """

    device_at: Instant
    mono_ms: Annotated[int, Meta(ge=0, le=2**53)]
    boot: Id
    measured: Exchange | None = None


class DeviceStatus(Shape):
    """What the office likes to know of a phone: work unsent, and where it is.

    `queued` counts the operations that this push leaves behind; `unsent_since` is the device time
    of the oldest of them. `files_bytes` is the size of the files that wait.
    """

    queued: Annotated[int, Meta(ge=0)] = 0
    unsent_since: Instant | None = None
    files_queued: Annotated[int, Meta(ge=0)] = 0
    files_bytes: Annotated[int, Meta(ge=0)] = 0
    fix: Fix | None = None
    accuracy_m: Metres | None = None
    app: Name = "field-sync"


class Head(Shape):
    """The last operation of a push, signed by the device's key (ES256: r and s, base64url).

    What is signed is `schemas.rules.operation_chain.statement`; because each operation names the
    hash of the one before it, the signature vouches for all of them.
    """

    n: Annotated[int, Meta(ge=1, le=2**53)]
    sha256: Sha256
    signature: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_-]{86}$",
            description="64 bytes in base64url without padding (RFC 7518, section 3.4).",
        ),
    ]


class CheckpointMark(Shape):
    """A checkpoint as phones carry it: its number in the district, and its statement's hash."""

    number: Annotated[int, Meta(ge=1, le=2**53)]
    sha256: Sha256


class SyncRequest(Shape):
    """One contact: operations in the order of `n`, and a cursor for what comes back.

    A device that was enrolled with a key signs the `head` of every push that has operations.
    `seen` is the newest checkpoint that it was ever shown; one that was shown none leaves it out.
    """

    protocol: int = PROTOCOL
    contact: Contact
    status: DeviceStatus = DeviceStatus()
    cursor: Annotated[str, Meta(max_length=20_000)] | None = None
    operations: Annotated[list[msgspec.Raw], Meta(max_length=OPERATIONS_MAX)] = []
    changes_max: Annotated[int, Meta(ge=0, le=CHANGES_MAX)] = 2_000
    head: Head | None = None
    seen: CheckpointMark | msgspec.UnsetType = msgspec.UNSET


class Outcome(Shape):
    """What became of one operation, in a code and a sentence that a person can act on.

    It also travels as the synced entity `outcome`, in the audience `device:<id>`: the final outcome
    of an operation that was held.
    """

    n: int
    id: Id
    status: Status
    code: str
    detail: Words
    fields: dict[str, FieldValue] = {}


class Change(Shape):
    """The newest form of one entity in an audience: put with its record, or gone."""

    entity: Name
    id: Id
    put: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    gone: bool = False


class AudienceChanges(Shape):
    """One audience's page: its changes in the order they were committed.

    `fresh` says that the page starts at the beginning: what was held of the audience is forgotten.
    """

    audience: Name
    through: int
    fresh: bool = False
    changes: list[Change]


class SyncAnswer(Shape):
    """The server's side of one contact.

    Every operation with `n <= acked_through` is settled; those not in `outcomes` were applied.
    `sequence-fork` and `sequence-gap` settle nothing: the number belongs to another operation, or
    is not its turn yet. Ask (`/v1/sync/ack`), join the chain anew, and send again.
    `chain` is the SHA-256 of the last settled operation's bytes, empty before the first: where it
    is not the phone's own, another copy of the phone went on after a backup came back. Join anew.
    `checkpoint` is the newest of the device's district, where there is one: the phone keeps it.
    """

    server_at: Instant
    acked_through: int
    outcomes: list[Outcome]
    feeds: list[AudienceChanges]
    dropped: list[Name]
    cursor: str
    more: bool
    missing: list[MissingFile]
    next_in_s: float
    wipe: bool = False
    notice: Text = ""
    chain: ChainHash | None = None
    checkpoint: CheckpointMark | msgspec.UnsetType = msgspec.UNSET


class Acknowledged(Shape):
    """How far the server has settled a device's operations: asked after a lost answer.

    `outcomes` are those, beyond the number that the phone already knew of, that were not applied.
    `chain` is the SHA-256 of the last settled operation's bytes, empty before the first.
    `known` is that of the operation with the number that was asked about, empty where there is
    none: by it the phone sees whether the server still has what it said it had.
    """

    server_at: Instant
    acked_through: int
    chain: ChainHash
    outcomes: list[Outcome] = []
    known: ChainHash = ""


class Limits(Shape):
    """What a server takes: a client that keeps within it is never refused for its size.

    `operations_max` and `changes_max` are of one exchange, `body_bytes_max` of its body, both as
    sent and once inflated. Beyond `exchanges_per_minute` a device is told `too-many`; a server
    with no place left says `busy` and asks for `retry_after_s`. Phones that a timer wakes start
    spread over `wake_window_s`.
    """

    protocol: int
    operations_max: int
    changes_max: int
    body_bytes_max: int
    exchanges_per_minute: int
    retry_after_s: int
    wake_window_s: float


class LastWords(Shape):
    """What a revoked device had not sent: its tokens are dead, so its key alone speaks for it.

    `head` signs the last of the operations; without operations, the newest that the device made.
    """

    protocol: int = PROTOCOL
    device_id: Id
    contact: Contact
    head: Head
    operations: Annotated[list[msgspec.Raw], Meta(max_length=OPERATIONS_MAX)] = []


class LastWordsHeard(Shape):
    """What is safe of a revoked device: it may forget its operations up to `safe_through`.

    `missing` are files that the server waits for; `upload_token` opens their uploads, and nothing
    else, until it expires. With `more` there are others: say it again once these are here.
    """

    server_at: Instant
    safe_through: int
    missing: list[MissingFile]
    more: bool = False
    upload_token: str
    upload_expires_at: Instant


class KeptReceipt(Shape):
    """What became of an operation, as the office sees it, with the operation as it came."""

    device_id: Id
    n: int
    operation_id: Id
    type: Name
    subject_id: str
    status: Status
    code: Name
    detail: Words
    happened_at: Instant
    error_s: float
    clock_suspect: bool
    received_at: Instant
    operation: dict[str, object]


class HeldOperation(Shape):
    """An operation that is or was held, as the office sees it.

    `first` is the answer that its phone got; `outcome` the final one, when there is one.
    """

    operation_id: Id
    device_id: Id
    n: int
    person_id: Id
    type: Name
    subject_id: str
    held_at: Instant
    first: Outcome
    tries: int
    next_try_at: Instant | None
    settled_at: Instant | None
    outcome: Outcome | None
    operation: dict[str, object]
