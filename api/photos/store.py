"""Questions about pictures and likenesses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api import db
from api.photos.models import Likeness, Picture

_BANDS: Final = (Picture.band_0, Picture.band_1, Picture.band_2, Picture.band_3)


def find_picture(session: Session, *, district_id: str, sha256: str) -> Picture | None:
    """Find what is known of a hash."""
    return session.get(Picture, (district_id, sha256), populate_existing=True)


def put_picture(session: Session, *, picture: dict[str, Any]) -> None:
    """Write what is known of a hash, in the place of what was known before."""
    row = db.insert_into(session, Picture).values(**picture)
    changed = {name: row.excluded[name] for name in picture if name not in _KEY}
    session.execute(row.on_conflict_do_update(index_elements=list(_KEY), set_=changed))


def list_in_bands(
    session: Session,
    *,
    district_id: str,
    bands: Sequence[Collection[int]],
    but_sha256: str,
    limit: int,
) -> Sequence[Picture]:
    """List the pictures any of whose bands has one of its values, the latest first.

    Args:
        session: the unit of work.
        district_id: of which district.
        bands: the values of each band.
        but_sha256: a hash that is not asked for.
        limit: the most that are listed.
    """
    found: dict[str, Picture] = {}
    for column, values in zip(_BANDS, bands, strict=True):
        question = (
            select(Picture)
            .where(
                Picture.district_id == district_id,
                column.in_(sorted(values)),
                Picture.sha256 != but_sha256,
            )
            .order_by(Picture.examined_at.desc(), Picture.sha256)
            .limit(limit)
        )
        found.update((each.sha256, each) for each in session.scalars(question))
    return list(found.values())


def add_likeness(session: Session, *, likeness: dict[str, Any]) -> bool:
    """Raise a question about two files, unless it was raised before."""
    row = db.insert_into(session, Likeness).values(**likeness)
    pair = ["district_id", "file_id", "other_id"]
    added = session.execute(
        row.on_conflict_do_nothing(index_elements=pair).returning(Likeness.id)
    ).first()
    return added is not None


def find_likeness_held(session: Session, *, district_id: str, likeness_id: str) -> Likeness | None:
    """Find a question as it is now, and hold it against others."""
    question = (
        select(Likeness)
        .where(Likeness.district_id == district_id, Likeness.id == likeness_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(question).one_or_none()


def list_likenesses_of(
    session: Session, *, district_id: str, file_id: str, limit: int
) -> Sequence[Likeness]:
    """List the questions that a file is part of, oldest first."""
    question = (
        select(Likeness)
        .where(
            Likeness.district_id == district_id,
            or_(Likeness.file_id == file_id, Likeness.other_id == file_id),
        )
        .order_by(Likeness.id)
        .limit(limit)
    )
    return session.scalars(question).all()


def page_of_likenesses(
    session: Session, *, district_id: str, state: str | None, after_id: str, limit: int
) -> Sequence[Likeness]:
    """List questions by id, from after one on."""
    question = (
        select(Likeness)
        .where(Likeness.district_id == district_id, Likeness.id > after_id)
        .order_by(Likeness.id)
        .limit(limit)
    )
    if state is not None:
        question = question.where(Likeness.state == state)
    return session.scalars(question).all()


_KEY: Final = ("district_id", "sha256")
