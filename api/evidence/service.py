"""Evidence: files declared with their hash, sent when they can be, and never waited for.

The record of a file and its bytes arrive apart, in any order.
Bytes flow outside of any unit of work (see `depot`); here is what is known of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.evidence import allowances, examining, store, uploads
from api.evidence.models import Blob, EvidenceFile
from api.evidence.store import blobs
from api.tasks import service as tasks
from schemas import evidence
from schemas.errors import Refused

MISSING_MAX: Final = 500
"""The most files that a phone is reminded of at one contact."""


class FileMissing(Refused):
    """The file was declared and has not arrived. Wait until the phone has signal, or ask its crew.

    `declared_by` names who has it.
    """

    code = "file-missing"
    status = 409
    en = "The bytes of this file have not arrived yet; {declared_by} still has them."
    zh = "该文件的数据尚未到达，仍在 {declared_by} 处。"


class FileLost(Refused):
    """The file had arrived and lies no more where it lay. Bring it back from a backup.

    The job `scrub_files` finds such files too, and asks the phone that declared one for it again.
    """

    code = "file-lost"
    status = 410
    en = "The bytes of this file had arrived and are lost; the office must look after it."
    zh = "该文件的数据曾已送达，现已丢失；请由后台人员处理。"


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
    uploads.check_size(known, body.size_bytes)
    about = (task.id, body.stop_id or "")
    if about in known.declared:
        return None
    file = _declared(act, about, body, known)
    session.add(file)
    known.declared.add(about)
    known.size_bytes = body.size_bytes
    tasks.expect_evidence(task)
    if known.arrived_at is not None:
        tasks.evidence_arrived(task)
        examining.ask(session, act=act, file_id=file.id)
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
            upload=f"{uploads.PATH}/{row.upload_id}" if row.upload_id else None,
        )
        for row in rows
    ]


class Expected(NamedTuple):
    """Files that a device may send though it cannot begin uploads, and whether there are more."""

    missing: list[evidence.MissingFile]
    more: bool


def expect_files(session: Session, *, act: Act, declared: Sequence[evidence.Declared]) -> Expected:
    """Open the uploads of files that a device cannot open itself; list those, and no others.

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
    store.load_known(session, district_id=act.district_id, hashes=list(wanted))
    awaited = [
        (sha256, size_bytes)
        for sha256, size_bytes in wanted.items()
        if not _has_arrived(session, act, sha256)
    ]
    missing: list[evidence.MissingFile] = []
    more = len(awaited) > MISSING_MAX or len(known) == MISSING_MAX
    for sha256, size_bytes in awaited[:MISSING_MAX]:
        try:
            upload = uploads.open_upload(session, act=act, sha256=sha256, size_bytes=size_bytes)
        except uploads.FileSizeDiffers:  # no file has two sizes: this one cannot come
            continue
        except allowances.TooManyUploads:  # the others first
            more = True
            break
        place = f"{uploads.PATH}/{upload.id}"
        missing.append(evidence.MissingFile(sha256=sha256, size_bytes=size_bytes, upload=place))
    return Expected(missing, more)


def _has_arrived(session: Session, act: Act, sha256: str) -> bool:
    known = store.get_known(session, district_id=act.district_id, sha256=sha256)
    return known.arrived_at is not None


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


def list_of_task(session: Session, *, act: Act, task_id: str, limit: int) -> Sequence[EvidenceFile]:
    """List the files that were declared for a task, by id.

    Raises:
        NotFound: the task does not exist for this principal.
    """
    tasks.get_task(session, act=act, task_id=task_id)
    return store.page_of_files(
        session,
        district_id=act.district_id,
        chosen=store.FileFilter(task_id=task_id),
        after_id="",
        limit=limit,
    )


def list_faulty(
    session: Session, *, act: Act, after: tuple[str, str] | None, limit: int
) -> list[evidence.FaultyFile]:
    """List declared files whose bytes were found altered or lost, by hash and id."""
    rows = blobs.page_of_faulty(session, district_id=act.district_id, after=after, limit=limit)
    return [
        evidence.FaultyFile(
            id=file.id,
            task_id=file.task_id,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            declared_by=file.declared_by,
            fault=evidence.FileFault(blob.fault),
            scrubbed_at=blob.scrubbed_at,
        )
        for file, blob in rows
    ]


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


def note_view(session: Session, *, act: Act, file_id: str, shown: str) -> None:
    """Write down that somebody of the office looked at a file.

    Args:
        session: the unit of work.
        act: who looks.
        file_id: at what.
        shown: in which form: `original`, or one of those that photos are shown in.
    """
    crews.audit(session, act=act, what="file.viewed", subject_id=file_id, detail={"shown": shown})


def list_arrived_of(
    session: Session, *, act: Act, hashes: Sequence[str], limit: int
) -> Sequence[EvidenceFile]:
    """List the declared files of some hashes whose bytes are here, those heard of first."""
    return store.list_arrived_of_hashes(
        session, district_id=act.district_id, hashes=hashes, limit=limit
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
        waived_at=None,
        waived_by=None,
        waived_reason="",
        original=msgspec.to_builtins(body.original),
    )
