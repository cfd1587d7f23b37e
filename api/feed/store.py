"""Questions of the feed."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from api import db, rows
from api.feed.models import FeedEntry, FeedHead, FeedSnapshot, Lineage
from api.prepared import Prepared

_ENTRIES: Final = cast("Table", FeedEntry.__table__)
_HEADS: Final = cast("Table", FeedHead.__table__)
_ADVANCE: Final = Prepared(
    update(_HEADS)
    .where(
        _HEADS.c.district_id == bindparam("of_district"),
        _HEADS.c.audience == bindparam("of_audience"),
    )
    .values(number=_HEADS.c.number + bindparam("by"))
    .returning(_HEADS.c.number)
)
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


class Head(NamedTuple):
    """Where an audience stands: its last number, and how far its pages reach (0: it has none).

    `base` is when its pages were last made afresh.
    """

    number: int = 0
    base: int = 0
    paged_through: int = 0


class Page(NamedTuple):
    """A stretch of one audience's feed, and whether more waits.

    `changes` are the stored bytes of `entries` changes, joined by commas; `through` is the last
    number among them.
    """

    changes: bytes
    entries: int
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
            db.connection_of(session),
            _ENTRIES,
            entries,
            replacing=("number", "gone", "wire"),
        )


def get_lineage(session: Session) -> str:
    """Name the history that this database's numbers belong to."""
    ((name,),) = _LINEAGE.rows(session)
    return str(name)


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


def list_heads(session: Session, *, district_id: str, audiences: Sequence[str]) -> dict[str, Head]:
    """Tell where each audience stands that ever had an entry."""
    heads: dict[str, Head] = {}
    for start in range(0, len(audiences), _KEYS_PER_QUERY):
        some = audiences[start : start + _KEYS_PER_QUERY]
        named = {f"audience_{place}": audience for place, audience in enumerate(some)}
        for audience, *rest in _heads(len(some)).rows(session, district_id=district_id, **named):
            heads[audience] = Head(*rest)
    return heads


@functools.lru_cache(maxsize=_KEYS_PER_QUERY)
def _heads(count: int) -> Prepared:
    """Ask for so many heads."""
    audiences = [bindparam(f"audience_{place}", type_=Text()) for place in range(count)]
    return Prepared(
        select(
            FeedHead.audience,
            FeedHead.number,
            func.coalesce(FeedSnapshot.base, 0),
            func.coalesce(FeedSnapshot.through, 0),
        )
        .outerjoin(
            FeedSnapshot,
            (FeedSnapshot.district_id == FeedHead.district_id)
            & (FeedSnapshot.audience == FeedHead.audience),
        )
        .where(
            FeedHead.district_id == bindparam("district_id"),
            or_(*(FeedHead.audience == audience for audience in audiences)),
        )
    )


def page_after(
    session: Session, *, district_id: str, audience: str, number: int, limit: int, base: int = 0
) -> Page:
    """Join an audience's entries after a number, oldest first.

    The database joins them: ten thousand rows would cost more to fetch than to send.

    Args:
        session: a unit of work.
        district_id: the audience's district.
        audience: whose entries.
        number: the last one that is known already.
        limit: the most entries that the page may hold, at least 1.
        base: the number through which what is gone is left out.
    """
    at: dict[str, str | int] = {
        "district_id": district_id,
        "audience": audience,
        "number": number,
    }
    whole = number >= base
    if not whole:
        at["base"] = base
    is_sqlite = db.dialect_of(session) == "sqlite"
    ((count, through, changes),) = _joined(is_sqlite, whole).rows(session, rows_max=limit, **at)
    if not count:
        return Page(b"", 0, number, more=False)
    at["number"] = through
    more = count == limit and _WAITING[whole].first(session, **at) is not None
    return Page(changes, count, through, more)


def _after(*, whole: bool) -> Select[int, bytes]:
    """Choose what follows a number; unless `whole`, without what was gone by the base."""
    question = select(FeedEntry.number, FeedEntry.wire).where(
        FeedEntry.district_id == bindparam("district_id"),
        FeedEntry.audience == bindparam("audience"),
        FeedEntry.number > bindparam("number"),
    )
    if whole:
        return question
    lately = FeedEntry.number > bindparam("base")
    return question.where(or_(FeedEntry.gone.is_(False), lately))


@functools.lru_cache
def _joined(is_sqlite: bool, whole: bool) -> Prepared:  # noqa: FBT001 - the keys of four questions
    """Join stored bytes with commas in the order of their numbers."""
    rows_max = bindparam("rows_max", type_=BigInteger())
    some = _after(whole=whole).order_by(FeedEntry.number).limit(rows_max).subquery()
    comma = postgresql.aggregate_order_by(literal(b",", LargeBinary), some.c.number)
    by_postgresql = func.string_agg(some.c.wire, comma, type_=LargeBinary)
    by_sqlite = func.group_concat(some.c.wire, ",").cast(LargeBinary)
    joined: ColumnElement[bytes] = by_sqlite if is_sqlite else by_postgresql
    return Prepared(select(func.count(), func.max(some.c.number), joined), large=True)


_LINEAGE: Final = Prepared(select(Lineage.name).where(Lineage.id == _LINEAGE_ROW))
_WAITING: Final = {whole: Prepared(_after(whole=whole).limit(1)) for whole in (True, False)}


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
    values = {"of_district": district_id, "of_audience": audience, "by": by}
    moved = _ADVANCE.first(session, **values)
    if moved is not None:
        return int(moved[0])
    first = db.insert_into(session, FeedHead).values(
        district_id=district_id, audience=audience, number=by
    )
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
