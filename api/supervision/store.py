"""Questions of supervision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from api import columns, db
from api.supervision.models import Action, Appeal, Case, CaseMoment
from schemas.supervision import ActionStanding, CaseState, Counted

MOMENTS_MAX: Final = 500
APPEALS_MAX: Final = 50
ACTIONS_MAX: Final = 200
POINTS_MAX: Final = 1_000
_SETTLED: Final = (CaseState.closed, CaseState.excused, CaseState.cleared)
_COUNTS: Final = (CaseState.open, CaseState.acknowledged, CaseState.closed)


class Key(NamedTuple):
    """Where a page starts: the instant and the id of the last row before it."""

    at: dt.datetime
    id: str


class CaseFilter(NamedTuple):
    """Which cases to list; None asks for all."""

    state: str | None = None
    unit_id: str | None = None
    subject_id: str | None = None
    crew_id: str | None = None
    major: bool | None = None


class ActionFilter(NamedTuple):
    """Which corrective actions to list; None asks for all."""

    standing: ActionStanding | None = None
    owner_id: str | None = None
    subject_id: str | None = None


class Sum(NamedTuple):
    """What the cases of one unit, crew or person add up to."""

    id: str
    cases: int
    points: int


def find_case(session: Session, *, district_id: str, case_id: str) -> Case | None:
    """Find a supervision case by its id."""
    return session.get(Case, (district_id, case_id))


def lock_case(session: Session, *, district_id: str, case_id: str) -> Case | None:
    """Find a supervision case, and keep it from others until the work is done."""
    return session.get(Case, (district_id, case_id), with_for_update=True)


def lock_of_subject(session: Session, *, district_id: str, subject_id: str) -> Sequence[Case]:
    """Bring the cases of a piece of work that are not settled, locked in the order of their ids."""
    question = (
        select(Case)
        .where(
            Case.district_id == district_id,
            Case.subject_id == subject_id,
            Case.state.not_in(_SETTLED),
        )
        .order_by(Case.id)
        .with_for_update()
    )
    return session.scalars(question).all()


def lock_climbing(
    session: Session, *, district_id: str, now: dt.datetime, limit: int
) -> Sequence[Case]:
    """Bring the cases that climb by now, but for those that somebody else holds."""
    question = (
        select(Case)
        .where(Case.district_id == district_id, Case.climbs_at <= now)
        .order_by(Case.climbs_at, Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).all()


def list_cases(
    session: Session,
    *,
    district_ids: Sequence[str],
    wanted: CaseFilter,
    after: Key | None,
    limit: int,
) -> Sequence[Case]:
    """List supervision cases by when they were opened."""
    question = select(Case).where(Case.district_id.in_(district_ids))
    for column, value in (
        (Case.state, wanted.state),
        (Case.unit_id, wanted.unit_id),
        (Case.subject_id, wanted.subject_id),
        (Case.crew_id, wanted.crew_id),
        (Case.major, wanted.major),
    ):
        if value is not None:
            question = question.where(column == value)
    if after is not None:
        question = question.where(tuple_(Case.opened_at, Case.id) > tuple_(*_bound(after)))
    return session.scalars(question.order_by(Case.opened_at, Case.id).limit(limit)).all()


def write_moment(session: Session, row: Mapping[str, object]) -> None:
    """Queue one line of a case's record."""
    db.append(session, CaseMoment, row)


def list_moments(session: Session, *, district_id: str, case_id: str) -> Sequence[CaseMoment]:
    """List a case's record in the order in which it was written."""
    question = (
        select(CaseMoment)
        .where(CaseMoment.district_id == district_id, CaseMoment.case_id == case_id)
        .order_by(CaseMoment.heard_at, CaseMoment.id)
        .limit(MOMENTS_MAX)
    )
    return session.scalars(question).all()


def list_appeals(session: Session, *, district_id: str, case_id: str) -> Sequence[Appeal]:
    """List the appeals against a case, the first one first."""
    question = (
        select(Appeal)
        .where(Appeal.district_id == district_id, Appeal.case_id == case_id)
        .order_by(Appeal.made_at, Appeal.id)
        .limit(APPEALS_MAX)
    )
    return session.scalars(question).all()


def find_appeal(session: Session, *, district_id: str, appeal_id: str) -> Appeal | None:
    """Find an appeal by its id."""
    return session.get(Appeal, (district_id, appeal_id))


def list_actions_of_case(session: Session, *, district_id: str, case_id: str) -> Sequence[Action]:
    """List the corrective actions that follow from a case, by when they are due."""
    question = (
        select(Action)
        .where(Action.district_id == district_id, Action.case_id == case_id)
        .order_by(Action.due_at, Action.id)
        .limit(ACTIONS_MAX)
    )
    return session.scalars(question).all()


def list_actions(
    session: Session,
    *,
    district_id: str,
    wanted: ActionFilter,
    now: dt.datetime,
    after: Key | None,
    limit: int,
) -> Sequence[Action]:
    """List corrective actions by when they are due."""
    question = select(Action).where(Action.district_id == district_id)
    match wanted.standing:
        case ActionStanding.open:
            question = question.where(Action.done_at.is_(None))
        case ActionStanding.overdue:
            question = question.where(Action.done_at.is_(None), Action.due_at < now)
        case ActionStanding.done:
            question = question.where(Action.done_at.is_not(None))
        case None:
            pass
    if wanted.owner_id is not None:
        question = question.where(Action.owner_id == wanted.owner_id)
    if wanted.subject_id is not None:
        question = question.where(Action.subject_id == wanted.subject_id)
    if after is not None:
        question = question.where(tuple_(Action.due_at, Action.id) > tuple_(*_bound(after)))
    return session.scalars(question.order_by(Action.due_at, Action.id).limit(limit)).all()


def lock_action(session: Session, *, district_id: str, action_id: str) -> Action | None:
    """Find a corrective action, and keep it from others until the work is done."""
    return session.get(Action, (district_id, action_id), with_for_update=True)


def sum_points(
    session: Session,
    *,
    district_ids: Sequence[str],
    by: Counted,
    from_at: dt.datetime,
    until_at: dt.datetime,
) -> list[Sum]:
    """Add up the breach points of promises that fell due in a period, the most first."""
    columns_by = {
        Counted.unit: Case.district_id,
        Counted.crew: Case.crew_id,
        Counted.person: Case.person_id,
    }
    whose = columns_by[by]
    total = func.sum(Case.points)
    question = (
        select(whose, func.count(), total)
        .where(
            Case.district_id.in_(district_ids),
            Case.due_at >= from_at,
            Case.due_at < until_at,
            Case.state.in_(_COUNTS),
            whose.is_not(None),
        )
        .group_by(whose)
        .order_by(total.desc(), whose)
        .limit(POINTS_MAX)
    )
    return [Sum(str(who), cases, int(points)) for who, cases, points in session.execute(question)]


def _bound(key: Key) -> tuple[ColumnElement[dt.datetime], ColumnElement[str]]:
    """Bind a key by its columns' own types, so that instants compare as they are stored."""
    return literal(key.at, columns.InstantType()), literal(key.id)
