"""What a check reads of a bundle's files; what else a newer server wrote there is passed over."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from api.custody.bundles.checking.faults import Altered, Fault
from schemas import base
from schemas.bundles import TimelineEnd
from schemas.crews import DeviceKey
from schemas.custody import PublicKey
from schemas.sync import Head

T = TypeVar("T")
_REASON_CHARS_MAX: Final = 200


class Moment(msgspec.Struct, frozen=True):
    """What a moment says of its place."""

    number: int
    id: str
    task_id: str


class Line(msgspec.Struct, frozen=True):
    """A line of `timeline.jsonl`."""

    number: int
    hash: str
    moment: msgspec.Raw


class Task(msgspec.Struct, frozen=True):
    """Which order it is."""

    id: str
    district_id: str


class Order(msgspec.Struct, frozen=True):
    """What `order.json` says of itself."""

    task: Task
    timeline: TimelineEnd


class Link(msgspec.Struct, frozen=True):
    """An operation by number and hash."""

    n: int
    sha256: str


class Signed(msgspec.Struct, frozen=True):
    """A head that a device signed, and what lies before it."""

    head: Head
    before: list[Link]


class Device(msgspec.Struct, frozen=True):
    """A line of `devices.json`."""

    id: str
    keys: list[DeviceKey]
    signed: list[Signed]


class KeptOut(msgspec.Struct, frozen=True):
    """What the office decided of an operation that was kept out."""

    state: str


class Operation(msgspec.Struct, frozen=True):
    """A line of `operations.json`."""

    device_id: str
    n: int
    operation_id: str
    path: str
    sha256: str
    status: str | None
    kept_out: KeptOut | None = None


class Envelope(msgspec.Struct, frozen=True):
    """What an operation's own bytes say; nobody could read all of some when they came."""

    id: str
    n: int
    prev: Any = ""
    subject: Any = None
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Original(msgspec.Struct, frozen=True):
    """What is said of a photo as the camera made it."""

    sha256: str
    size_bytes: int


class Declaration(msgspec.Struct, frozen=True):
    """What an operation declares of a file."""

    sha256: str
    size_bytes: int
    original: Original | None = None


class Declared(msgspec.Struct, frozen=True):
    """What `evidence.json` repeats of it."""

    id: str
    sha256: str
    size_bytes: int
    original: Original | None = None


class File(msgspec.Struct, frozen=True):
    """A line of `evidence.json`."""

    file: Declared
    standing: str
    path: str | None


class Keys(msgspec.Struct, frozen=True):
    """The server's public keys."""

    items: list[PublicKey]


def decoded(path: str, raw: bytes, shape: type[T]) -> T:
    """Read a file's JSON.

    Raises:
        Altered: it is none, or does not have the shape.
    """
    try:
        return msgspec.json.decode(raw, type=shape)
    except base.UNREADABLE as error:
        raise Altered(Fault.unreadable, path=path, why=str(error)[:_REASON_CHARS_MAX]) from error
