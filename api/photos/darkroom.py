"""The darkroom: one picture developed by one child process, within bounds, whatever it does.

The child is a process of its own that imports nothing of ours, knows no setting and no secret,
reads a nameless copy of the picture and writes into a nameless file. The system bounds its memory,
its processor time and its output; we bound its wall time and kill it. What it answers is checked
like any stranger's word.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, BinaryIO, Final

import msgspec
from msgspec import Meta

from api.photos import worker
from schemas.photos import Claims, Why
from schemas.rules import likeness
from schemas.rules.sniffing import Kind

LINE_BYTES_MAX: Final = 40_000
_JPEG_HEAD: Final = b"\xff\xd8\xff"
_FORMATS: Final[Mapping[Kind, str]] = MappingProxyType(
    {Kind.jpeg: "JPEG", Kind.png: "PNG", Kind.webp: "WEBP", Kind.heif: "HEIF"}
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one picture may take; `memory_bytes` is address space, libraries included."""

    cpu_s: int = 20
    wall_s: int = 30
    memory_bytes: int = 768 * 1024 * 1024
    output_bytes: int = 8_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Developed:
    """What came of a picture: what it says, and what it may be shown as; or why not.

    `marks` are those of `likeness.marks`; `thumbnail` and `copy` are JPEGs without metadata.
    All but `claims` and the sizes is empty when there is a `why`.
    """

    claims: Claims
    width_px: int | None = None
    height_px: int | None = None
    orientation: int | None = None
    marks: tuple[likeness.Mark, ...] = ()
    thumbnail: bytes = b""
    copy: bytes = b""
    why: Why | None = None
    detail: str = ""


_Level = Annotated[int, Meta(ge=0, le=255)]
_Size = Annotated[int, Meta(ge=1, le=1_000_000)]
_Length = Annotated[int, Meta(ge=0, le=8_000_000)]


class _Grids(msgspec.Struct, frozen=True):
    wide: Annotated[list[_Level], Meta(min_length=72, max_length=72)]
    tall: Annotated[list[_Level], Meta(min_length=72, max_length=72)]
    square: Annotated[list[_Level], Meta(min_length=1_024, max_length=1_024)]


class _Said(msgspec.Struct, frozen=True):
    """The child's line."""

    claims: Claims
    thumbnail_bytes: _Length
    copy_bytes: _Length
    width_px: _Size | None = None
    height_px: _Size | None = None
    orientation: Annotated[int, Meta(ge=1, le=8)] | None = None
    grids: _Grids | None = None
    why: Why | None = None
    detail: Annotated[str, Meta(max_length=200)] = ""


def develop(
    content: BinaryIO,
    *,
    kind: Kind,
    head: bytes = b"",
    bounds: Bounds = Bounds(),
    program: pathlib.Path = pathlib.Path(worker.__file__),
) -> Developed:
    """Open a picture in a child; whatever it does to the child is an answer, never an error.

    Args:
        content: the picture's bytes.
        kind: what they were sniffed as; one of `sniffing.DECODED`.
        head: those that were read of it before.
        bounds: what the child may take.
        program: what the child runs.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answered:
        given.write(head)
        shutil.copyfileobj(content, given)
        given.seek(0)
        status = _run(given, answered, form=_FORMATS[kind], bounds=bounds, program=program)
        if status is None or -status in {signal.SIGALRM, signal.SIGXCPU}:
            return Developed(Claims(), why=Why.TOOK_TOO_LONG)
        if status != 0:
            return Developed(Claims(), why=Why.CRASHED, detail=f"ended with {status}")
        answered.seek(0)
        return _read(answered)


def _run(
    given: BinaryIO,
    answered: BinaryIO,
    *,
    form: str,
    bounds: Bounds,
    program: pathlib.Path,
) -> int | None:
    """Run the child to its end; None when it had to be killed."""
    numbers = (bounds.cpu_s, bounds.wall_s, bounds.memory_bytes, bounds.output_bytes)
    child = subprocess.Popen(  # noqa: S603 - our own program, and numbers
        [sys.executable, "-I", str(program), form, *map(str, numbers)],
        stdin=given,
        stdout=answered,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
    try:
        return child.wait(timeout=bounds.wall_s + 1)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _read(answered: BinaryIO) -> Developed:
    """Check the child's answer; one that does not hold is a crash by another name."""
    try:
        said = msgspec.json.decode(answered.readline(LINE_BYTES_MAX), type=_Said)
    except msgspec.MsgspecError as error:
        return Developed(Claims(), why=Why.CRASHED, detail=str(error)[:200])
    thumbnail = answered.read(said.thumbnail_bytes)
    copy = answered.read(said.copy_bytes)
    developed = Developed(
        said.claims,
        said.width_px,
        said.height_px,
        said.orientation,
        why=said.why,
        detail=said.detail,
    )
    if said.why is not None:
        return developed
    whole = thumbnail.startswith(_JPEG_HEAD) and copy.startswith(_JPEG_HEAD)
    if said.grids is None or not whole:
        return dataclasses.replace(developed, why=Why.CRASHED, detail="no pictures came of it")
    return dataclasses.replace(developed, marks=_marks(said.grids), thumbnail=thumbnail, copy=copy)


def _marks(grids: _Grids) -> tuple[likeness.Mark, ...]:
    return likeness.marks(
        wide=_rows(grids.wide, 9), tall=_rows(grids.tall, 8), square=_rows(grids.square, 32)
    )


def _rows(levels: list[int], columns: int) -> list[list[int]]:
    return [levels[start : start + columns] for start in range(0, len(levels), columns)]
