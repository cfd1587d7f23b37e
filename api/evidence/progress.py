"""How far the files are that are still missing, as the office sees it.

What is known of bytes on their way stands beside them (see `fence`), not in the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import depot, store
from api.evidence.models import Upload
from schemas import evidence

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


def with_progress(
    session: Session, *, act: Act, shown: Sequence[evidence.EvidenceFile], files: depot.Depot
) -> list[evidence.EvidenceFile]:
    """Tell of each missing file how far its upload is; of several, the one that has come furthest.

    Args:
        session: the unit of work.
        act: who asks.
        shown: declared files.
        files: where the bytes lie.
    """
    missing = sorted({file.sha256 for file in shown if file.arrived_at is None})
    if not missing:
        return list(shown)
    begun: dict[str, evidence.Progress] = {}
    for upload in store.list_open_of_hashes(session, district_id=act.district_id, hashes=missing):
        assert upload.sha256 is not None, "it was asked for by its hash"
        other = begun.get(upload.sha256)
        this = _progress(upload, files)
        if other is None or _furthest(this) > _furthest(other):
            begun[upload.sha256] = this
    return [
        file
        if file.arrived_at is not None
        else msgspec.structs.replace(file, progress=begun.get(file.sha256))
        for file in shown
    ]


def _progress(upload: Upload, files: depot.Depot) -> evidence.Progress:
    seen = files.look(district_id=upload.district_id, upload_id=upload.id)
    return evidence.Progress(
        received_bytes=seen.received_bytes,
        received_at=seen.received_at if seen.received_bytes else None,
        begun_at=upload.opened_at,
    )


def _furthest(progress: evidence.Progress) -> tuple[int, dt.datetime]:
    return progress.received_bytes, progress.received_at or _NEVER
