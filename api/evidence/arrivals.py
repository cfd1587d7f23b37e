"""Arrivals: bytes that are here, for every file that was declared with their hash."""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import examining, store
from api.evidence.models import EvidenceFile, Upload
from api.tasks import service as tasks

_log = structlog.get_logger()


def arrive(session: Session, *, act: Act, upload: Upload) -> None:
    """Note that a file's bytes are here, wherever it was declared; again does nothing more.

    Args:
        session: the unit of work.
        act: the contact that brought them.
        upload: the upload whose bytes the depot has sealed.
    """
    sha256 = upload.content_sha256
    assert sha256 is not None, "a sealed file has a hash"
    store.add_blob(
        session,
        blob={
            "district_id": act.district_id,
            "sha256": sha256,
            "size_bytes": upload.size_bytes,
            "arrived_at": act.received_at,
        },
    )
    upload.arrived_at = upload.arrived_at or act.received_at
    upload.expires_at = None
    store.note_upload(session, upload)
    if upload.joins:
        store.forget_uploads(session, district_id=act.district_id, ids=upload.joins.split())
    for task_id, files in _waiting(session, act, sha256).items():
        task = tasks.load(session, district_id=act.district_id, ids=[task_id])[0]
        for file in files:
            file.arrived_at = act.received_at
            examining.ask(session, act=act, file_id=file.id)
        tasks.evidence_arrived(task, sum(file.waived_at is None for file in files))
    _log.info("file.arrived", upload_id=upload.id, size_bytes=upload.size_bytes)


def has_arrived(session: Session, *, upload: Upload) -> bool:
    """Tell whether it is noted that an upload's file is here."""
    sha256 = upload.content_sha256
    return (
        upload.arrived_at is not None
        and sha256 is not None
        and (blob := store.find_blob(session, district_id=upload.district_id, sha256=sha256))
        is not None
        and blob.condemned_at is None
    )


def _waiting(session: Session, act: Act, sha256: str) -> dict[str, list[EvidenceFile]]:
    """Find the declared files of a hash by task, once their tasks are held against changes."""
    waiting = store.list_missing_of_hash(session, district_id=act.district_id, sha256=sha256)
    if not waiting:
        return {}
    tasks.load(session, district_id=act.district_id, ids=sorted({f.task_id for f in waiting}))
    by_task: dict[str, list[EvidenceFile]] = {}
    for file in store.list_missing_of_hash(session, district_id=act.district_id, sha256=sha256):
        by_task.setdefault(file.task_id, []).append(file)
    return by_task
