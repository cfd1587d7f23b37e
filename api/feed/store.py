"""Questions of the feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api import rows
from api.feed.models import FeedEntry, FeedHead, Lineage

_LINEAGE_ROW: Final = 1
_KEYS_PER_QUERY: Final = 500


class Put(NamedTuple):
    """An entity's newest form for an audience."""

    district_id: str
    audience: str
    entity: str
    entity_id: str
    wire: bytes


class Gone(NamedTuple):
    """An entity that left an audience."""

    district_id: str
    audience: str
    entity: str
    entity_id: str


class Page(NamedTuple):
    """A stretch of one audience's feed: its stored bytes, the last number, whether more waits."""

    wires: Sequence[bytes]
    through: int
    more: bool


def enter(session: Session, puts: Sequence[Put], gones: Sequence[Gone]) -> None:
    """Store entries under their numbers, holding the heads of their audiences in order."""
    gone_rows = [gone for gone in gones if _stands(session, gone)]
    changes: list[Put | Gone] = [*gone_rows, *puts]
    audiences = sorted({(change.district_id, change.audience) for change in changes})
    counts = dict.fromkeys(audiences, 0)
    for change in changes:
        counts[change.district_id, change.audience] += 1
    numbers = {key: _advance(session, key, by=count) - count for key, count in counts.items()}
    entries: list[Mapping[str, object]] = []
    for change in changes:
        key = (change.district_id, change.audience)
        numbers[key] += 1
        entries.append(_entry(change, number=numbers[key]))
    if entries:
        rows.insert(
            session.connection(),
            cast("Table", FeedEntry.__table__),
            entries,
            replacing=("number", "gone", "wire"),
        )


def get_lineage(session: Session) -> str:
    """Name the history that this database's numbers belong to."""
    return session.scalars(select(Lineage.name).where(Lineage.id == _LINEAGE_ROW)).one()


def find_lineage(session: Session) -> str | None:
    """Name the history, or None in a database that has none yet."""
    row = session.get(Lineage, _LINEAGE_ROW)
    return row.name if row else None


def start_lineage(session: Session, *, name: str) -> None:
    """Start a new history: phones take a clean snapshot and keep their outbox."""
    row = session.get(Lineage, _LINEAGE_ROW)
    if row is None:
        session.add(Lineage(id=_LINEAGE_ROW, name=name))
    else:
        row.name = name


def list_heads(session: Session, *, district_id: str, audiences: Sequence[str]) -> dict[str, int]:
    """Tell the last number of each audience that has one."""
    heads: dict[str, int] = {}
    for start in range(0, len(audiences), _KEYS_PER_QUERY):
        some = audiences[start : start + _KEYS_PER_QUERY]
        question = select(FeedHead.audience, FeedHead.number).where(
            FeedHead.district_id == district_id, FeedHead.audience.in_(some)
        )
        heads.update((audience, number) for audience, number in session.execute(question))
    return heads


def page_after(
    session: Session, *, district_id: str, audience: str, number: int, limit: int
) -> Page:
    """List an audience's entries after a number, oldest first; a first pull skips what is gone."""
    question = (
        select(FeedEntry.number, FeedEntry.wire)
        .where(
            FeedEntry.district_id == district_id,
            FeedEntry.audience == audience,
            FeedEntry.number > number,
        )
        .order_by(FeedEntry.number)
        .limit(limit + 1)
    )
    if number == 0:
        question = question.where(FeedEntry.gone.is_(False))
    # Entries are written at a commit, so nothing of them waits in the session; and a first pull
    # reads thousands, for which the session's own road is a third longer.
    rows = session.connection().execute(question).all()
    kept = rows[:limit]
    through = kept[-1][0] if kept else number
    return Page([wire for _, wire in kept], through, len(rows) > limit)


def _entry(change: Put | Gone, *, number: int) -> Mapping[str, object]:
    """Write a change as a row."""
    return {
        "district_id": change.district_id,
        "audience": change.audience,
        "entity": change.entity,
        "entity_id": change.entity_id,
        "number": number,
        "gone": isinstance(change, Gone),
        "wire": change.wire if isinstance(change, Put) else _gone_wire(change),
    }


def _stands(session: Session, gone: Gone) -> bool:
    """Tell whether the audience still holds the entity, so that leaving is news."""
    question = select(FeedEntry.number).where(
        FeedEntry.district_id == gone.district_id,
        FeedEntry.audience == gone.audience,
        FeedEntry.entity == gone.entity,
        FeedEntry.entity_id == gone.entity_id,
        FeedEntry.gone.is_(False),
    )
    return session.scalars(question).first() is not None


def _advance(session: Session, key: tuple[str, str], *, by: int) -> int:
    """Move a head on under its lock and give its new number."""
    district_id, audience = key
    moved = session.scalars(
        update(FeedHead)
        .where(FeedHead.district_id == district_id, FeedHead.audience == audience)
        .values(number=FeedHead.number + by)
        .returning(FeedHead.number)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is not None:
        return moved
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(FeedHead).values(district_id=district_id, audience=audience, number=by)
    number: int = session.scalars(
        first.on_conflict_do_update(
            index_elements=["district_id", "audience"],
            set_={"number": FeedHead.number + first.excluded.number},
        ).returning(FeedHead.number)
    ).one()
    return number


def _gone_wire(gone: Gone) -> bytes:
    return b'{"entity":"%s","id":"%s","gone":true}' % (
        gone.entity.encode(),
        gone.entity_id.encode(),
    )
