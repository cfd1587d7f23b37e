"""Evidence files: copied into the store by hash, and sent until the server has them."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import sqlite3
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from field_sync import errors
from field_sync.store.connection import Store
from schemas.evidence import FILE_BYTES_MAX

_CHUNK_BYTES: Final = 1 << 20
_SENDABLE: Final = (
    "state = 'waiting' AND n <= ? AND NOT EXISTS"
    " (SELECT 1 FROM outbox WHERE outbox.n = uploads.n AND outbox.status = 'held')"
)
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
_BRANDS: Final = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif"}


class State(StrEnum):
    """Whether the server has a file."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True, slots=True)
class Copied:
    """A file that lies in the store's folder, on disk."""

    sha256: str
    size_bytes: int
    media_type: str


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """A file of the crew; `location` is where its bytes go on, once the server has named it.

    `begun` tells whether bytes were ever sent, and heard of or not.
    """

    sha256: str
    size_bytes: int
    media_type: str
    n: int
    state: State
    location: str | None
    code: str
    begun: bool


def copy_in(store: Store, *, path: pathlib.Path) -> Copied:
    """Copy a file into the store's folder under its hash, safely on disk before this returns.

    A copy that no operation comes to name does no harm: the next one of the same bytes finds it.

    Raises:
        NotAFile: it cannot be read.
        FileTooLarge: evidence has a limit, and this is beyond it.
        DiskFull: there is no space for the copy.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > FILE_BYTES_MAX:
            raise errors.FileTooLarge(size_bytes=size_bytes, bytes_max=FILE_BYTES_MAX)
        content = path.read_bytes()
    except OSError as error:
        raise errors.NotAFile(path=str(path)) from error
    sha256 = hashlib.sha256(content).hexdigest()
    target = store.files / sha256
    if not target.exists():
        _write_durably(target, content)
    return Copied(sha256=sha256, size_bytes=len(content), media_type=media_type_of(content))


def media_type_of(content: bytes) -> str:
    """Tell what a file is from its first bytes; its name proves nothing."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    return "application/octet-stream"


def add(store: Store, *, copied: Copied, n: int) -> None:
    """Queue a copied file, in the caller's transaction; the same bytes are queued once.

    Args:
        store: an open store, in a transaction.
        copied: the file in the store's folder.
        n: the operation that declares it.
    """
    store.connection.execute(
        "INSERT INTO uploads (sha256, size_bytes, media_type, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO NOTHING",
        (copied.sha256, copied.size_bytes, copied.media_type, n),
    )


def path_of(store: Store, *, sha256: str) -> pathlib.Path:
    """Tell where a file's bytes lie."""
    return store.files / sha256


def find(store: Store, *, sha256: str) -> Upload | None:
    """Find a file by its hash."""
    row = store.connection.execute("SELECT * FROM uploads WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else _upload(row)


def find_next(store: Store, *, through: int) -> Upload | None:
    """Find the next file to send, of those that a settled operation has declared.

    The server takes no file whose declaration it holds; that one waits with it.

    Args:
        store: an open store.
        through: the highest operation below which everything is settled.
    """
    row = store.connection.execute(
        f"SELECT * FROM uploads WHERE {_SENDABLE} ORDER BY n LIMIT 1",  # noqa: S608 - written above
        (through,),
    ).fetchone()
    return None if row is None else _upload(row)


def find_expected(store: Store) -> Upload | None:
    """Find the next file to send of those whose place the server has named."""
    row = store.connection.execute(
        "SELECT * FROM uploads WHERE state = 'waiting' AND location IS NOT NULL ORDER BY n LIMIT 1"
    ).fetchone()
    return None if row is None else _upload(row)


def list_all(store: Store) -> list[Upload]:
    """List the files in the order of their operations."""
    return [_upload(row) for row in store.connection.execute("SELECT * FROM uploads ORDER BY n")]


def count_waiting(store: Store) -> int:
    """Count the files that the server does not have yet."""
    (rows,) = store.connection.execute(
        "SELECT count(*) FROM uploads WHERE state = 'waiting'"
    ).fetchone()
    return int(rows)


def weigh_waiting(store: Store) -> tuple[int, int]:
    """Count the files that the server does not have yet, and their bytes."""
    rows, size_bytes = store.connection.execute(
        "SELECT count(*), coalesce(sum(size_bytes), 0) FROM uploads WHERE state = 'waiting'"
    ).fetchone()
    return int(rows), int(size_bytes)


def list_waiting_by_subject(store: Store) -> list[tuple[str, int, int]]:
    """List the orders whose files wait: how many, and their bytes."""
    rows = store.connection.execute(
        "SELECT outbox.subject, count(*), sum(size_bytes)"
        " FROM uploads JOIN outbox ON outbox.n = uploads.n"
        " WHERE state = 'waiting' GROUP BY outbox.subject ORDER BY min(uploads.n)"
    )
    return [(str(subject), int(count), int(size)) for subject, count, size in rows]


def count_sendable(store: Store, *, through: int) -> int:
    """Count the files that could be sent now."""
    (rows,) = store.connection.execute(
        f"SELECT count(*) FROM uploads WHERE {_SENDABLE}",  # noqa: S608 - written above
        (through,),
    ).fetchone()
    return int(rows)


def begin(store: Store, *, sha256: str) -> None:
    """Remember that bytes of a file are sent, before they are."""
    store.connection.execute("UPDATE uploads SET begun = 1 WHERE sha256 = ?", (sha256,))


def locate(store: Store, *, sha256: str, location: str | None) -> None:
    """Remember where a file's bytes go on, or that the place is gone."""
    store.connection.execute("UPDATE uploads SET location = ? WHERE sha256 = ?", (location, sha256))


def settle(store: Store, *, sha256: str, state: State, code: str = "") -> None:
    """Enter what became of a file; `code` tells why it was refused."""
    store.connection.execute(
        "UPDATE uploads SET state = ?, code = ? WHERE sha256 = ?", (state, code, sha256)
    )


def count_expected(store: Store) -> int:
    """Count the files that are to be sent of those whose place the server has named."""
    (rows,) = store.connection.execute(
        "SELECT count(*) FROM uploads WHERE state = 'waiting' AND location IS NOT NULL"
    ).fetchone()
    return int(rows)


def expect(store: Store, *, places: Mapping[str, str], more: bool) -> None:
    """Take over where files go on that the server still expects; it has the others.

    Args:
        store: an open store, in a transaction.
        places: where each goes on, by its hash.
        more: whether it expects more than it named; then the others wait.
    """
    for file in list_all(store):
        if file.state is not State.WAITING:
            continue
        if file.sha256 in places or more:
            locate(store, sha256=file.sha256, location=places.get(file.sha256))
        else:
            settle(store, sha256=file.sha256, state=State.ARRIVED)


def ask_again(store: Store, *, missing: Iterable[str]) -> None:
    """Queue anew what we held for arrived and the server says it misses."""
    store.connection.executemany(
        "UPDATE uploads SET state = 'waiting', location = NULL"
        " WHERE sha256 = ? AND state = 'arrived'",
        [(sha256,) for sha256 in missing],
    )


def _write_durably(target: pathlib.Path, content: bytes) -> None:
    """Write beside the target, flush to the disk, then take its name: whole or not there."""
    beside = target.with_suffix(".part")
    try:
        with beside.open("wb") as file:
            for start in range(0, len(content), _CHUNK_BYTES):
                file.write(content[start : start + _CHUNK_BYTES])
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        _flush_folder(target.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise errors.DiskFull from error


def _flush_folder(folder: pathlib.Path) -> None:
    """Flush a folder's names, where the system knows how."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _upload(row: sqlite3.Row | tuple[object, ...]) -> Upload:
    sha256, size_bytes, media_type, n, state, location, code, begun = row
    assert isinstance(size_bytes, int)
    assert isinstance(n, int)
    return Upload(
        sha256=str(sha256),
        size_bytes=size_bytes,
        media_type=str(media_type),
        n=n,
        state=State(str(state)),
        location=None if location is None else str(location),
        code=str(code),
        begun=bool(begun),
    )
