"""Evidence: files declared with their hash, sent when they can be, and never waited for.

The record of a file and its bytes arrive apart, in any order.
Bytes flow outside of any unit of work (see `depot`); here is what is known of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.errors import NotFound
from api.evidence import store
from api.evidence.models import Blob, EvidenceFile, Upload
from api.tasks import service as tasks
from schemas import evidence
from schemas.errors import Refused

MISSING_MAX: Final = 500
"""The most files that a phone is reminded of at one contact."""
UPLOADS_OPEN_MAX: Final = 2_000
"""The most uploads that one device may have begun and not finished."""
UPLOADS_PATH: Final = "/v1/uploads"
_log = structlog.get_logger()


class FileSizeDiffers(Refused):
    """The same hash was declared with another size, which cannot be. Hash and measure it again."""

    code = "file-size-differs"
    status = 409
    en = "This file is known with {known_bytes} bytes, not {yours_bytes}."
    zh = "该文件已登记为 {known_bytes} 字节，而不是 {yours_bytes} 字节。"


class TooManyUploads(Refused):
    """Too many uploads are open on this device. Finish those that have begun, then begin others."""

    code = "too-many-uploads"
    status = 409
    en = "{open} uploads of this device are not finished; finish those first."
    zh = "该设备有 {open} 个上传尚未完成；请先完成它们。"


class FileMissing(Refused):
    """The file was declared and has not arrived. Wait until the phone has signal, or ask its crew.

    `declared_by` names who has it.
    """

    code = "file-missing"
    status = 409
    en = "The bytes of this file have not arrived yet; {declared_by} still has them."
    zh = "该文件的数据尚未到达，仍在 {declared_by} 处。"


def load(session: Session, *, district_id: str, hashes: Sequence[str]) -> None:
    """Learn what there is of some hashes, so that declaring them asks nothing more."""
    store.load_known(session, district_id=district_id, hashes=hashes)


def declare(
    session: Session, *, act: Act, subject_id: str, body: evidence.Declared
) -> Refused | None:
    """Take a file's record; the same file declared again changes nothing.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        FileSizeDiffers: the hash is known with another size.
    """
    task = tasks.get_for_field(session, act=act, task_id=subject_id)
    known = store.get_known(session, district_id=act.district_id, sha256=body.sha256)
    _check_size(known, body.size_bytes)
    about = (task.id, body.stop_id or "")
    if about in known.declared:
        return None
    session.add(_declared(act, about, body, known))
    known.declared.add(about)
    known.size_bytes = body.size_bytes
    tasks.expect_evidence(task)
    if known.arrived_at is not None:
        tasks.evidence_arrived(task)
    return None


def missing_of(session: Session, *, district_id: str, device_id: str) -> list[evidence.MissingFile]:
    """List the files that a device declared and the server still waits for, oldest first."""
    rows = store.list_missing_of_device(
        session, district_id=district_id, device_id=device_id, limit=MISSING_MAX
    )
    return [
        evidence.MissingFile(
            sha256=row.sha256,
            size_bytes=row.size_bytes,
            upload=f"{UPLOADS_PATH}/{row.upload_id}" if row.upload_id else None,
        )
        for row in rows
    ]


def expect_files(
    session: Session, *, act: Act, declared: Sequence[evidence.Declared]
) -> list[evidence.MissingFile]:
    """Open the uploads of files that a device cannot open itself, and list those not here yet.

    Args:
        session: the unit of work.
        act: of the device.
        declared: files whose declarations are not let in yet; those let in are expected anyway.
    """
    device_id = act.principal.device_id
    assert device_id is not None
    known = missing_of(session, district_id=act.district_id, device_id=device_id)
    wanted = {file.sha256: file.size_bytes for file in known}
    wanted.update((file.sha256, file.size_bytes) for file in declared)
    for sha256, size_bytes in wanted.items():
        with contextlib.suppress(FileSizeDiffers, TooManyUploads):  # the others still come
            open_upload(session, act=act, sha256=sha256, size_bytes=size_bytes)
    rows = store.list_open_uploads(
        session, district_id=act.district_id, owner=device_id, limit=MISSING_MAX
    )
    return [
        evidence.MissingFile(
            sha256=row.sha256, size_bytes=row.size_bytes, upload=f"{UPLOADS_PATH}/{row.id}"
        )
        for row in rows
    ]


def open_upload(session: Session, *, act: Act, sha256: str, size_bytes: int) -> Upload:
    """Open the upload of a file, or give the one that this device opened before.

    Raises:
        FileSizeDiffers: the hash is known with another size.
        TooManyUploads: the device has too many unfinished ones.
    """
    owner = _owner(act)
    known = store.get_known(session, district_id=act.district_id, sha256=sha256)
    _check_size(known, size_bytes)
    upload = store.find_upload_of(
        session, district_id=act.district_id, owner=owner, sha256=sha256
    ) or _begun(session, act=act, owner=owner, sha256=sha256, size_bytes=size_bytes)
    if upload.size_bytes != size_bytes:
        raise FileSizeDiffers(known_bytes=upload.size_bytes, yours_bytes=size_bytes)
    if known.arrived_at is not None:
        arrive(session, act=act, upload=upload)
    return upload


def get_upload(session: Session, *, act: Act, upload_id: str) -> Upload:
    """Get an upload of the device that asks.

    Raises:
        NotFound: there is none, or it is another device's.
    """
    upload = store.find_upload(session, district_id=act.district_id, upload_id=upload_id)
    if upload is None or upload.owner != _owner(act):
        raise NotFound(what="upload", id=upload_id)
    return upload


def arrive(session: Session, *, act: Act, upload: Upload) -> None:
    """Note that a file's bytes are here, wherever it was declared; again does nothing more.

    Args:
        session: the unit of work.
        act: the contact that brought them.
        upload: the upload whose bytes the depot has sealed.
    """
    store.add_blob(
        session,
        blob={
            "district_id": act.district_id,
            "sha256": upload.sha256,
            "size_bytes": upload.size_bytes,
            "arrived_at": act.received_at,
        },
    )
    upload.arrived_at = upload.arrived_at or act.received_at
    for task_id, files in _waiting(session, act, upload.sha256).items():
        task = tasks.load(session, district_id=act.district_id, ids=[task_id])[0]
        for file in files:
            file.arrived_at = act.received_at
        tasks.evidence_arrived(task, len(files))
    _log.info("file.arrived", upload_id=upload.id, size_bytes=upload.size_bytes)


def list_files(
    session: Session, *, act: Act, chosen: store.FileFilter, after_id: str, limit: int
) -> list[evidence.EvidenceFile]:
    """List declared files, arrived or missing, by id.

    Raises:
        NotFound: the task asked for does not exist for this principal.
    """
    if chosen.task_id is not None:
        tasks.get_task(session, act=act, task_id=chosen.task_id)
    rows = store.page_of_files(
        session, district_id=act.district_id, chosen=chosen, after_id=after_id, limit=limit
    )
    return [row.view() for row in rows]


def get_file(session: Session, *, act: Act, file_id: str) -> EvidenceFile:
    """Get a declared file.

    Raises:
        NotFound: there is none with this id for this principal.
    """
    file = store.find_file(session, district_id=act.district_id, file_id=file_id)
    if file is None:
        raise NotFound(what="file", id=file_id)
    return file


def get_arrived(session: Session, *, act: Act, file_id: str) -> Blob:
    """Get what is known of a file's bytes.

    Raises:
        NotFound: there is no such file for this principal.
        FileMissing: its bytes have not arrived.
    """
    file = get_file(session, act=act, file_id=file_id)
    blob = store.find_blob(session, district_id=act.district_id, sha256=file.sha256)
    if blob is None:
        raise FileMissing(declared_by=file.declared_by)
    return blob


def _check_size(known: store.Known, size_bytes: int) -> None:
    if known.size_bytes not in {None, size_bytes}:
        raise FileSizeDiffers(known_bytes=known.size_bytes, yours_bytes=size_bytes)


def _begun(session: Session, *, act: Act, owner: str, sha256: str, size_bytes: int) -> Upload:
    """Begin an upload, if its owner has not begun too many."""
    count = store.count_open_uploads(session, district_id=act.district_id, owner=owner)
    if count >= UPLOADS_OPEN_MAX:
        raise TooManyUploads(open=count)
    return store.add_upload(
        session,
        upload={
            "district_id": act.district_id,
            "id": act.new_id(),
            "owner": owner,
            "sha256": sha256,
            "size_bytes": size_bytes,
            "opened_at": act.received_at,
            "arrived_at": None,
        },
    )


def _declared(
    act: Act, about: tuple[str, str], body: evidence.Declared, known: store.Known
) -> EvidenceFile:
    task_id, stop_id = about
    return EvidenceFile(
        district_id=act.district_id,
        id=act.operation_id or act.new_id(),
        task_id=task_id,
        stop_id=stop_id,
        sha256=body.sha256,
        size_bytes=body.size_bytes,
        media_type=body.media_type,
        kind=str(body.kind),
        declared_by=act.principal.person_id,
        device_id=act.principal.device_id,
        happened_at=act.happened.at,
        error_s=act.happened.error_s,
        clock_suspect=act.happened.suspect,
        received_at=act.received_at,
        arrived_at=known.arrived_at,
        fix=msgspec.to_builtins(body.fix),
        note=body.note,
    )


def _owner(act: Act) -> str:
    """Name whose uploads these are: a device's, or a person's who has none."""
    return act.principal.device_id or f"person:{act.principal.person_id}"


def _waiting(session: Session, act: Act, sha256: str) -> dict[str, list[EvidenceFile]]:
    """Find the declared files of a hash by task, once their tasks are held against changes."""
    waiting = store.list_missing_of_hash(session, district_id=act.district_id, sha256=sha256)
    tasks.load(session, district_id=act.district_id, ids=sorted({f.task_id for f in waiting}))
    by_task: dict[str, list[EvidenceFile]] = {}
    for file in store.list_missing_of_hash(session, district_id=act.district_id, sha256=sha256):
        by_task.setdefault(file.task_id, []).append(file)
    return by_task
