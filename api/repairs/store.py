"""Questions about reports of trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import db
from api.repairs.models import RepairReport


def claim(session: Session, row: Mapping[str, object]) -> bool:
    """Take a reporter's key with its first report; False when it is taken.

    Two at once wait for each other here, so that one of them finds the other's order.
    """
    db.write_queued(session)
    statement = (
        db.insert_into(session, RepairReport)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["district_id", "reporter_id", "key"])
        .returning(RepairReport.id)
    )
    return session.scalars(statement).first() is not None


def find_by_key(
    session: Session, *, district_id: str, reporter_id: str, key: str
) -> RepairReport | None:
    """Find the report that a reporter sent under a key."""
    question = select(RepairReport).where(
        RepairReport.district_id == district_id,
        RepairReport.reporter_id == reporter_id,
        RepairReport.key == key,
    )
    return session.scalars(question).first()


def list_reports(
    session: Session,
    *,
    district_id: str,
    task_id: str | None,
    channel: str | None,
    after_id: str | None,
    limit: int,
) -> Sequence[RepairReport]:
    """List reports by id, which is the order in which they were taken."""
    question = (
        select(RepairReport)
        .where(RepairReport.district_id == district_id)
        .order_by(RepairReport.id)
        .limit(limit)
    )
    if task_id is not None:
        question = question.where(RepairReport.task_id == task_id)
    if channel is not None:
        question = question.where(RepairReport.channel == channel)
    if after_id is not None:
        question = question.where(RepairReport.id > after_id)
    return session.scalars(question).all()
