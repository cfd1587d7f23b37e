"""An anchor: a file of signed statements, one a line, that somebody keeps outside of the database.

What stands in it was signed and shown once; a log that was cut, or written and signed anew with a
stolen key, no longer has it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.custody import keys, store
from schemas import base, custody, signatures
from schemas.custody import Anchored, Statement

LINE_BYTES_MAX: Final = 10_000
ROWS_PER_QUESTION: Final = 500


class AnchorError(Exception):
    """The file is no anchor, or cannot be gone on with; the message says why."""


class Line(NamedTuple):
    """A line of an anchor: its number in the file, what it says, and the hash of that."""

    number: int
    statement: Statement
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Contradiction:
    """A checkpoint that an anchor has and the database has not, or has otherwise.

    `ours` is the hash of the checkpoint that has its number here; None where there is none.
    """

    line: Line
    ours: str | None


def list_contradictions(session: Session, *, path: pathlib.Path) -> Iterator[Contradiction]:
    """Yield what an anchor has that is not on the chain of today.

    Raises:
        AnchorError: the file cannot be read, or a line of it is no signed statement.
    """
    for line in _lines(path):
        said = line.statement
        ours = store.find_hash(session, district_id=said.district_id, number=said.number)
        if ours != line.sha256:
            yield Contradiction(line, ours)


def append(session: Session, *, path: pathlib.Path, district_id: str) -> int:
    """Add the checkpoints of a district that an anchor does not have yet; tell how many.

    What is in the file stays; a file that is not there is begun.

    Raises:
        AnchorError: the file is no anchor, contradicts the database, or cannot be written.
    """
    last = 0
    if path.exists():
        for contradiction in list_contradictions(session, path=path):
            said = contradiction.line.statement
            message = (
                f"{path}, line {contradiction.line.number}: checkpoint {said.number} of "
                f"{said.district_id} is not on the chain of today; see `lamplighter verify "
                "--anchor`, and keep this file."
            )
            raise AnchorError(message)
        numbers = (
            line.statement.number
            for line in _lines(path)
            if line.statement.district_id == district_id
        )
        last = max(numbers, default=0)
    lines = list(_written(session, district_id=district_id, after=last))
    try:
        with path.open("ab") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        message = f"{path} cannot be written: {error}"
        raise AnchorError(message) from error
    return len(lines)


def _written(session: Session, *, district_id: str, after: int) -> Iterator[bytes]:
    public = {each.kid: each.key for each in keys.list_public(session)}
    while rows := store.list_after(
        session, district_id=district_id, number=after, limit=ROWS_PER_QUESTION
    ):
        for row in rows:
            key = public.get(row.kid)
            if key is None:
                message = (
                    f"The key of checkpoint {row.number} of {district_id} is not listed; "
                    "see `lamplighter verify`."
                )
                raise AnchorError(message)
            anchored = Anchored(statement=row.statement.decode(), signature=row.signature, key=key)
            yield custody.written(anchored) + b"\n"
        after = rows[-1].number


def _lines(path: pathlib.Path) -> Iterator[Line]:
    """Read an anchor line by line; each must be signed by the key that it names."""
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(LINE_BYTES_MAX):
                number += 1
                yield _read(raw, number=number, path=path)
    except OSError as error:
        message = f"{path} cannot be read: {error}"
        raise AnchorError(message) from error


def _read(raw: bytes, *, number: int, path: pathlib.Path) -> Line:
    try:
        anchored = base.decode(raw, Anchored)
        said = base.decode(anchored.statement, Statement)
    except base.UNREADABLE as error:
        message = f"{path}, line {number} is no signed statement of a checkpoint: {error}"
        raise AnchorError(message) from error
    statement = anchored.statement.encode()
    is_own = signatures.thumbprint(anchored.key) == said.kid and signatures.has_signed(
        anchored.key, statement=statement, signature=anchored.signature
    )
    if not is_own:
        message = f"{path}, line {number} is not signed by the key that it names."
        raise AnchorError(message)
    return Line(number, said, hashlib.sha256(statement).hexdigest())
