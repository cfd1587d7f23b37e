"""What of an order lies in files of its own: operations as they came, and evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import service as evidence
from api.evidence.models import EvidenceFile
from api.photos import service as photos
from api.sync import about, words
from api.sync.models import Quarantined, Receipt
from schemas import bundles, places, quarantine, sync
from schemas.bundles import FileStanding
from schemas.photos import Likeness, Picture, PictureState
from schemas.rules.sniffing import Kind

FILES_MAX: Final = 5_000
EXTENSIONS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.jpeg: "jpg",
        Kind.png: "png",
        Kind.webp: "webp",
        Kind.heif: "heic",
        Kind.avif: "avif",
        Kind.gif: "gif",
        Kind.tiff: "tiff",
        Kind.svg: "bin",  # a browser would run what is in it
        Kind.pdf: "pdf",
        Kind.video: "mp4",
        Kind.archive: "zip",
        Kind.unknown: "bin",
    }
)
SHOWN_BY_BROWSERS: Final = frozenset({Kind.jpeg, Kind.png, Kind.webp})


@dataclasses.dataclass(frozen=True, slots=True)
class Filed:
    """A declared file before its bytes are looked at, and what is known of them."""

    file: bundles.File
    photo: bundles.Photo
    is_here: bool

    @property
    def may_be_shown(self) -> bool:
        """Whether it was opened within the bounds of the server, and is not only bytes."""
        return self.photo.picture.state is PictureState.READ


def operations_of(told: about.About) -> list[tuple[bundles.Operation, bytes]]:
    """Shape operations, each with its bytes: those that have a receipt, then those kept out."""
    made = [(_of_receipt(receipt), wire) for receipt, wire in told.receipts]
    made += [(_of_kept_out(row), row.wire) for row in told.kept_out]
    return [
        (msgspec.structs.replace(operation, path=f"{bundles.OPERATIONS_FOLDER}{at:05}.json"), wire)
        for at, (operation, wire) in enumerate(made, 1)
    ]


def files_of(session: Session, *, act: Act, task_id: str) -> list[Filed]:
    """Shape an order's declared files.

    Raises:
        NotFound: there is no such order for this principal.
    """
    rows = evidence.list_of_task(session, act=act, task_id=task_id, limit=FILES_MAX)
    return [_filed(row, photos.get_picture(session, act=act, file_id=row.id)) for row in rows]


def _of_receipt(receipt: Receipt) -> bundles.Operation:
    return bundles.Operation(
        device_id=receipt.device_id,
        n=receipt.n,
        operation_id=receipt.operation_id,
        type=receipt.type,
        path="-",
        sha256=receipt.sha256,
        happened_at=receipt.happened_at,
        error_s=receipt.error_s,
        clock_suspect=receipt.clock_suspect,
        received_at=receipt.received_at,
        status=sync.Status(receipt.status),
        code=receipt.code,
        detail=words.of(receipt.code, receipt.fields),
    )


def _of_kept_out(row: Quarantined) -> bundles.Operation:
    code = row.code or ""
    return bundles.Operation(
        device_id=row.device_id,
        n=row.n,
        operation_id=row.operation_id,
        type=row.type,
        path="-",
        sha256=row.sha256,
        happened_at=row.happened_at,
        error_s=row.error_s,
        clock_suspect=row.clock_suspect,
        received_at=row.received_at,
        status=sync.Status(row.outcome) if row.outcome else None,
        code=code,
        detail=words.of(code, row.fields or {}) if code else None,
        kept_out=bundles.KeptOut(
            reason=quarantine.Reason(row.reason),
            state=quarantine.State(row.state),
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            why=row.why,
        ),
    )


def _filed(row: EvidenceFile, picture: Picture) -> Filed:
    waived = FileStanding.WAIVED if row.waived_at else FileStanding.MISSING
    file = bundles.File(
        file=row.view(),
        device_id=row.device_id,
        received_at=row.received_at,
        error_s=row.error_s,
        clock_suspect=row.clock_suspect,
        fix=None if row.fix is None else msgspec.convert(row.fix, places.Fix),
        standing=FileStanding.HERE if row.arrived_at else waived,
        path=None,
        media_type=None,
        is_shown=False,
    )
    reused = [_reused(each) for each in picture.likenesses]
    photo = bundles.Photo(picture=msgspec.structs.replace(picture, likenesses=[]), reused=reused)
    return Filed(file, photo, is_here=row.arrived_at is not None)


def _reused(likeness: Likeness) -> bundles.Reused:
    return bundles.Reused(
        state=likeness.state,
        same_bytes=likeness.same_bytes,
        raised_at=likeness.raised_at,
        decided_at=likeness.decided_at,
        decided_by=likeness.decided_by,
        note=likeness.note,
        words=likeness.words,
    )
