"""What a phone pushed, read strictly; what cannot be read keeps its number and its bytes."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from api.errors import Invalid
from api.sync import catalogue
from api.sync.refusals import OperationUnknown, OperationUnreadable
from schemas import base, evidence, meter_findings, readings, sync, upgrades
from schemas.base import Id, Shape
from schemas.errors import Refused

_REASON_CHARS_MAX: Final = 300
UNKNOWN_TYPE: Final = "unknown"
"""The type of an operation that could not be read when it came."""


class Envelope(msgspec.Struct, frozen=True):
    """The least that an operation must show: its id and its number, and what it follows."""

    id: Id
    n: Annotated[int, Meta(ge=1, le=2**53)]
    prev: Any = ""


class Letter(NamedTuple):
    """One operation as it came: its bytes, their hash, and what could be read of it.

    `refused` says why it cannot be applied; then `operation` or `body` may be missing.
    """

    n: int
    id: str
    prev: str
    wire: bytes
    sha256: str
    operation: sync.Operation | None
    body: Shape | None
    refused: Refused | None

    @property
    def type(self) -> str:
        """Name the operation's type, also when it cannot be read."""
        return self.operation.type if self.operation else UNKNOWN_TYPE

    @property
    def subject_id(self) -> str:
        """Name the operation's subject; empty when it cannot be read."""
        return self.operation.subject if self.operation else ""

    @property
    def stop_id(self) -> str | None:
        """Name the stop that a reading or a finding is about."""
        return self.body.stop_id if isinstance(self.body, _AT_STOP) else None

    @property
    def sha256_declared(self) -> str | None:
        """Name the hash of the file that a declaration is about."""
        return self.body.sha256 if isinstance(self.body, evidence.Declared) else None


_AT_STOP: Final = (
    readings.ReadingTaken,
    readings.ReadingSkipped,
    meter_findings.MeterChanged,
    meter_findings.MeterMismatch,
)
_ENVELOPES: Final = msgspec.json.Decoder(Envelope)
_OPERATIONS: Final = msgspec.json.Decoder(sync.Operation)


def open_letters(raws: Sequence[msgspec.Raw]) -> list[Letter]:
    """Read a push's operations in the order of their numbers.

    Raises:
        Invalid: one has no id or number that could name it, or two have the same number.
    """
    letters = sorted((open_letter(bytes(raw)) for raw in raws), key=lambda letter: letter.n)
    for earlier, later in itertools.pairwise(letters):
        if earlier.n == later.n:
            raise Invalid(reason=f"two operations have the number {later.n}")
    return letters


def open_letter(wire: bytes) -> Letter:
    """Read one operation from its bytes.

    Raises:
        Invalid: it has no id or number that could name it.
    """
    sha256 = hashlib.sha256(wire).hexdigest()
    try:
        operation = _OPERATIONS.decode(wire)
    except base.UNREADABLE as error:
        envelope = _envelope(wire)
        return _unopened(envelope, wire, sha256, _unreadable(error))
    body, refused = _body(operation)
    return Letter(operation.n, operation.id, operation.prev, wire, sha256, operation, body, refused)


def readable(wire: bytes) -> dict[str, object]:
    """Show an operation's bytes as JSON where they are that."""
    try:
        return msgspec.json.decode(wire, type=dict[str, object])
    except base.UNREADABLE:
        return {"unreadable": wire.decode(errors="replace")}


def _unopened(envelope: Envelope, wire: bytes, sha256: str, refused: Refused) -> Letter:
    prev = envelope.prev if isinstance(envelope.prev, str) else ""
    return Letter(envelope.n, envelope.id, prev, wire, sha256, None, None, refused)


def _envelope(wire: bytes) -> Envelope:
    try:
        return _ENVELOPES.decode(wire)
    except base.UNREADABLE as error:
        raise Invalid(reason="an operation has no readable id and number") from error


def _body(operation: sync.Operation) -> tuple[Shape | None, Refused | None]:
    entry = catalogue.ENTRIES.get(operation.type)
    if entry is None or operation.v > entry.version:
        return None, OperationUnknown(type=operation.type, version=operation.v)
    try:
        body = _read(entry, operation)
    except base.UNREADABLE as error:
        return None, _unreadable(error)
    return body, None


def _read(entry: catalogue.Entry, operation: sync.Operation) -> Shape:
    """Read a body of the present version at once, an older one by its steps."""
    if operation.v == entry.version:
        body: Shape = entry.decoder.decode(operation.body)
        return body
    return upgrades.read(operation.type, operation.v, bytes(operation.body))


def _unreadable(error: Exception) -> OperationUnreadable:
    return OperationUnreadable(reason=str(error)[:_REASON_CHARS_MAX])
