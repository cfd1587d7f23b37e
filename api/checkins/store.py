"""Questions about check-ins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from api.checkins.models import CheckIn


class Place(NamedTuple):
    """Where in a list a page starts: behind this check-in."""

    happened_at: dt.datetime
    id: str


class Span(NamedTuple):
    """A stretch of time, its end left out."""

    start: dt.datetime
    end: dt.datetime


def list_of_task(
    session: Session, *, district_id: str, task_id: str, limit: int
) -> Sequence[CheckIn]:
    """List a task's check-ins in the order in which they happened."""
    question = (
        select(CheckIn)
        .where(CheckIn.district_id == district_id, CheckIn.task_id == task_id)
        .order_by(CheckIn.happened_at, CheckIn.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def list_in(
    session: Session,
    *,
    district_id: str,
    span: Span,
    verdict: str | None,
    person_id: str | None,
    remedied: bool | None,
    behind: Place | None,
    limit: int,
) -> Sequence[CheckIn]:
    """List a district's check-ins of a stretch of time in the order in which they happened."""
    question = (
        select(CheckIn)
        .where(
            CheckIn.district_id == district_id,
            CheckIn.happened_at >= span.start,
            CheckIn.happened_at < span.end,
        )
        .order_by(CheckIn.happened_at, CheckIn.id)
        .limit(limit)
    )
    if verdict is not None:
        question = question.where(CheckIn.verdict == verdict)
    if person_id is not None:
        question = question.where(CheckIn.person_id == person_id)
    if remedied is not None:
        bare = CheckIn.remedies.is_(None)
        question = question.where(~bare if remedied else bare)
    if behind is not None:
        later = CheckIn.happened_at > behind.happened_at
        same = and_(CheckIn.happened_at == behind.happened_at, CheckIn.id > behind.id)
        question = question.where(or_(later, same))
    return session.scalars(question).all()
