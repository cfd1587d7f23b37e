"""The bytes of a request as they come off the line.

gunicorn's own reader waits until it has as much as was asked for, and what it holds when the line
breaks is lost; so what is on the line is taken from it piece by piece, and nothing waits for more.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final, Protocol, cast

import flask
from werkzeug.exceptions import ClientDisconnected

from schemas.errors import Refused

READ_BYTES: Final = 1_048_576
SILENT_MAX_S: Final = 60
"""A line on which no byte comes for so long is taken for cut, and its thread is free again."""
_LINE: Final = "gunicorn.socket"


class UploadCut(Refused):
    """The connection broke while bytes came. What came is kept: ask with HEAD and go on."""

    code = "upload-cut"
    status = 400
    en = "The connection broke; what came is kept. Ask with HEAD and go on."
    zh = "连接中断；已收到的数据已保留。请用 HEAD 查询后继续上传。"


class _Unreader(Protocol):
    """What gunicorn read of a line and nobody has taken yet."""

    def take_buffered(self) -> bytes: ...

    def unread(self, data: bytes) -> None: ...


class _Reader(Protocol):
    """gunicorn's reader of a body of known length; `length` bytes of it are not read yet."""

    length: int
    unreader: _Unreader


def pieces(request: flask.Request) -> Iterator[bytes | memoryview]:
    """Read a body piece by piece; a piece is good until the next one is asked for.

    Raises:
        UploadCut: the connection broke, or nothing came for too long.
    """
    line: socket.socket | None = request.environ.get(_LINE)
    with _impatient(line):
        try:
            reader = _reader_of(request.environ.get("wsgi.input"))
            if line is None or reader is None:
                yield from iter(lambda: request.stream.read(READ_BYTES), b"")
            else:
                yield from _off_the_line(line, reader)
        except (ClientDisconnected, OSError) as error:
            raise UploadCut from error


def _off_the_line(line: socket.socket, reader: _Reader) -> Iterator[bytes | memoryview]:
    """Take what gunicorn holds already, then what the line gives."""
    held = reader.unreader.take_buffered()
    mine, others = held[: reader.length], held[reader.length :]
    if others:
        reader.unreader.unread(others)
    if mine:
        reader.length -= len(mine)
        yield mine
    room = memoryview(bytearray(min(READ_BYTES, reader.length)))
    while reader.length > 0:
        taken = line.recv_into(room, min(len(room), reader.length))
        if taken == 0:
            raise UploadCut
        reader.length -= taken
        yield room[:taken]


def _reader_of(body: Any) -> _Reader | None:  # noqa: ANN401 - whatever the server puts there
    """Find gunicorn's reader of a body whose length is known; None where it is another server's."""
    reader = getattr(body, "reader", None)
    known = hasattr(reader, "length") and hasattr(
        getattr(reader, "unreader", None), "take_buffered"
    )
    return cast("_Reader", reader) if known else None


@contextlib.contextmanager
def _impatient(line: socket.socket | None) -> Iterator[None]:
    """Wait for bytes on a line only so long, where the server lets us at it."""
    if line is None:
        yield
        return
    before_s = line.gettimeout()
    line.settimeout(SILENT_MAX_S)
    try:
        yield
    finally:
        line.settimeout(before_s)
