"""Questions about evidence: what was declared, what is under way, what has arrived."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, bindparam, case, delete, func, or_, select
from sqlalchemy.orm import Session

from api import db
from api.columns import InstantType
from api.evidence.models import Blob, EvidenceFile, Upload
from api.loading import PreparedRows
from api.prepared import Among, Prepared
from schemas.evidence import FileFault, FileState

_KNOWN: Final = db.in_hand("evidence.known")
_KEYS_PER_QUERY: Final = 500
_CHANGING: Final = (
    "district_id",
    "id",
    "size_bytes",
    "found_sha256",
    "expires_at",
    "arrived_at",
)
"""An upload's key, and what becomes of it."""
_MISSING_OF_DEVICE: Final = Prepared(
    select(EvidenceFile.sha256, func.max(EvidenceFile.size_bytes), func.max(Upload.id))
    .outerjoin(
        Upload,
        (Upload.district_id == EvidenceFile.district_id)
        & (Upload.owner == EvidenceFile.device_id)
        & (Upload.sha256 == EvidenceFile.sha256),
    )
    .where(
        EvidenceFile.district_id == bindparam("district_id"),
        EvidenceFile.device_id == bindparam("device_id"),
        EvidenceFile.arrived_at.is_(None),
    )
    .group_by(EvidenceFile.sha256)
    .order_by(func.min(EvidenceFile.received_at), EvidenceFile.sha256)
    .limit(bindparam("rows_max", type_=BigInteger()))
)
_DECLARED_OF_HASHES: Final = Prepared(
    select(
        EvidenceFile.sha256, EvidenceFile.task_id, EvidenceFile.stop_id, EvidenceFile.size_bytes
    ).where(
        EvidenceFile.district_id == bindparam("district_id"), Among(EvidenceFile.sha256, "hashes")
    )
)
_BLOBS_OF_HASHES: Final = Prepared(
    select(Blob.sha256, Blob.size_bytes, Blob.arrived_at, Blob.condemned_at, Blob.fault).where(
        Blob.district_id == bindparam("district_id"), Among(Blob.sha256, "hashes")
    )
)
_MISSING_OF_HASH: Final = PreparedRows(
    select(EvidenceFile)
    .where(
        EvidenceFile.district_id == bindparam("district_id"),
        EvidenceFile.sha256 == bindparam("sha256"),
        EvidenceFile.arrived_at.is_(None),
    )
    .order_by(EvidenceFile.id)
)
_UPLOAD: Final = PreparedRows(
    select(Upload).where(
        Upload.district_id == bindparam("district_id"), Upload.id == bindparam("upload_id")
    )
)
_UPLOAD_OF: Final = PreparedRows(
    select(Upload)
    .where(
        Upload.district_id == bindparam("district_id"),
        Upload.owner == bindparam("owner"),
        Upload.sha256 == bindparam("sha256"),
    )
    .with_for_update()
)
_BEGUN: Final = Prepared(
    select(Upload.id).where(
        Upload.district_id == bindparam("district_id"),
        Upload.owner == bindparam("owner"),
        Upload.sha256 == bindparam("sha256"),
    )
)
_OPEN_UPLOADS: Final = Prepared(
    select(func.count()).where(
        Upload.district_id == bindparam("district_id"),
        Upload.owner == bindparam("owner"),
        Upload.arrived_at.is_(None),
    )
)


@dataclasses.dataclass(slots=True)
class Known:
    """What a unit of work knows of one hash: who declared it, how large, since when it is here."""

    declared: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    size_bytes: int | None = None
    arrived_at: dt.datetime | None = None
    is_condemned: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are here, though perhaps nobody's."""
        return self.arrived_at is not None or self.is_condemned


class MissingRow(NamedTuple):
    """A file that a device still owes, and its upload if it has begun."""

    sha256: str
    size_bytes: int
    upload_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files a list holds; None does not choose."""

    task_id: str | None = None
    state: FileState | None = None


def load_known(session: Session, *, district_id: str, hashes: Sequence[str]) -> None:
    """Learn what there is of some hashes, with two questions for many."""
    known = _known(session)
    wanted = sorted({each for each in hashes if (district_id, each) not in known})
    for start in range(0, len(wanted), _KEYS_PER_QUERY):
        some = wanted[start : start + _KEYS_PER_QUERY]
        known.update({(district_id, sha256): Known() for sha256 in some})
        of = {"district_id": district_id, "hashes": some}
        for sha256, task_id, stop_id, size_bytes in _DECLARED_OF_HASHES.rows(session, **of):
            each = known[district_id, sha256]
            each.declared.add((task_id, stop_id))
            each.size_bytes = size_bytes
        for sha256, size_bytes, arrived_at, condemned_at, fault in _BLOBS_OF_HASHES.rows(
            session, **of
        ):
            each = known[district_id, sha256]
            each.size_bytes, each.is_condemned = size_bytes, condemned_at is not None
            if condemned_at is None and fault != FileFault.LOST:
                each.arrived_at = arrived_at


def get_known(session: Session, *, district_id: str, sha256: str) -> Known:
    """Tell what there is of a hash; no question if it was loaded before."""
    load_known(session, district_id=district_id, hashes=[sha256])
    return _known(session)[district_id, sha256]


def list_missing_of_device(
    session: Session, *, district_id: str, device_id: str, limit: int
) -> list[MissingRow]:
    """List the files that a device declared and has not sent, those declared first at the front."""
    found = _MISSING_OF_DEVICE.rows(
        session, district_id=district_id, device_id=device_id, rows_max=limit
    )
    return [MissingRow(*row) for row in found]


def list_missing_of_hash(
    session: Session, *, district_id: str, sha256: str
) -> Sequence[EvidenceFile]:
    """List the declared files of a hash that have not arrived, as they are now."""
    return _MISSING_OF_HASH.objects(session, district_id=district_id, sha256=sha256)


def add_blob(session: Session, *, blob: dict[str, Any]) -> None:
    """Note that a hash's bytes are here; the first note stands, unless they were given up."""
    values = {f"new_{name}": value for name, value in blob.items()}
    _insert_blob(db.dialect_of(session)).rows(session, **values)


def find_blob(session: Session, *, district_id: str, sha256: str) -> Blob | None:
    """Find the bytes of a hash that are here, as far as is known."""
    blob = session.get(Blob, (district_id, sha256), populate_existing=True)
    return None if blob is None or blob.fault == FileFault.LOST else blob


def hold_blob(session: Session, *, district_id: str, sha256: str) -> None:
    """Hold the bytes of a hash against being swept, until this unit of work is over."""
    question = select(Blob.sha256).where(Blob.district_id == district_id, Blob.sha256 == sha256)
    session.execute(question.with_for_update())


def add_upload(session: Session, *, upload: dict[str, Any]) -> Upload:
    """Open an upload, or give the one that its owner has of the same hash."""
    keys = ["district_id", "owner", "sha256"]
    db.insert_unless_there(session, Upload, upload)
    there = (
        find_upload(session, district_id=upload["district_id"], upload_id=upload["id"])
        if upload["sha256"] is None
        else find_upload_of(session, **{key: upload[key] for key in keys})
    )
    assert there is not None
    return there


def find_upload_of(session: Session, *, district_id: str, owner: str, sha256: str) -> Upload | None:
    """Find an owner's upload of a hash that it named, and hold it against being swept.

    Whoever changes it notes it.
    """
    found = _UPLOAD_OF.loose(session, district_id=district_id, owner=owner, sha256=sha256)
    return next(iter(found), None)


def is_begun(session: Session, *, district_id: str, owner: str, sha256: str) -> bool:
    """Tell whether an owner has an upload of a hash that it named."""
    return bool(_BEGUN.rows(session, district_id=district_id, owner=owner, sha256=sha256))


def count_open_uploads(session: Session, *, district_id: str, owner: str) -> int:
    """Count an owner's uploads that have not arrived."""
    ((count,),) = _OPEN_UPLOADS.rows(session, district_id=district_id, owner=owner)
    return int(count)


def list_open_of_hashes(
    session: Session, *, district_id: str, hashes: Sequence[str]
) -> Sequence[Upload]:
    """List the uploads of some hashes that have not arrived, whoever sends them."""
    question = select(Upload).where(
        Upload.district_id == district_id,
        Upload.sha256.in_(hashes),
        Upload.arrived_at.is_(None),
    )
    return session.scalars(question).all()


def find_upload(session: Session, *, district_id: str, upload_id: str) -> Upload | None:
    """Find an upload by its id, as it is now; whoever changes it notes it."""
    found = _UPLOAD.loose(session, district_id=district_id, upload_id=upload_id)
    return next(iter(found), None)


def note_upload(session: Session, upload: Upload) -> None:
    """Write down what has become of an upload."""
    db.change(session, Upload, {name: getattr(upload, name) for name in _CHANGING})


def find_final(session: Session, *, district_id: str, owner: str, joins: str) -> Upload | None:
    """Find an owner's upload that joins these parts in this order."""
    question = select(Upload).where(
        Upload.district_id == district_id, Upload.owner == owner, Upload.joins == joins
    )
    return session.scalars(question.order_by(Upload.id).limit(1)).one_or_none()


def forget_uploads(session: Session, *, district_id: str, ids: Sequence[str]) -> None:
    """Forget some uploads."""
    session.execute(
        delete(Upload)
        .where(Upload.district_id == district_id, Upload.id.in_(ids))
        .execution_options(synchronize_session=False)
    )


def forget_expired_uploads(
    session: Session, *, district_id: str, now: dt.datetime, limit: int
) -> int:
    """Forget up to `limit` uploads that are over, unless they were renewed meanwhile."""
    over = (
        select(Upload.id)
        .where(Upload.district_id == district_id, Upload.expires_at <= now)
        .order_by(Upload.expires_at)
        .limit(limit)
    )
    gone = session.execute(
        delete(Upload)
        .where(Upload.district_id == district_id, Upload.id.in_(over), Upload.expires_at <= now)
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def list_open_ids(session: Session, *, district_id: str) -> set[str]:
    """List the uploads of a district that have not arrived, by id."""
    question = select(Upload.id).where(
        Upload.district_id == district_id, Upload.arrived_at.is_(None)
    )
    return set(session.scalars(question))


def find_file(session: Session, *, district_id: str, file_id: str) -> EvidenceFile | None:
    """Find a declared file by its id, as it is now."""
    return session.get(EvidenceFile, (district_id, file_id), populate_existing=True)


def page_of_files(
    session: Session, *, district_id: str, chosen: FileFilter, after_id: str, limit: int
) -> Sequence[EvidenceFile]:
    """List declared files by id, from after one on."""
    question = (
        select(EvidenceFile)
        .where(EvidenceFile.district_id == district_id, EvidenceFile.id > after_id)
        .order_by(EvidenceFile.id)
        .limit(limit)
    )
    if chosen.task_id is not None:
        question = question.where(EvidenceFile.task_id == chosen.task_id)
    match chosen.state:
        case FileState.ARRIVED:
            question = question.where(EvidenceFile.arrived_at.is_not(None))
        case FileState.MISSING:
            question = question.where(
                EvidenceFile.arrived_at.is_(None), EvidenceFile.waived_at.is_(None)
            )
        case FileState.WAIVED:
            question = question.where(
                EvidenceFile.arrived_at.is_(None), EvidenceFile.waived_at.is_not(None)
            )
        case None:
            pass
    return session.scalars(question).all()


def list_arrived_of_hashes(
    session: Session, *, district_id: str, hashes: Sequence[str], limit: int
) -> Sequence[EvidenceFile]:
    """List the declared files of some hashes whose bytes are here, those heard of first."""
    question = (
        select(EvidenceFile)
        .where(
            EvidenceFile.district_id == district_id,
            EvidenceFile.sha256.in_(hashes),
            EvidenceFile.arrived_at.is_not(None),
        )
        .order_by(EvidenceFile.received_at, EvidenceFile.id)
        .limit(limit)
    )
    return session.scalars(question).all()


@functools.cache
def _insert_blob(dialect: str) -> Prepared:
    """Write down bytes, or believe again in those that were given up or lost."""
    arrived_at = bindparam("new_arrived_at", type_=InstantType())
    row = db.insert_for(dialect, Blob).values(
        district_id=bindparam("new_district_id"),
        sha256=bindparam("new_sha256"),
        size_bytes=bindparam("new_size_bytes"),
        arrived_at=arrived_at,
        scrubbed_at=arrived_at,
    )
    written = row.on_conflict_do_update(
        index_elements=["district_id", "sha256"],
        set_={
            "condemned_at": None,
            "fault": case((Blob.fault == FileFault.LOST, ""), else_=Blob.fault),
        },
        where=or_(Blob.condemned_at.is_not(None), Blob.fault == FileFault.LOST),
    )
    return Prepared(written.returning(Blob.sha256))


def _known(session: Session) -> dict[tuple[str, str], Known]:
    known: dict[tuple[str, str], Known] = session.info.setdefault(_KNOWN, {})
    return known
