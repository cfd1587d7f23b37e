"""Uploads: bytes on their way, whose they are, and how long they are waited for.

A handheld names its file's hash at once, and then has one upload for it, however often it asks.
Who names none may still send: the file gets the hash that it turns out to have, and has arrived for
whichever operation declares that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import NotFound
from api.evidence import allowances, arrivals, store
from api.evidence.models import Upload
from schemas.errors import Refused
from schemas.evidence import UploadKind

PATH: Final = "/v1/uploads"
LIFE: Final = dt.timedelta(days=14)
"""An upload that gets no bytes any more is kept for half of this at least."""
_log = structlog.get_logger()


class FileSizeDiffers(Refused):
    """The same file was declared with another size, which cannot be. Hash and measure it again."""

    code = "file-size-differs"
    status = 409
    en = "This file is known with {known_bytes} bytes, not {yours_bytes}."
    zh = "该文件已登记为 {known_bytes} 字节，而不是 {yours_bytes} 字节。"


class UploadExpired(Refused):
    """Nothing was heard of the upload for too long. Begin it again; the file itself is safe."""

    code = "upload-expired"
    status = 410
    en = "The upload was waited for until {expires_at}; begin it again."
    zh = "该上传已于 {expires_at} 过期；请重新开始上传。"


class UploadPartUnfinished(Refused):
    """A part that is to be joined is not complete. Send the rest of it, then join again."""

    code = "upload-part-unfinished"
    status = 409
    en = "The part {upload_id} is not complete; send the rest of it first."
    zh = "分片 {upload_id} 尚未传完；请先传完该分片。"


class UploadFinished(Refused):
    """The file has arrived and is evidence by now. It is not taken back."""

    code = "upload-finished"
    status = 403
    en = "The file has arrived; what has arrived is not taken back."
    zh = "文件已送达；已送达的文件不能撤回。"


def open_upload(
    session: Session,
    *,
    act: Act,
    sha256: str | None,
    size_bytes: int | None,
    described: str = "",
    kind: UploadKind = UploadKind.FILE,
    allowance: allowances.Allowance | None = None,
    upload_id: str | None = None,
) -> Upload:
    """Open an upload, or give the one that its owner opened before for the same hash.

    Args:
        session: the unit of work.
        act: whose.
        sha256: the file's hash, if it is known.
        size_bytes: its length, if it is known.
        described: what the client says of it, to be told back as it is.
        kind: a whole file, or a part of one.
        allowance: how much may be begun; None for files that are expected anyway.
        upload_id: the id of one that begins, if it has one already.

    Raises:
        FileSizeDiffers: the hash is known with another size.
        TooManyUploads: the device has too many unfinished ones.
        TooMany: it has begun too many bytes in an hour.
    """
    known = _known(session, act=act, sha256=sha256, size_bytes=size_bytes)
    upload = _find_named(session, act, sha256)
    if upload is None:
        if allowance is not None and known.arrived_at is None:
            allowances.charge(
                session, act=act, owner=owner_of(act), allowance=allowance, size_bytes=size_bytes
            )
        upload = _begun(
            session,
            act=act,
            sha256=sha256,
            size_bytes=size_bytes,
            described=described,
            kind=kind,
            upload_id=upload_id,
        )
    _settle(upload, known.size_bytes if known.arrived_at is not None else size_bytes)
    if known.arrived_at is not None:
        arrivals.arrive(session, act=act, upload=upload)
    else:
        upload.arrived_at = None
        _renew(upload, act.received_at)
        store.note_upload(session, upload)
    return upload


def is_news(
    session: Session,
    *,
    act: Act,
    sha256: str,
    size_bytes: int | None,
    allowance: allowances.Allowance,
) -> bool:
    """Tell whether nothing is known of a file yet, so that its bytes may come before its upload.

    Args:
        session: the unit of work; a reading one will do.
        act: whose file it is.
        sha256: its hash.
        size_bytes: its length, if it is known.
        allowance: how much may be begun.

    Raises:
        FileSizeDiffers: the hash is known with another size.
        TooManyUploads: the device has too many unfinished ones.
        TooMany: it has begun too many bytes in an hour.
    """
    known = store.get_known(session, district_id=act.district_id, sha256=sha256)
    check_size(known, size_bytes)
    if known.is_kept or store.is_begun(
        session, district_id=act.district_id, owner=owner_of(act), sha256=sha256
    ):
        return False
    allowances.check_count(session, act=act, owner=owner_of(act))
    allowances.check_room(
        session, act=act, owner=owner_of(act), allowance=allowance, size_bytes=size_bytes
    )
    return True


def open_final(
    session: Session,
    *,
    act: Act,
    parts: Sequence[Upload],
    sha256: str | None,
    described: str,
) -> Upload:
    """Open the upload that joins parts, or give the one that joins them already.

    Args:
        session: the unit of work.
        act: whose.
        parts: in their order; each is complete.
        sha256: the hash of the whole, if it is known.
        described: what the client says of it.

    Raises:
        FileSizeDiffers: the hash is known with another size.
        TooManyUploads: the device has too many unfinished ones.
    """
    joins = " ".join(part.id for part in parts)
    size_bytes = sum(part.size_bytes or 0 for part in parts)
    there = find_final(session, act=act, joins=joins)
    if there is not None:
        return there
    if sha256 is not None:
        check_size(store.get_known(session, district_id=act.district_id, sha256=sha256), size_bytes)
    named = _find_named(session, act, sha256)
    if named is not None:
        if named.arrived_at is not None:
            return named
        store.forget_uploads(session, district_id=act.district_id, ids=[named.id])
    return _begun(
        session,
        act=act,
        sha256=sha256,
        size_bytes=size_bytes,
        described=described,
        kind=UploadKind.FINAL,
        joins=joins,
    )


def find_final(session: Session, *, act: Act, joins: str) -> Upload | None:
    """Find the upload of this device that joins these parts in this order."""
    return store.find_final(session, district_id=act.district_id, owner=owner_of(act), joins=joins)


def get_parts(session: Session, *, act: Act, ids: Sequence[str]) -> list[Upload]:
    """Get the partial uploads that are to be joined, in their order.

    Raises:
        NotFound: one is not there, or is no part.
        UploadExpired: one is over.
        UploadPartUnfinished: the length of one is not known.
    """
    parts = [get_upload(session, act=act, upload_id=each) for each in ids]
    for part in parts:
        if part.kind != UploadKind.PARTIAL:
            raise NotFound(what="part", id=part.id)
        if part.size_bytes is None:
            raise UploadPartUnfinished(upload_id=part.id)
    return parts


def get_upload(session: Session, *, act: Act, upload_id: str) -> Upload:
    """Get an upload of the device that asks.

    Raises:
        NotFound: there is none, or it is another device's.
        UploadExpired: it is over, and will be taken away.
    """
    upload = store.find_upload(session, district_id=act.district_id, upload_id=upload_id)
    if upload is None or upload.owner != owner_of(act):
        raise NotFound(what="upload", id=upload_id)
    if upload.expires_at is not None and upload.expires_at <= act.received_at:
        raise UploadExpired(expires_at=upload.expires_at.isoformat())
    return upload


def is_to_be_renewed(upload: Upload, *, now: dt.datetime) -> bool:
    """Tell whether an upload that got bytes has lived half of its life, and is given another."""
    return upload.expires_at is not None and upload.expires_at - now < LIFE / 2


def renew(session: Session, *, act: Act, upload_id: str) -> Upload:
    """Wait longer for an upload, because it got bytes.

    Raises:
        NotFound: it was taken away.
        UploadExpired: it is over.
    """
    upload = get_upload(session, act=act, upload_id=upload_id)
    _renew(upload, act.received_at)
    store.note_upload(session, upload)
    return upload


def settle_length(session: Session, *, act: Act, upload_id: str, size_bytes: int) -> Upload:
    """Write down the length that was deferred; the same length again changes nothing.

    Raises:
        NotFound: there is no such upload for this device.
        UploadExpired: it is over.
        FileSizeDiffers: another length is known.
    """
    upload = get_upload(session, act=act, upload_id=upload_id)
    if upload.sha256 is not None:
        known = store.get_known(session, district_id=act.district_id, sha256=upload.sha256)
        check_size(known, size_bytes)
    _settle(upload, size_bytes)
    store.note_upload(session, upload)
    return upload


def name_hash(session: Session, *, act: Act, upload_id: str, sha256: str) -> Upload:
    """Write down the hash that a complete file turned out to have, before it is sealed under it.

    Raises:
        NotFound: the upload was taken away.
        UploadExpired: it is over.
    """
    upload = get_upload(session, act=act, upload_id=upload_id)
    upload.found_sha256 = sha256
    store.note_upload(session, upload)
    store.hold_blob(session, district_id=act.district_id, sha256=sha256)
    return upload


def terminate(session: Session, *, act: Act, upload_id: str) -> Upload:
    """Forget an upload that its owner gives up; its bytes are then the caller's to discard.

    Raises:
        NotFound: there is no such upload for this device.
        UploadExpired: it is over.
        UploadFinished: its file has arrived.
    """
    upload = get_upload(session, act=act, upload_id=upload_id)
    if upload.arrived_at is not None:
        raise UploadFinished
    store.forget_uploads(session, district_id=act.district_id, ids=[upload_id])
    _log.info("upload.terminated", upload_id=upload_id)
    return upload


def owner_of(act: Act) -> str:
    """Name whose uploads these are: a device's, or a person's who has none."""
    return act.principal.device_id or f"person:{act.principal.person_id}"


def check_size(known: store.Known, size_bytes: int | None) -> None:
    """Let pass the size that is known of a hash.

    Raises:
        FileSizeDiffers: it is known with another one.
    """
    if size_bytes is not None and known.size_bytes not in {None, size_bytes}:
        raise FileSizeDiffers(known_bytes=known.size_bytes, yours_bytes=size_bytes)


def _known(
    session: Session, *, act: Act, sha256: str | None, size_bytes: int | None
) -> store.Known:
    """Tell what there is of a hash, and hold bytes that are nobody's against being swept.

    Raises:
        FileSizeDiffers: it is known with another size.
    """
    if sha256 is None:
        return store.Known()
    known = store.get_known(session, district_id=act.district_id, sha256=sha256)
    check_size(known, size_bytes)
    if known.is_condemned:
        store.hold_blob(session, district_id=act.district_id, sha256=sha256)
    return known


def _find_named(session: Session, act: Act, sha256: str | None) -> Upload | None:
    if sha256 is None:
        return None
    return store.find_upload_of(
        session, district_id=act.district_id, owner=owner_of(act), sha256=sha256
    )


def _begun(
    session: Session,
    *,
    act: Act,
    sha256: str | None,
    size_bytes: int | None,
    described: str,
    kind: UploadKind,
    joins: str = "",
    upload_id: str | None = None,
) -> Upload:
    """Begin an upload, if its owner has not begun too many."""
    owner = owner_of(act)
    allowances.check_count(session, act=act, owner=owner)
    return store.add_upload(
        session,
        upload={
            "district_id": act.district_id,
            "id": upload_id or act.new_id(),
            "owner": owner,
            "kind": str(kind),
            "sha256": sha256,
            "found_sha256": None,
            "size_bytes": size_bytes,
            "described": described,
            "joins": joins,
            "opened_at": act.received_at,
            "expires_at": act.received_at + LIFE,
            "arrived_at": None,
        },
    )


def _settle(upload: Upload, size_bytes: int | None) -> None:
    """Give an upload its length, if it had none."""
    if size_bytes is None:
        return
    if upload.size_bytes not in {None, size_bytes}:
        raise FileSizeDiffers(known_bytes=upload.size_bytes, yours_bytes=size_bytes)
    upload.size_bytes = size_bytes


def _renew(upload: Upload, now: dt.datetime) -> None:
    if upload.expires_at is None or is_to_be_renewed(upload, now=now):
        upload.expires_at = now + LIFE
