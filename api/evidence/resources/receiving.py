"""What becomes of bytes that come: into the depot first, then noted in the database.

No unit of work is open while bytes flow.
A file's last byte, or any later question about it, seals it and notes its arrival; so a server that
dies between the two costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import flask
from sqlalchemy.orm import Session

from api import http
from api.evidence import allowances, arrivals, depot, fence, uploads
from api.evidence.models import Upload
from api.evidence.resources import body, tus
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX, UploadKind

NEWS_BYTES_MAX: Final = 4_194_304
"""The most that comes before its upload is noted, and that a server's death may cost."""


class UploadIsJoined(Refused):
    """The upload joins others and takes no bytes itself. Send to its parts, then join them."""

    code = "upload-is-joined"
    status = 403
    en = "This upload joins others; it takes no bytes itself."
    zh = "该上传由其他分片合并而成，不能直接写入数据。"


class Standing(NamedTuple):
    """An upload and how many of its bytes are here."""

    upload: Upload
    offset_bytes: int


def create(asked: tus.Creation) -> Standing:
    """Begin an upload, or find the one that was begun before; take the bytes that came with it."""
    if asked.kind is UploadKind.FINAL:
        return _join(asked)
    request = flask.request
    checksum = tus.checksum(request)
    if tus.has_bytes(request) and _is_news(asked):
        return _take_news(asked, checksum=checksum)
    with http.server().database.unit_of_work() as session:
        upload = _open(session, asked)
    if not tus.has_bytes(request):
        return stands_at(upload.id) if asked.size_bytes == 0 else Standing(upload, 0)
    try:
        return _take(upload, offset_bytes=0, checksum=checksum)
    except fence.UploadOffsetDiffers:  # its answer was lost: the client hears where to go on
        return stands_at(upload.id)
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
    if upload.kind == UploadKind.FINAL:
        raise UploadIsJoined
    length_bytes = tus.length_bytes(request, bytes_max=allowance().file_bytes_max)
    if length_bytes is not None:
        upload = _settled(upload, offset_bytes=offset_bytes, length_bytes=length_bytes)
    return _take(upload, offset_bytes=offset_bytes, checksum=checksum)


def stands_at(upload_id: str) -> Standing:
    """Find how far an upload is; seal what is complete, restart what is not its hash."""
    upload = _get(upload_id)
    at = _depot().take_over(_part(upload))
    try:
        if upload.kind == UploadKind.FINAL and at != upload.size_bytes:
            at = _joined(upload)
        return _finished(Standing(upload, at))
    except depot.FileHashDiffers:
        return Standing(upload, 0)


def allowance() -> allowances.Allowance:
    """Tell what whoever asks may send."""
    return allowances.allowance_of(http.principal(), settings=http.server().settings)


def terminate(upload_id: str) -> None:
    """Give an upload up."""
    with http.server().database.unit_of_work() as session:
        upload = uploads.terminate(session, act=http.act(), upload_id=upload_id)
    _depot().discard(_part(upload))


def _is_news(asked: tus.Creation) -> bool:
    """Tell whether the file that begins is named, comes in few bytes, and is known to nobody."""
    length = flask.request.content_length
    if asked.sha256 is None or length is None or length > NEWS_BYTES_MAX:
        return False
    with http.server().database.reading() as session:
        return uploads.is_news(
            session,
            act=http.act(),
            sha256=asked.sha256,
            size_bytes=asked.size_bytes,
            allowance=allowance(),
        )


def _take_news(asked: tus.Creation, *, checksum: depot.Checksum | None) -> Standing:
    """Take the first bytes of a file, often all of them, and note once what came of them."""
    act = http.act()
    part = depot.Part(
        act.district_id,
        act.new_id(),
        asked.sha256,
        asked.size_bytes,
        limit_bytes=allowance().file_bytes_max,
    )
    try:
        at = _depot().take_in(part, chunks=_chunks(part, offset_bytes=0), checksum=checksum)
    except fence.UploadOffsetDiffers:  # its bytes lie there, and a crash kept them from being noted
        return _note(asked, part, None)
    except Refused:
        _note(asked, part, None)
        raise
    return _note(asked, part, at)


def _note(asked: tus.Creation, part: depot.Part, at: int | None) -> Standing:
    """Note an upload whose bytes came before it: all of them, some, or as many as there are."""
    is_whole = at is not None and at == part.size_bytes
    with http.server().database.unit_of_work() as session:
        upload = _open(session, asked, upload_id=part.upload_id)
        if is_whole and upload.arrived_at is None:
            arrivals.arrive(session, act=http.act(), upload=upload)
    if upload.id != part.upload_id:  # another request began the same file meanwhile
        _depot().discard(part)
    if at is not None and (is_whole or upload.id == part.upload_id):
        return Standing(upload, at)
    return stands_at(upload.id)


def _open(session: Session, asked: tus.Creation, *, upload_id: str | None = None) -> Upload:
    return uploads.open_upload(
        session,
        act=http.act(),
        sha256=asked.sha256,
        size_bytes=asked.size_bytes,
        described=asked.described,
        kind=asked.kind,
        allowance=allowance(),
        upload_id=upload_id,
    )


def _join(asked: tus.Creation) -> Standing:
    """Join parts to one file, or find the one that they were joined to before."""
    upload = _find_final(asked) or _open_final(asked)
    standing = stands_at(upload.id)
    if standing.offset_bytes != standing.upload.size_bytes:
        terminate(upload.id)
        raise depot.FileHashDiffers(sha256=asked.sha256)
    return standing


def _find_final(asked: tus.Creation) -> Upload | None:
    with http.server().database.reading() as session:
        return uploads.find_final(session, act=http.act(), joins=" ".join(asked.joins))


def _open_final(asked: tus.Creation) -> Upload:
    """Open the upload that joins parts, when all of them are complete."""
    with http.server().database.reading() as session:
        parts = uploads.get_parts(session, act=http.act(), ids=asked.joins)
    bytes_max = allowance().file_bytes_max
    if sum(part.size_bytes or 0 for part in parts) > bytes_max:
        raise tus.UploadTooLarge(bytes_max=bytes_max)
    for part in parts:
        if _depot().take_over(_part(part)) != part.size_bytes:
            raise uploads.UploadPartUnfinished(upload_id=part.id)
    with http.server().database.unit_of_work() as session:
        return uploads.open_final(
            session,
            act=http.act(),
            parts=parts,
            sha256=asked.sha256,
            described=asked.described,
        )


def _joined(upload: Upload) -> int:
    """Copy parts into the file that they make; tell how long it is."""
    with http.server().database.reading() as session:
        parts = uploads.get_parts(session, act=http.act(), ids=upload.joins.split())
    return _depot().join(_part(upload), sources=[_part(part) for part in parts])


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
    part = _part(upload)
    at = _depot().receive(
        part,
        offset_bytes=offset_bytes,
        chunks=_chunks(part, offset_bytes=offset_bytes),
        checksum=checksum,
    )
    return _renewed(_finished(Standing(upload, at)))


def _chunks(part: depot.Part, *, offset_bytes: int) -> Iterator[fence.Piece]:
    """Read the bytes of this request, if the part has room for as many as it says."""
    request = flask.request
    request.max_content_length = FILE_BYTES_MAX
    if offset_bytes + (request.content_length or 0) > part.bytes_max:
        raise depot.UploadTooLong(size_bytes=part.bytes_max)
    return body.pieces(request)


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
    if upload.arrived_at is not None:
        with database.reading() as session:
            if arrivals.has_arrived(session, upload=upload):
                return Standing(upload, standing.offset_bytes)
    with database.unit_of_work() as session:
        upload = uploads.get_upload(session, act=http.act(), upload_id=upload.id)
        arrivals.arrive(session, act=http.act(), upload=upload)
    for part_id in upload.joins.split():
        _depot().discard(depot.Part(upload.district_id, part_id, None, None))
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
    return depot.Part(
        upload.district_id,
        upload.id,
        upload.content_sha256,
        upload.size_bytes,
        limit_bytes=allowance().file_bytes_max,
    )


def _depot() -> depot.Depot:
    return depot.opened(http.server().settings)
