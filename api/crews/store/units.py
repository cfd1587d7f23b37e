"""Questions about the organisation tree."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from api.crews.models import Unit
from schemas.crews import Level


def find_unit(session: Session, *, unit_id: str) -> Unit | None:
    """Find a unit by id."""
    return session.get(Unit, unit_id)


def find_unit_beneath(session: Session, *, unit_id: str, path: str) -> Unit | None:
    """Find a unit if it is the path's own or lies beneath it."""
    return session.scalars(select(Unit).where(Unit.id == unit_id, beneath(path))).one_or_none()


def list_districts_beneath(session: Session, *, path: str, limit: int) -> Sequence[Unit]:
    """List the districts of a part of the tree, in the order of their paths."""
    question = select(Unit).where(Unit.level == Level.DISTRICT, beneath(path))
    return session.scalars(question.order_by(Unit.path).limit(limit)).all()


def page_beneath(
    session: Session, *, path: str, after_path: str | None, limit: int
) -> Sequence[Unit]:
    """List the units of a part of the tree after a path, parents before children."""
    question = select(Unit).where(beneath(path))
    if after_path is not None:
        question = question.where(Unit.path > after_path)
    return session.scalars(question.order_by(Unit.path).limit(limit)).all()


def list_on_path(session: Session, *, path: str) -> Sequence[Unit]:
    """List the units that a path names, from the bottom up."""
    question = select(Unit).where(Unit.id.in_(path.strip("/").split("/")))
    return session.scalars(question.order_by(Unit.path.desc())).all()


def beneath(path: str) -> ColumnElement[bool]:
    """Restrict a question on units to a part of the tree; `/` is all of it."""
    if path == "/":
        return true()
    return or_(Unit.path == path, Unit.path.startswith(f"{path}/", autoescape=True))
