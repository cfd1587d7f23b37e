"""Questions of promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from api import columns, db
from api.loading import PreparedRows
from api.prepared import Among
from api.promises.models import (
    Calendar,
    CalendarDay,
    Clock,
    ClockMoment,
    DistrictPolicy,
)
from schemas.rules import windows
from schemas.rules.clocks import RUNNING, State

MOMENTS_MAX: Final = 500
CHOICES_MAX: Final = 100
PROVISIONAL_MAX: Final = 10_000


class Key(NamedTuple):
    """Where a page starts: the instant and the id of the last row before it."""

    at: dt.datetime
    id: str


class ClockFilter(NamedTuple):
    """Which clocks to list; None asks for all.

    With `foreseen`, those that run and cannot be met are listed besides.
    """

    states: Sequence[str] | None = None
    foreseen: bool = False
    due_before: dt.datetime | None = None
    crew_id: str | None = None
    subject_id: str | None = None


_LOCK_CLOCKS: Final = PreparedRows(
    select(Clock)
    .where(Clock.district_id == bindparam("district_id"), Among(Clock.subject_id, "subject_ids"))
    .order_by(Clock.subject_id, Clock.id)
    .with_for_update()
)


def lock_clocks(session: Session, *, district_id: str, subject_ids: Iterable[str]) -> list[Clock]:
    """Bring the clocks of some subjects into the unit of work, locked in the order of their ids."""
    return _LOCK_CLOCKS.objects(
        session, district_id=district_id, subject_ids=sorted(set(subject_ids))
    )


def lock_due(
    session: Session, *, district_id: str, now: dt.datetime, limit: int
) -> Sequence[Clock]:
    """Bring the clocks that time may change by now, but for those that somebody else holds."""
    question = (
        select(Clock)
        .where(Clock.district_id == district_id, Clock.next_at <= now)
        .order_by(Clock.next_at, Clock.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).all()


def lock_foreseeable(
    session: Session, *, district_id: str, due_between: tuple[dt.datetime, dt.datetime], limit: int
) -> Sequence[Clock]:
    """Bring the clocks that crews are still to meet and nobody was warned of, the next due first.

    Those that somebody else holds are left to them.
    """
    after, before = due_between
    question = (
        select(Clock)
        .where(
            Clock.district_id == district_id,
            Clock.state.in_(sorted(RUNNING)),
            Clock.due_at > after,
            Clock.due_at <= before,
            Clock.stop_event.in_(sorted(windows.Aim)),
            Clock.crew_id.is_not(None),
            Clock.risk_at.is_(None),
        )
        .order_by(Clock.due_at, Clock.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).all()


def lock_provisional(session: Session, *, district_id: str) -> Sequence[Clock]:
    """Bring the clocks that still run and whose due date rests on an unpublished year."""
    question = (
        select(Clock)
        .where(
            Clock.district_id == district_id,
            Clock.due_provisional.is_(True),
            Clock.stopped_at.is_(None),
            Clock.voided_at.is_(None),
        )
        .order_by(Clock.subject_id, Clock.id)
        .limit(PROVISIONAL_MAX)
        .with_for_update()
    )
    return session.scalars(question).all()


def find_clock(session: Session, *, district_id: str, clock_id: str) -> Clock | None:
    """Find a clock by its id."""
    return session.get(Clock, (district_id, clock_id))


def list_clocks_of_ids(
    session: Session, *, district_id: str, ids: Collection[str]
) -> Sequence[Clock]:
    """List some clocks by their ids."""
    question = select(Clock).where(Clock.district_id == district_id, Clock.id.in_(ids))
    return session.scalars(question).all()


def list_clocks(
    session: Session,
    *,
    district_id: str,
    wanted: ClockFilter,
    after: Key | None,
    limit: int,
) -> Sequence[Clock]:
    """List clocks by when they are due."""
    question = select(Clock).where(Clock.district_id == district_id)
    if wanted.states is not None:
        listed = Clock.state.in_(wanted.states)
        lost = and_(Clock.state == State.running, Clock.risk_at.is_not(None))
        question = question.where(or_(listed, lost) if wanted.foreseen else listed)
    if wanted.due_before is not None:
        question = question.where(Clock.due_at < wanted.due_before)
    if wanted.crew_id is not None:
        question = question.where(Clock.crew_id == wanted.crew_id)
    if wanted.subject_id is not None:
        question = question.where(Clock.subject_id == wanted.subject_id)
    if after is not None:
        question = question.where(tuple_(Clock.due_at, Clock.id) > tuple_(*_bound(after)))
    return session.scalars(question.order_by(Clock.due_at, Clock.id).limit(limit)).all()


def list_moments(session: Session, *, district_id: str, clock_id: str) -> Sequence[ClockMoment]:
    """List a clock's ledger in the order in which it was written."""
    question = (
        select(ClockMoment)
        .where(ClockMoment.district_id == district_id, ClockMoment.clock_id == clock_id)
        .order_by(ClockMoment.heard_at, ClockMoment.id)
        .limit(MOMENTS_MAX)
    )
    return session.scalars(question).all()


def write_moment(session: Session, row: Mapping[str, object]) -> None:
    """Queue one line of a ledger."""
    db.append(session, ClockMoment, row)


def list_choices(session: Session, *, district_id: str) -> Sequence[DistrictPolicy]:
    """List which policy sets a district chose, the latest first."""
    question = (
        select(DistrictPolicy)
        .where(DistrictPolicy.district_id == district_id)
        .order_by(DistrictPolicy.effective_from.desc())
        .limit(CHOICES_MAX)
    )
    return session.scalars(question).all()


def find_choice(
    session: Session, *, district_id: str, effective_from: dt.datetime
) -> DistrictPolicy | None:
    """Find the choice that holds from exactly this instant."""
    return session.get(DistrictPolicy, (district_id, effective_from))


def find_calendar(session: Session, *, district_id: str) -> Calendar | None:
    """Find what is set for a district's calendar."""
    return session.get(Calendar, district_id)


def lock_calendar(session: Session, *, district_id: str) -> Calendar | None:
    """Find a district's calendar, and keep it from others until the work is done."""
    return session.get(Calendar, district_id, with_for_update=True)


def list_days(session: Session, *, district_id: str) -> Sequence[CalendarDay]:
    """List the days that differ from their weekday."""
    question = (
        select(CalendarDay).where(CalendarDay.district_id == district_id).order_by(CalendarDay.day)
    )
    return session.scalars(question).all()


def replace_days(
    session: Session, *, district_id: str, year: int, days: Iterable[CalendarDay]
) -> None:
    """Put other days in the place of a year's."""
    session.execute(
        delete(CalendarDay).where(
            CalendarDay.district_id == district_id,
            CalendarDay.day >= f"{year:04}-01-01",
            CalendarDay.day <= f"{year:04}-12-31",
        )
    )
    session.add_all(days)
    session.flush()


def _bound(key: Key) -> tuple[ColumnElement[dt.datetime], ColumnElement[str]]:
    """Bind a key by its columns' own types, so that instants compare as they are stored."""
    return literal(key.at, columns.InstantType()), literal(key.id)
