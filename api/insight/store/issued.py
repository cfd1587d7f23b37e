"""Questions about issued reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session, defer

from api import columns
from api.insight.models import IssuedReport
from api.tasks.models import Task


class Place(NamedTuple):
    """Where a page starts: the instant and the id of the last report before it."""

    issued_at: dt.datetime
    id: str


def find_issued(
    session: Session, *, district_id: str, span: str, first_day: dt.date
) -> IssuedReport | None:
    """Find the report that was issued of a period."""
    question = select(IssuedReport).where(
        IssuedReport.district_id == district_id,
        IssuedReport.span == span,
        IssuedReport.first_day == first_day.isoformat(),
    )
    return session.scalars(question).one_or_none()


def list_issued(
    session: Session, *, district_id: str, before: Place | None, limit: int
) -> Sequence[IssuedReport]:
    """List the reports of a district without their bytes, the latest first."""
    question = (
        select(IssuedReport)
        .where(IssuedReport.district_id == district_id)
        .options(defer(IssuedReport.body, raiseload=True))
        .order_by(IssuedReport.issued_at.desc(), IssuedReport.id.desc())
        .limit(limit)
    )
    if before is not None:
        place = (literal(before.issued_at, columns.InstantType()), literal(before.id))
        question = question.where(tuple_(IssuedReport.issued_at, IssuedReport.id) < tuple_(*place))
    return session.scalars(question).all()


def list_spans(session: Session, *, district_id: str, since: dt.date) -> set[tuple[str, str]]:
    """List which periods that begin on a day or later have their report: span and first day."""
    question = select(IssuedReport.span, IssuedReport.first_day).where(
        IssuedReport.district_id == district_id, IssuedReport.first_day >= since.isoformat()
    )
    return {(span, first_day) for span, first_day in session.execute(question)}


def find_first_work(session: Session, *, district_id: str) -> dt.datetime | None:
    """Tell when the first work of a district was opened."""
    return session.scalar(select(func.min(Task.opened_at)).where(Task.district_id == district_id))
