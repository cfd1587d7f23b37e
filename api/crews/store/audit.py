"""Questions about the acts of the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from api import db
from api.crews.models import AuditLine


def append(session: Session, *, line: Mapping[str, object]) -> None:
    """Queue a line to be written with the work that it tells of."""
    db.append(session, AuditLine, line)


def page_before(
    session: Session, *, district_id: str, before: tuple[dt.datetime, str] | None, limit: int
) -> Sequence[AuditLine]:
    """List a district's lines, newest first, older than a line's instant and id."""
    question = select(AuditLine).where(AuditLine.district_id == district_id)
    if before is not None:
        question = question.where(tuple_(AuditLine.at, AuditLine.id) < before)
    newest_first = question.order_by(AuditLine.at.desc(), AuditLine.id.desc())
    return session.scalars(newest_first.limit(limit)).all()
