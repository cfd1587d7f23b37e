"""Checkpoints: what a server signs of its timelines and receipts, and what proves that it did.

A checkpoint's statement names the one before it and the root of a Merkle tree (`rules.merkle`) over
its leaves: how far each timeline and each device's receipts reach, and the hash that they end with.
What is signed and what is hashed are exact bytes, written by `written` and never written anew.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.base import ChainHash, Id, Instant, Sha256, Shape, Text
from schemas.crews import DeviceKey
from schemas.errors import Words

STATEMENT_CHARS_MAX: Final = 2_000
CHECKPOINT_FORMAT: Final = "lamplighter-checkpoint-1"
_SUCCESSION_FORMAT: Final = "lamplighter-succession-1"

Signature = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{86}$",
        description="ES256: r and s, 64 bytes in base64url without padding.",
    ),
]
KeyId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="SHA-256 thumbprint of a public key in base64url (RFC 7638).",
    ),
]
Number = Annotated[int, Meta(ge=1, le=2**53, description="Counts a district's checkpoints from 1.")]
PreviousHash = Annotated[
    ChainHash,
    Meta(
        description="SHA-256 of the statement before; empty in the first.",
    ),
]
StatementText = Annotated[
    str, Meta(max_length=STATEMENT_CHARS_MAX, description="The very text that was signed.")
]

_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class SubjectKind(StrEnum):
    """What a leaf is about."""

    TIMELINE = "timeline"
    """An order's timeline: `count` moments, and the hash of the last."""
    RECEIPTS = "receipts"
    """A device's receipts: settled through `count`, and the hash of that operation's bytes."""


class Leaf(Shape):
    """How far one hash chain reached when a checkpoint was made, and how it ended."""

    kind: SubjectKind
    id: Id
    count: Annotated[int, Meta(ge=1, le=2**53)]
    hash: Sha256


class Statement(Shape):
    """What is signed: that a district's books stood so at an instant.

    `leaves` are the chains that grew since the checkpoint before; `root` is that of their tree.
    `lineage` names the history of the database; one that was put back from a backup has another.
    """

    format: Literal["lamplighter-checkpoint-1"] = CHECKPOINT_FORMAT
    district_id: Id
    number: Number
    at: Instant
    kid: KeyId
    previous: PreviousHash
    lineage: str
    leaves: Annotated[int, Meta(ge=0)]
    root: Sha256


class Checkpoint(Shape):
    """A signed statement, with what it says laid open; `sha256` is its hash."""

    number: Number
    sha256: Sha256
    at: Instant
    kid: KeyId
    leaves: int
    statement: StatementText
    signature: Signature


class Anchored(Shape):
    """A line of an anchor file: a signed statement, and the key that signed it."""

    statement: StatementText
    signature: Signature
    key: DeviceKey


class PublicKey(Shape):
    """A key that signs, or once signed, checkpoints.

    A key that took over by rotation was named by the one before it: `follows` is that key, and
    `named_by` its signature over `succession`. The first one, and one that was made after its
    forerunner was lost, have neither.
    """

    kid: KeyId
    key: DeviceKey
    since: Instant
    follows: KeyId | None
    named_by: Signature | None


class PublicKeys(Shape):
    """Every key that ever signed checkpoints here, the first one first."""

    items: list[PublicKey]


class Proof(Shape):
    """That a leaf stands in a signed checkpoint: enough to see it without a server.

    `beside` leads from the leaf, at `place`, to the statement's root (`rules.merkle.root_by`).
    """

    statement: StatementText
    signature: Signature
    key: DeviceKey
    leaf: Leaf
    place: Annotated[int, Meta(ge=0)]
    beside: Annotated[list[Sha256], Meta(max_length=64)]


class Finding(Shape):
    """A checkpoint that a device was shown, and that the books do not have so.

    `our_sha256` is that of the checkpoint with its number here; without one there is none.
    `restored_after` is the checkpoint after which a new lineage began, if one did.
    """

    id: Id
    device_id: Id
    number: Number
    said_sha256: Sha256
    our_sha256: Sha256 | None
    restored_after: int | None
    detail: Words
    found_at: Instant
    explained_at: Instant | None
    explained_by: str | None
    note: Text


class Explained(Shape):
    """How a finding came about, in a sentence for whoever audits."""

    note: Annotated[str, Meta(min_length=10, max_length=2_000, pattern=r"^[^\x00]*$")]


def written(value: Shape) -> bytes:
    """Write a shape as it is signed and hashed: compact JSON with its names in order (RFC 8785)."""
    return _ENCODER.encode(value)


def succession(*, kid: str, successor: str) -> bytes:
    """Write what a key signs to name the one that takes over from it."""
    return f"{_SUCCESSION_FORMAT}\n{kid}\n{successor}".encode("ascii")
