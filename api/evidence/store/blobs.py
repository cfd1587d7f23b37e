"""Questions about whole files: which to look at again, and which nobody declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from api import db
from api.evidence.models import Blob, EvidenceFile, Upload
from schemas.evidence import FileFault

ROWS_PER_QUESTION: Final = 500


class Lying(NamedTuple):
    """A whole file that should lie in the depot, and what was last found of it."""

    sha256: str
    size_bytes: int
    fault: str


def list_scrubbed_longest_ago(session: Session, *, district_id: str, limit: int) -> list[Lying]:
    """List the files whose bytes were looked at longest ago, those first."""
    question = (
        select(Blob.sha256, Blob.size_bytes, Blob.fault)
        .where(Blob.district_id == district_id, Blob.condemned_at.is_(None))
        .order_by(Blob.scrubbed_at, Blob.sha256)
        .limit(limit)
    )
    return [Lying(*row) for row in session.execute(question)]


def walk(session: Session, *, district_id: str) -> Iterator[Lying]:
    """Walk every file that should lie in the depot, by hash, page by page."""
    after = ""
    while True:
        question = (
            select(Blob.sha256, Blob.size_bytes, Blob.fault)
            .where(
                Blob.district_id == district_id,
                Blob.condemned_at.is_(None),
                Blob.sha256 > after,
            )
            .order_by(Blob.sha256)
            .limit(ROWS_PER_QUESTION)
        )
        page = [Lying(*row) for row in session.execute(question)]
        yield from page
        if len(page) < ROWS_PER_QUESTION:
            return
        after = page[-1].sha256


def get_for_change(session: Session, *, district_id: str, sha256: str) -> Blob | None:
    """Find a file's row and hold it against changes."""
    question = select(Blob).where(Blob.district_id == district_id, Blob.sha256 == sha256)
    return session.scalars(
        question.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def note_scrubbed(
    session: Session, *, district_id: str, hashes: Sequence[str], now: dt.datetime
) -> None:
    """Note that files without a fault were looked at and have none."""
    session.execute(
        update(Blob)
        .where(Blob.district_id == district_id, Blob.sha256.in_(hashes), Blob.fault == "")
        .values(scrubbed_at=now)
        .execution_options(synchronize_session=False)
    )


def list_declared(session: Session, *, district_id: str, sha256: str) -> Sequence[EvidenceFile]:
    """List the declared files of a hash, as they are now."""
    question = (
        select(EvidenceFile)
        .where(EvidenceFile.district_id == district_id, EvidenceFile.sha256 == sha256)
        .order_by(EvidenceFile.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).all()


def page_of_faulty(
    session: Session, *, district_id: str, after: tuple[str, str] | None, limit: int
) -> list[tuple[EvidenceFile, Blob]]:
    """List the declared files whose bytes are rotten or lost, by hash and id."""
    question = (
        select(EvidenceFile, Blob)
        .join(
            Blob,
            (Blob.district_id == EvidenceFile.district_id) & (Blob.sha256 == EvidenceFile.sha256),
        )
        .where(Blob.district_id == district_id, Blob.fault.in_(tuple(FileFault)))
        .order_by(Blob.sha256, EvidenceFile.id)
        .limit(limit)
    )
    if after is not None:
        sha256, file_id = after
        question = question.where(
            or_(Blob.sha256 > sha256, (Blob.sha256 == sha256) & (EvidenceFile.id > file_id))
        )
    return [(file, blob) for file, blob in session.execute(question)]


def list_undeclared(
    session: Session, *, district_id: str, before: dt.datetime, limit: int
) -> list[str]:
    """List files that nobody declared and nobody sends, and that came before an instant."""
    question = (
        select(Blob.sha256)
        .where(
            Blob.district_id == district_id,
            Blob.arrived_at < before,
            Blob.condemned_at.is_(None),
            ~_is_wanted(),
        )
        .order_by(Blob.arrived_at)
        .limit(limit)
    )
    return list(session.scalars(question))


def list_unknown(session: Session, *, district_id: str, hashes: Collection[str]) -> set[str]:
    """List those of some hashes that no row knows: no file, no upload, no bytes."""
    unknown = set(hashes)
    ordered = sorted(unknown)
    for start in range(0, len(ordered), ROWS_PER_QUESTION):
        some = ordered[start : start + ROWS_PER_QUESTION]
        for model, column in (
            (Blob, Blob.sha256),
            (EvidenceFile, EvidenceFile.sha256),
            (Upload, Upload.sha256),
            (Upload, Upload.found_sha256),
        ):
            known = select(column).where(model.district_id == district_id, column.in_(some))
            unknown.difference_update(each for each in session.scalars(known) if each)
    return unknown


def condemn(session: Session, *, district_id: str, hashes: Sequence[str], now: dt.datetime) -> int:
    """Believe no more in files that nobody declared by now; tell how many."""
    gone = session.execute(
        update(Blob)
        .where(
            Blob.district_id == district_id,
            Blob.sha256.in_(hashes),
            Blob.condemned_at.is_(None),
            ~_is_wanted(),
        )
        .values(condemned_at=now)
        .returning(Blob.sha256)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def add_condemned(
    session: Session, *, district_id: str, found: Sequence[tuple[str, int]], now: dt.datetime
) -> int:
    """Enter bytes that no row knows, not to be believed in; tell how many."""
    if not found:
        return 0
    rows = [
        {
            "district_id": district_id,
            "sha256": sha256,
            "size_bytes": size_bytes,
            "arrived_at": now,
            "scrubbed_at": now,
            "fault": "",
            "condemned_at": now,
        }
        for sha256, size_bytes in found
    ]
    entered = session.execute(
        db.insert_into(session, Blob)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["district_id", "sha256"])
        .returning(Blob.sha256)
    )
    return len(entered.all())


def hold_condemned(
    session: Session, *, district_id: str, before: dt.datetime, limit: int
) -> Sequence[Blob]:
    """List files condemned before an instant, and hold them; those that others hold are left."""
    question = (
        select(Blob)
        .where(Blob.district_id == district_id, Blob.condemned_at < before)
        .order_by(Blob.condemned_at, Blob.sha256)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).all()


def list_wanted(session: Session, *, district_id: str, hashes: Sequence[str]) -> set[str]:
    """List those of some files that somebody has declared by now, or sends."""
    question = select(Blob.sha256).where(
        Blob.district_id == district_id, Blob.sha256.in_(hashes), _is_wanted()
    )
    return set(session.scalars(question))


def forget(session: Session, *, district_id: str, sha256: str) -> None:
    """Forget a file, and the uploads that brought it."""
    for statement in (
        delete(Upload).where(
            Upload.district_id == district_id,
            or_(Upload.sha256 == sha256, Upload.found_sha256 == sha256),
            Upload.arrived_at.is_not(None),
        ),
        delete(Blob).where(Blob.district_id == district_id, Blob.sha256 == sha256),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _is_wanted() -> ColumnElement[bool]:
    """Ask whether somebody declared a blob's file, or has an open upload of it."""
    return or_(
        exists().where(
            EvidenceFile.district_id == Blob.district_id, EvidenceFile.sha256 == Blob.sha256
        ),
        exists().where(
            Upload.district_id == Blob.district_id,
            or_(Upload.sha256 == Blob.sha256, Upload.found_sha256 == Blob.sha256),
            Upload.arrived_at.is_(None),
        ),
    )
