"""A ledger outside of the handheld's store: what the phone called saved, whatever dies later.

A line is on disk when `note` returns; a process that is killed within leaves at most half a line.
"""

from __future__ import annotations

import os
import pathlib

import msgspec

from field_sync.store.outbox import Entry
from schemas.evidence import Declared


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that was called saved; `sha256` is its photo's, where it declares one."""

    n: int
    id: str
    type: str
    hash: str
    wire: msgspec.Raw
    sha256: str | None = None


class Ledger:
    """One phone's ledger, open for writing."""

    def __init__(self, path: pathlib.Path) -> None:
        """Open it; a half line that a dead process left is ended first."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if not path.read_bytes().endswith(b"\n"):
            os.write(self._file, b"\n")

    def note(self, entry: Entry) -> None:
        """Note an operation, on disk when this returns."""
        body = entry.read()
        line = Line(
            n=entry.n,
            id=entry.id,
            type=entry.type,
            hash=entry.hash,
            wire=msgspec.Raw(entry.wire),
            sha256=body.sha256 if isinstance(body, Declared) else None,
        )
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        os.fsync(self._file)


def read(path: pathlib.Path) -> list[Line]:
    """Read a ledger; half lines were never promised."""
    lines = []
    for raw in path.read_bytes().splitlines():
        try:
            lines.append(msgspec.json.decode(raw, type=Line))
        except msgspec.DecodeError:
            continue
    return lines
