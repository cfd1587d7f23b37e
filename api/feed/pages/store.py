"""Questions of pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import BigInteger, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from api import db
from api.feed.models import FeedEntry, FeedHead, FeedPage, FeedSnapshot
from api.prepared import Prepared

_PAGES: Final = cast("Table", FeedPage.__table__)
_BEYOND: Final = (
    FeedPage.district_id == bindparam("district_id"),
    FeedPage.audience == bindparam("audience"),
    FeedPage.through > bindparam("number"),
)
_SHEETS: Final = Prepared(
    select(FeedPage.after, FeedPage.through, FeedPage.rows, FeedPage.tells_gone)
    .where(*_BEYOND)
    .order_by(FeedPage.through)
    .limit(bindparam("rows_max", type_=BigInteger()))
)
_FRAMES: Final = Prepared(
    select(FeedPage.changes)
    .where(*_BEYOND, FeedPage.through <= bindparam("through"))
    .order_by(FeedPage.through),
    large=True,
)


class Snapshot(NamedTuple):
    """How far an audience's pages reach; without any, all is 0."""

    generation: int = 0
    base: int = 0
    through: int = 0
    rows: int = 0


class Sheet(NamedTuple):
    """A page without its bytes."""

    after: int
    through: int
    rows: int
    tells_gone: bool


def find_snapshot(session: Session, *, district_id: str, audience: str) -> Snapshot:
    """Tell how far an audience's pages reach."""
    question = select(
        FeedSnapshot.generation, FeedSnapshot.base, FeedSnapshot.through, FeedSnapshot.rows
    ).where(FeedSnapshot.district_id == district_id, FeedSnapshot.audience == audience)
    row = session.execute(question).first()
    return Snapshot(*row) if row else Snapshot()


def list_sheets(
    session: Session, *, district_id: str, audience: str, number: int, limit: int
) -> list[Sheet]:
    """List the pages that reach beyond a number, in their order."""
    found = _SHEETS.rows(
        session, district_id=district_id, audience=audience, number=number, rows_max=limit
    )
    return [Sheet(*row) for row in found]


def list_frames(
    session: Session, *, district_id: str, audience: str, number: int, through: int
) -> Sequence[bytes]:
    """Give the bytes of the pages that reach beyond a number and no farther than another."""
    found = _FRAMES.rows(
        session, district_id=district_id, audience=audience, number=number, through=through
    )
    return [changes for (changes,) in found]


def list_behind(session: Session, *, numbers: int) -> list[tuple[str, str]]:
    """List the audiences (district, audience) whose pages are at least so many numbers behind."""
    paged = func.coalesce(FeedSnapshot.through, 0)
    question = (
        select(FeedHead.district_id, FeedHead.audience)
        .outerjoin(
            FeedSnapshot,
            (FeedSnapshot.district_id == FeedHead.district_id)
            & (FeedSnapshot.audience == FeedHead.audience),
        )
        .where(FeedHead.number - paged >= numbers)
        .order_by(FeedHead.district_id, FeedHead.audience)
    )
    return [(row[0], row[1]) for row in session.execute(question)]


def count_live(session: Session, *, district_id: str, audience: str) -> int:
    """Count what an audience holds."""
    question = select(func.count()).where(
        FeedEntry.district_id == district_id,
        FeedEntry.audience == audience,
        FeedEntry.gone.is_(False),
    )
    return session.scalars(question).one()


def count_beyond(session: Session, *, district_id: str, audience: str, number: int) -> int:
    """Count an audience's entries after a number."""
    question = select(func.count()).where(
        FeedEntry.district_id == district_id,
        FeedEntry.audience == audience,
        FeedEntry.number > number,
    )
    return session.scalars(question).one()


def move_on(
    session: Session, *, district_id: str, audience: str, known: Snapshot, new: Snapshot
) -> bool:
    """Write how far pages reach now; False if somebody else did since `known` was read."""
    if known.generation == 0:
        first = db.insert_into(session, FeedSnapshot).values(
            district_id=district_id, audience=audience, **new._asdict()
        )
        moved = session.execute(
            first.on_conflict_do_nothing().returning(FeedSnapshot.generation)
        ).first()
        return moved is not None
    moved = session.execute(
        update(FeedSnapshot)
        .where(
            FeedSnapshot.district_id == district_id,
            FeedSnapshot.audience == audience,
            FeedSnapshot.generation == known.generation,
        )
        .values(**new._asdict())
        .returning(FeedSnapshot.generation)
        .execution_options(synchronize_session=False)
    ).first()
    return moved is not None


def drop_pages(session: Session, *, district_id: str, audience: str) -> None:
    """Delete an audience's pages."""
    session.execute(
        delete(FeedPage).where(FeedPage.district_id == district_id, FeedPage.audience == audience),
        execution_options={"synchronize_session": False},
    )


def add_pages(
    session: Session,
    *,
    district_id: str,
    audience: str,
    pages: Sequence[tuple[Sheet, bytes]],
) -> None:
    """Keep new pages."""
    if pages:
        session.execute(
            insert(_PAGES),
            [
                {
                    "district_id": district_id,
                    "audience": audience,
                    "changes": frame,
                    **sheet._asdict(),
                }
                for sheet, frame in pages
            ],
        )
