"""One session listener sees every change of a synced row and enters it when the work commits.

Numbers are given under the lock of each audience's head, at the outermost commit, so a cursor that
follows them can miss nothing (see docs/decisions/0002-numbered-at-commit.md).
What was touched is only a hint: at commit the rows are asked afresh, so a savepoint that was rolled
back enters nothing that is not true.
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import event, inspect
from sqlalchemy.orm import LoaderCallableStatus, Session

from api import db
from api.feed import store
from api.feed.synced import Synced
from api.loading import Loose
from schemas.base import encode

Key = tuple[type[Synced], str, str]


class _Touched(NamedTuple):
    """A row that changed, kept until the commit, and the audiences that held it before.

    `row` is a `Synced` or a loose one; None where it has to be asked for.
    """

    row: Any
    before: set[str]


_TOUCHED: Final = "feed.touched"


class FeedBypassedError(RuntimeError):
    """A bulk statement on a synced table went round the recorder; load the rows instead."""


def touch(session: Session, row: Synced) -> None:
    """Say that a loose row is about to change (see `api.db.change`); its place stays the same."""
    touched: dict[Key, _Touched] = session.info.setdefault(_TOUCHED, {})
    model = cast("Loose", row).model
    key = (cast("type[Synced]", model), row.district_id, row.id)
    before = touched[key].before if key in touched else set()
    touched[key] = _Touched(row, before)


@event.listens_for(Session, "after_soft_rollback")
def _forget_loose(session: Session, _: object) -> None:
    """Have loose rows asked afresh: what was changed in them may have been undone."""
    touched: dict[Key, _Touched] = session.info.get(_TOUCHED, {})
    for key, (row, before) in touched.items():
        if isinstance(row, Loose):
            touched[key] = _Touched(None, before)


@event.listens_for(Session, "before_flush")
def _note_touched(session: Session, _context: object, _instances: object) -> None:
    """Note which rows changed and which audiences held them before."""
    touched: dict[Key, _Touched] = session.info.setdefault(_TOUCHED, {})
    new, deleted = session.new, session.deleted  # each question makes a set afresh
    for row in (*new, *session.dirty, *deleted):
        if not isinstance(row, Synced):
            continue
        before = _values_before(row)
        if before is None and not (row in new or row in deleted):
            continue
        key = (type(row), row.district_id, row.id)
        audiences = touched.setdefault(key, _Touched(row, set())).before
        if before and (held := row.audience_of(ChainMap(before, vars(row)))):
            audiences.add(held)
        if row in deleted and (held := row.audience()):
            audiences.add(held)


def _values_before(row: Synced) -> dict[str, Any] | None:
    """Tell what a row's changed columns held before, where that is known; None: none changed."""
    state = inspect(row)
    assert state is not None
    now = vars(row)
    changed = {
        name: value for name, value in state.committed_state.items() if value != now.get(name)
    }
    if not changed:
        return None
    return {
        name: value
        for name, value in changed.items()
        if not isinstance(value, LoaderCallableStatus)
    }


@event.listens_for(Session, "before_commit")
def _enter(session: Session) -> None:
    """Give each touched row its entry and number, at the outermost commit only."""
    if session.in_nested_transaction():
        return
    db.write_queued(session)
    touched: dict[Key, _Touched] = session.info.pop(_TOUCHED, {})
    if not touched:
        return
    puts: list[store.Put] = []
    gones: list[store.Gone] = []
    for (model, district_id, row_id), (held, before) in touched.items():
        row = held
        if row is None or not _is_true(row):
            row = session.get(model, (district_id, row_id), populate_existing=held is None)
        now = row.audience() if row is not None else None
        if row is not None and now is not None:
            puts.append(store.Put(district_id, now, model.entity, row_id, _wire(row)))
        gones += [
            store.Gone(district_id, audience, model.entity, row_id)
            for audience in sorted(before - {now})
        ]
    store.enter(session, puts, gones)


def _is_true(row: Synced) -> bool:
    """Tell whether a row is what the database has; one that a rollback undid is asked afresh."""
    if isinstance(row, Loose):
        return True
    state = inspect(row)
    assert state is not None
    return bool(state.persistent and not state.expired)


def _wire(row: Synced) -> bytes:
    """Encode the change once; every pull joins these bytes."""
    body = encode(row.wire())
    return b'{"entity":"%s","id":"%s","put":%s}' % (row.entity.encode(), row.id.encode(), body)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk(state: Any) -> None:
    """Refuse bulk changes that the recorder could not see."""
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete) and mapper and issubclass(mapper.class_, Synced):
        raise FeedBypassedError(mapper.class_.__name__)
