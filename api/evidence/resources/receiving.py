"""What becomes of bytes that come: into the depot first, then noted in the database.

No unit of work is open while bytes flow.
A file's last byte, or any later question about it, seals it and notes its arrival; so a server that
dies between the two costs nothing.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Final, NamedTuple

import flask
from werkzeug.exceptions import ClientDisconnected

from api import http
from api.evidence import depot, fence, uploads
from api.evidence.models import Upload
from api.evidence.resources import tus
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX, UploadKind

READ_BYTES: Final = 65_536
SILENT_MAX_S: Final = 60
"""A line on which no byte comes for so long is taken for cut, and its thread is free again."""
_SOCKET: Final = "gunicorn.socket"


class UploadCut(Refused):
    """The connection broke while bytes came. What came is kept: ask with HEAD and go on."""

    code = "upload-cut"
    status = 400
    en = "The connection broke; what came is kept. Ask with HEAD and go on."
    zh = "连接中断；已收到的数据已保留。请用 HEAD 查询后继续上传。"


class Standing(NamedTuple):
    """An upload and how many of its bytes are here."""

    upload: Upload
    offset_bytes: int


def create(asked: tus.Creation) -> Standing:
    """Begin an upload, or find the one that was begun before; take the bytes that came with it."""
    request = flask.request
    checksum = tus.checksum(request)
    with http.server().database.unit_of_work() as session:
        upload = uploads.open_upload(
            session,
            act=http.act(),
            sha256=asked.sha256,
            size_bytes=asked.size_bytes,
            described=asked.described,
        )
    if not tus.has_bytes(request):
        return stands_at(upload.id) if asked.size_bytes == 0 else Standing(upload, 0)
    standing = stands_at(upload.id)
    if standing.offset_bytes > 0:  # its answer was lost: the client hears where to go on
        return standing
    try:
        return _take(upload, offset_bytes=0, checksum=checksum)
    except Refused:
        if asked.sha256 is None:  # nobody knows where it is
            terminate(upload.id)
        raise


def append(upload_id: str) -> Standing:
    """Take the bytes of a request into an upload."""
    request = flask.request
    offset_bytes = tus.offset_bytes(request)
    checksum = tus.checksum(request)
    upload = _get(upload_id)
    length_bytes = tus.length_bytes(request)
    if length_bytes is not None:
        upload = _settled(upload, offset_bytes=offset_bytes, length_bytes=length_bytes)
    return _take(upload, offset_bytes=offset_bytes, checksum=checksum)


def stands_at(upload_id: str) -> Standing:
    """Find how far an upload is; seal what is complete, restart what is not its hash."""
    upload = _get(upload_id)
    at = _depot().take_over(_part(upload))
    try:
        return _finished(Standing(upload, at))
    except depot.FileHashDiffers:
        return Standing(upload, 0)


def terminate(upload_id: str) -> None:
    """Give an upload up."""
    with http.server().database.unit_of_work() as session:
        upload = uploads.terminate(session, act=http.act(), upload_id=upload_id)
    _depot().discard(_part(upload))


def _settled(upload: Upload, *, offset_bytes: int, length_bytes: int) -> Upload:
    """Write down a length that was deferred, if the upload stands where its client believes."""
    if upload.size_bytes is None:
        at = _depot().take_over(_part(upload))
        if at != offset_bytes:
            raise fence.UploadOffsetDiffers(offset_bytes=at, yours_bytes=offset_bytes)
        if length_bytes < at:
            raise tus.UploadHeaderWrong(header="Upload-Length", reason=f"at least {at}")
    with http.server().database.unit_of_work() as session:
        return uploads.settle_length(
            session, act=http.act(), upload_id=upload.id, size_bytes=length_bytes
        )


def _take(upload: Upload, *, offset_bytes: int, checksum: depot.Checksum | None) -> Standing:
    """Take the bytes of this request from an offset on."""
    request = flask.request
    request.max_content_length = FILE_BYTES_MAX
    part = _part(upload)
    if offset_bytes + (request.content_length or 0) > part.bytes_max:
        raise depot.UploadTooLong(size_bytes=part.bytes_max)
    at = _depot().receive(
        part, offset_bytes=offset_bytes, chunks=_chunks(request), checksum=checksum
    )
    return _renewed(_finished(Standing(upload, at)))


def _finished(standing: Standing) -> Standing:
    """Seal what is complete, then note in the database that it is here."""
    upload = standing.upload
    if standing.offset_bytes != upload.size_bytes:
        return standing
    if upload.kind == UploadKind.PARTIAL:
        _depot().keep(_part(upload))
        return standing
    database = http.server().database
    if upload.content_sha256 is None:
        found = _depot().find_hash(_part(upload))
        with database.unit_of_work() as session:
            upload = uploads.name_hash(session, act=http.act(), upload_id=upload.id, sha256=found)
    _depot().seal(_part(upload))
    with database.reading() as session:
        if uploads.has_arrived(session, upload=upload):
            return Standing(upload, standing.offset_bytes)
    with database.unit_of_work() as session:
        upload = uploads.get_upload(session, act=http.act(), upload_id=upload.id)
        uploads.arrive(session, act=http.act(), upload=upload)
    return Standing(upload, standing.offset_bytes)


def _renewed(standing: Standing) -> Standing:
    """Let an upload that gets bytes live on; most requests find that it need not be written."""
    act = http.act()
    if not uploads.is_to_be_renewed(standing.upload, now=act.received_at):
        return standing
    with http.server().database.unit_of_work() as session:
        upload = uploads.renew(session, act=act, upload_id=standing.upload.id)
    return Standing(upload, standing.offset_bytes)


def _get(upload_id: str) -> Upload:
    with http.server().database.reading() as session:
        return uploads.get_upload(session, act=http.act(), upload_id=upload_id)


def _part(upload: Upload) -> depot.Part:
    return depot.Part(upload.district_id, upload.id, upload.content_sha256, upload.size_bytes)


def _depot() -> depot.Depot:
    return depot.opened(http.server().settings)


def _chunks(request: flask.Request) -> Iterator[bytes]:
    """Read the body piece by piece.

    Raises:
        UploadCut: the connection broke, or nothing came for too long.
    """
    with _impatient(request.environ.get(_SOCKET)):
        try:
            while chunk := request.stream.read(READ_BYTES):
                yield chunk
        except (ClientDisconnected, OSError) as error:
            raise UploadCut from error


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
