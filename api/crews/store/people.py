"""Questions about people."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crews.models import Person, Unit
from api.crews.store import units


def find_by_login(session: Session, *, login: str) -> Person | None:
    """Find a person by login, which is kept case-folded."""
    return session.scalars(select(Person).where(Person.login == login)).one_or_none()


def find_beneath(session: Session, *, person_id: str, path: str) -> Person | None:
    """Find a person if their unit is the path's own or lies beneath it."""
    question = select(Person).join(Unit).where(Person.id == person_id, units.beneath(path))
    return session.scalars(question).one_or_none()


def page_beneath(
    session: Session, *, path: str, after_id: str | None, limit: int
) -> Sequence[Person]:
    """List the people of a part of the tree after an id, the departed too."""
    question = select(Person).join(Unit).where(units.beneath(path))
    if after_id is not None:
        question = question.where(Person.id > after_id)
    return session.scalars(question.order_by(Person.id).limit(limit)).all()


def list_active(
    session: Session, *, district_id: str, person_ids: Collection[str]
) -> Sequence[Person]:
    """List those of the people named who belong to the district and have not left."""
    question = select(Person).where(
        Person.unit_id == district_id, Person.id.in_(person_ids), Person.left_at.is_(None)
    )
    return session.scalars(question).all()


def list_names(session: Session, *, ids: Collection[str]) -> dict[str, str]:
    """Tell what people are called, those who have left too."""
    question = select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.id)
    return {row.id: row.name for row in session.execute(question)}
