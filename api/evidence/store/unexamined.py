"""Questions about files that nobody has looked into."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api import db
from api.evidence.models import UnexaminedFile


def find_due(session: Session, *, district_id: str, due: dt.datetime) -> UnexaminedFile | None:
    """Find the file that has waited longest to be looked into, and hold it against others."""
    question = (
        select(UnexaminedFile)
        .where(UnexaminedFile.district_id == district_id, UnexaminedFile.due_at <= due)
        .order_by(UnexaminedFile.due_at, UnexaminedFile.file_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(question).one_or_none()


def add(session: Session, *, district_id: str, file_id: str, due_at: dt.datetime) -> None:
    """Ask that a file be looked into; asking again changes nothing."""
    session.execute(
        db.insert_into(session, UnexaminedFile)
        .values(district_id=district_id, file_id=file_id, due_at=due_at, attempts=0)
        .on_conflict_do_nothing(index_elements=["district_id", "file_id"])
    )


def postpone(session: Session, *, district_id: str, file_id: str) -> None:
    """Take an attempt back that was not the file's fault."""
    session.execute(
        update(UnexaminedFile)
        .where(
            UnexaminedFile.district_id == district_id,
            UnexaminedFile.file_id == file_id,
            UnexaminedFile.attempts > 0,
        )
        .values(attempts=UnexaminedFile.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, *, district_id: str, file_id: str) -> None:
    """Note that a file was looked into."""
    session.execute(
        delete(UnexaminedFile)
        .where(UnexaminedFile.district_id == district_id, UnexaminedFile.file_id == file_id)
        .execution_options(synchronize_session=False)
    )
