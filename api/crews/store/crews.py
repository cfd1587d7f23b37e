"""Questions about crews, their members, areas and shifts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, delete, exists, or_, select
from sqlalchemy.orm import Session

from api.crews.models import Crew, CrewArea, CrewMember, FormerMember, Person, Shift
from api.prepared import Among, Prepared
from schemas.rules.belonging import Stay

SHIFTS_MAX: Final = 1_000
"""The most shifts that are looked at for one stretch of a crew's calendar."""


class Member(NamedTuple):
    """A person in a crew, by name."""

    crew_id: str
    person_id: str
    name: str


def find_crew(session: Session, *, district_id: str, crew_id: str) -> Crew | None:
    """Find a crew."""
    return session.get(Crew, (district_id, crew_id))


def lock_crew(session: Session, *, district_id: str, crew_id: str) -> Crew | None:
    """Find a crew and keep others from changing it."""
    question = (
        select(Crew)
        .where(Crew.district_id == district_id, Crew.id == crew_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).one_or_none()


def page_crews(
    session: Session,
    *,
    district_id: str,
    area_id: str | None,
    disbanded: bool,
    after_id: str | None,
    limit: int,
) -> Sequence[Crew]:
    """List crews after an id: the living ones, or those too that were disbanded."""
    question = select(Crew).where(Crew.district_id == district_id)
    if not disbanded:
        question = question.where(Crew.disbanded_at.is_(None))
    if area_id is not None:
        serves = exists().where(
            CrewArea.district_id == Crew.district_id,
            CrewArea.crew_id == Crew.id,
            CrewArea.area_id == area_id,
        )
        question = question.where(serves)
    if after_id is not None:
        question = question.where(Crew.id > after_id)
    return session.scalars(question.order_by(Crew.id).limit(limit)).all()


def list_on_duty(session: Session, *, district_id: str, at: dt.datetime) -> Sequence[Crew]:
    """List the crews that have a shift at an instant."""
    shift = exists().where(
        Shift.district_id == Crew.district_id, Shift.crew_id == Crew.id, _covers(at)
    )
    question = select(Crew).where(
        Crew.district_id == district_id, Crew.disbanded_at.is_(None), shift
    )
    return session.scalars(question.order_by(Crew.id)).all()


def list_crew_ids_on_duty(
    session: Session, *, district_id: str, crew_ids: Collection[str], at: dt.datetime
) -> set[str]:
    """Tell which of some crews have a shift at an instant."""
    question = select(Shift.crew_id).where(
        Shift.district_id == district_id, Shift.crew_id.in_(crew_ids), _covers(at)
    )
    return set(session.scalars(question))


def list_crew_ids_of(session: Session, *, district_id: str, person_id: str) -> Sequence[str]:
    """List the ids of the living crews of a district that a person is in."""
    question = (
        select(CrewMember.crew_id)
        .join(Crew, _crew_of_member())
        .where(
            CrewMember.district_id == district_id,
            CrewMember.person_id == person_id,
            Crew.disbanded_at.is_(None),
        )
        .order_by(CrewMember.crew_id)
    )
    return session.scalars(question).all()


def list_crews_of(session: Session, *, person_id: str) -> Sequence[Crew]:
    """List the living crews that a person is in."""
    question = (
        select(Crew)
        .join(CrewMember, _crew_of_member())
        .where(CrewMember.person_id == person_id, Crew.disbanded_at.is_(None))
        .order_by(Crew.district_id, Crew.id)
    )
    return session.scalars(question).all()


def list_members(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Sequence[Member]:
    """List the members of crews, by crew and id."""
    question = (
        select(CrewMember.crew_id, Person.id, Person.name)
        .join(Person, Person.id == CrewMember.person_id)
        .where(CrewMember.district_id == district_id, CrewMember.crew_id.in_(crew_ids))
        .order_by(CrewMember.crew_id, Person.id)
    )
    return [Member(*row) for row in session.execute(question)]


def list_memberships(session: Session, *, district_id: str, crew_id: str) -> Sequence[CrewMember]:
    """List who is in a crew since when, by id."""
    question = (
        select(CrewMember)
        .where(CrewMember.district_id == district_id, CrewMember.crew_id == crew_id)
        .order_by(CrewMember.person_id)
    )
    return session.scalars(question).all()


def list_ended_stays(session: Session, *, district_id: str, person_id: str) -> list[Stay]:
    """List a person's times in crews that they left, or that were disbanded."""
    left = select(FormerMember.crew_id, FormerMember.since, FormerMember.until).where(
        FormerMember.district_id == district_id, FormerMember.person_id == person_id
    )
    disbanded = (
        select(CrewMember.crew_id, CrewMember.since, Crew.disbanded_at)
        .join(Crew, _crew_of_member())
        .where(
            CrewMember.district_id == district_id,
            CrewMember.person_id == person_id,
            Crew.disbanded_at.is_not(None),
        )
    )
    found = [*session.execute(left), *session.execute(disbanded)]
    return [Stay(crew_id, since, until) for crew_id, since, until in found]


def list_former_members(
    session: Session, *, district_id: str, crew_ids: Collection[str]
) -> Sequence[FormerMember]:
    """List who was in one of some crews and left it."""
    question = select(FormerMember).where(
        FormerMember.district_id == district_id, FormerMember.crew_id.in_(crew_ids)
    )
    return session.scalars(question.order_by(FormerMember.until, FormerMember.id)).all()


def list_areas(
    session: Session, *, district_id: str, crew_ids: Collection[str], at: dt.datetime
) -> Sequence[CrewArea]:
    """List the areas that crews serve at an instant; a loan that has ended is none."""
    question = select(CrewArea).where(
        CrewArea.district_id == district_id, CrewArea.crew_id.in_(crew_ids), _holds(at)
    )
    return session.scalars(question.order_by(CrewArea.crew_id, CrewArea.area_id)).all()


def list_area_ids_of(
    session: Session, *, district_id: str, crew_ids: Sequence[str], at: dt.datetime, limit: int
) -> Sequence[str]:
    """List the ids of the areas that some crews serve at an instant, in order."""
    if not crew_ids:
        return []
    found = _AREA_IDS.rows(
        session, district_id=district_id, crew_ids=crew_ids, at=at, rows_max=limit
    )
    return [area_id for (area_id,) in found]


def list_living_areas(session: Session, *, district_id: str, at: dt.datetime) -> Sequence[CrewArea]:
    """List the areas of every living crew at an instant."""
    question = (
        select(CrewArea)
        .join(Crew, and_(Crew.district_id == CrewArea.district_id, Crew.id == CrewArea.crew_id))
        .where(CrewArea.district_id == district_id, Crew.disbanded_at.is_(None), _holds(at))
        .order_by(CrewArea.area_id, CrewArea.crew_id)
    )
    return session.scalars(question).all()


def find_area(session: Session, *, district_id: str, crew_id: str, area_id: str) -> CrewArea | None:
    """Find what ties a crew to an area."""
    return session.get(CrewArea, (district_id, crew_id, area_id))


def forget_areas(
    session: Session, *, district_id: str, crew_id: str, own_or_in: Collection[str]
) -> None:
    """Take a crew's own areas from it, and its loans to the areas named; other loans stay."""
    session.execute(
        delete(CrewArea).where(
            CrewArea.district_id == district_id,
            CrewArea.crew_id == crew_id,
            or_(CrewArea.reason.is_(None), CrewArea.area_id.in_(own_or_in)),
        )
    )


def find_shift(session: Session, *, district_id: str, crew_id: str, shift_id: str) -> Shift | None:
    """Find a crew's shift."""
    shift = session.get(Shift, (district_id, shift_id))
    return shift if shift is not None and shift.crew_id == crew_id else None


def page_shifts(
    session: Session,
    *,
    district_id: str,
    crew_id: str,
    ending_after: dt.datetime,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[Shift]:
    """List a crew's shifts that end after an instant, in the order of their starts."""
    question = select(Shift).where(
        Shift.district_id == district_id,
        Shift.crew_id == crew_id,
        or_(Shift.ends_at.is_(None), Shift.ends_at > ending_after),
    )
    if after is not None:
        starts_at, shift_id = after
        question = question.where(
            or_(
                Shift.starts_at > starts_at,
                and_(Shift.starts_at == starts_at, Shift.id > shift_id),
            )
        )
    return session.scalars(question.order_by(Shift.starts_at, Shift.id).limit(limit)).all()


def list_shifts_between(
    session: Session, *, district_id: str, crew_id: str, start: dt.datetime, end: dt.datetime
) -> Sequence[Shift]:
    """List a crew's shifts that meet a stretch of time, in the order of their starts."""
    question = (
        select(Shift)
        .where(
            Shift.district_id == district_id,
            Shift.crew_id == crew_id,
            Shift.starts_at < end,
            or_(Shift.ends_at.is_(None), Shift.ends_at > start),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(SHIFTS_MAX)
    )
    return session.scalars(question).all()


def _crew_of_member() -> ColumnElement[bool]:
    return and_(Crew.district_id == CrewMember.district_id, Crew.id == CrewMember.crew_id)


def _covers(at: dt.datetime) -> ColumnElement[bool]:
    return and_(Shift.starts_at <= at, or_(Shift.ends_at.is_(None), Shift.ends_at > at))


def _holds(at: dt.datetime) -> ColumnElement[bool]:
    return or_(CrewArea.until.is_(None), CrewArea.until > at)


_AREA_IDS: Final = Prepared(
    select(CrewArea.area_id)
    .where(
        CrewArea.district_id == bindparam("district_id"),
        Among(CrewArea.crew_id, "crew_ids"),
        or_(CrewArea.until.is_(None), CrewArea.until > bindparam("at")),
    )
    .distinct()
    .order_by(CrewArea.area_id)
    .limit(bindparam("rows_max", type_=BigInteger()))
)
