"""Questions about windows: a few by their meters, or all of a district a block at a time.

The database glues the windows of a block together as they lie, so that a block is one row to the
driver, however many meters it holds.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Table,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from api import db, rows
from api.prepared import Prepared
from api.readings.models import Reading, UseWindow
from api.readings.store.paging import KEYS_PER_QUERY
from schemas.rules import use_windows

BLOCK_ROWS: Final = 4_096
"""Twice as many are no quicker, and take seven to nine megabytes more."""
_BETWEEN_IDS: Final = " "
"""No id has one."""


class Block(NamedTuple):
    """Some windows, and the meter of each."""

    records: use_windows.Records
    meter_ids: Sequence[str]


def keep_windows(
    session: Session, *, district_id: str, touched_at: dt.datetime, packed: Mapping[str, bytes]
) -> None:
    """Write some meters' windows, over those that were there."""
    db.write_queued(session)
    made: list[dict[str, object]] = [
        {
            "district_id": district_id,
            "meter_id": meter_id,
            "touched_at": touched_at,
            "packed": window,
        }
        for meter_id, window in packed.items()
    ]
    if made:
        table = cast("Table", UseWindow.__table__)
        changed = ("touched_at", "packed")
        rows.insert(db.connection_of(session), table, made, replacing=changed)


def forget_windows(session: Session, *, district_id: str, meter_ids: Sequence[str]) -> None:
    """Take windows away, because they are no longer what the readings say."""
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        session.execute(
            delete(UseWindow)
            .where(
                UseWindow.district_id == district_id,
                UseWindow.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
            )
            .execution_options(synchronize_session=False)
        )


def load_windows(
    session: Session, *, district_id: str, meter_ids: Sequence[str]
) -> dict[str, bytes]:
    """Load the windows of some meters."""
    found: dict[str, bytes] = {}
    for start in range(0, len(meter_ids), KEYS_PER_QUERY):
        question = select(UseWindow.meter_id, UseWindow.packed).where(
            UseWindow.district_id == district_id,
            UseWindow.meter_id.in_(meter_ids[start : start + KEYS_PER_QUERY]),
        )
        found.update((meter_id, packed) for meter_id, packed in session.execute(question))
    return found


def list_without_window(
    session: Session, *, district_id: str, since: dt.datetime, after: str, limit: int
) -> list[str]:
    """List meters, after an id, that have readings since an instant but no window."""
    window = exists().where(
        UseWindow.district_id == Reading.district_id, UseWindow.meter_id == Reading.meter_id
    )
    question = (
        select(Reading.meter_id)
        .where(
            Reading.district_id == district_id,
            Reading.meter_id > after,
            Reading.read_at >= since,
            ~window,
        )
        .distinct()
        .order_by(Reading.meter_id)
        .limit(limit)
    )
    return list(session.scalars(question))


def stream_windows(
    session: Session, *, district_id: str, touched_at: dt.datetime | None = None
) -> Iterator[Block]:
    """Read all windows of a district, or those that one run wrote, block by block by their ids."""
    is_touched = touched_at is not None
    last, glued = _last(is_touched), _glued(is_touched, db.dialect_of(session) == "sqlite")
    given: dict[str, object] = {"district_id": district_id, "after": ""}
    if is_touched:
        given["touched_at"] = touched_at
    while True:
        ((through,),) = last.rows(session, **given, rows_before=BLOCK_ROWS - 1)
        if through is None:
            return
        (row,) = glued.rows(session, **given, through=through)
        yield _block(*row)
        given["after"] = through


def _chosen(*, is_touched: bool) -> Sequence[ColumnElement[bool]]:
    """Choose what follows an id, of all or of one run."""
    chosen = [
        UseWindow.district_id == bindparam("district_id"),
        UseWindow.meter_id > bindparam("after"),
    ]
    if is_touched:
        chosen.append(UseWindow.touched_at == bindparam("touched_at"))
    return chosen


@functools.lru_cache
def _last(is_touched: bool) -> Prepared:  # noqa: FBT001 - the key of two questions
    """Ask where a block ends: at its last window if it is full, else at the last of all."""
    meter_id, chosen = UseWindow.meter_id, _chosen(is_touched=is_touched)
    rows_before = bindparam("rows_before", type_=BigInteger())
    full = select(meter_id).where(*chosen).order_by(meter_id).limit(1).offset(rows_before)
    rest = select(func.max(meter_id)).where(*chosen)
    return Prepared(select(func.coalesce(full.scalar_subquery(), rest.scalar_subquery())))


@functools.lru_cache
def _glued(is_touched: bool, is_sqlite: bool) -> Prepared:  # noqa: FBT001 - the keys of four questions
    """Ask for the windows up to an id, one after the other, and their meters in the same order."""
    ids, packed = UseWindow.meter_id, UseWindow.packed
    question = (
        select(
            func.group_concat(packed, "").cast(LargeBinary), func.group_concat(ids, _BETWEEN_IDS)
        )
        if is_sqlite
        else select(
            func.string_agg(packed, literal(b"", LargeBinary), type_=LargeBinary),
            func.string_agg(ids, _BETWEEN_IDS),
        )
    ).where(*_chosen(is_touched=is_touched), UseWindow.meter_id <= bindparam("through"))
    return Prepared(question, large=True)


def _block(packed: bytes, meter_ids: str) -> Block:
    block = Block(use_windows.read(packed), meter_ids.split(_BETWEEN_IDS))
    # Glued text of an SQLite that ends it at the first zero byte would show here.
    assert len(block.records) == len(block.meter_ids)
    return block
