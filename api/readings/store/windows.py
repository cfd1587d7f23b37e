"""Questions about windows: a few by their meters, or all of a district in one stream.

The stream reads each row's bytes as they lie, a block at a time: `sqlite3` rows on SQLite, binary
COPY on PostgreSQL. Nothing else can be asked of the session until it has ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np
from sqlalchemy import Table, delete, exists, select
from sqlalchemy.orm import Session

from api import db, rows
from api.columns import InstantType
from api.readings.models import Reading, UseWindow
from api.readings.store.paging import KEYS_PER_QUERY
from schemas.base import ID_CHARS_MAX
from schemas.rules import use_windows

BLOCK_ROWS: Final = 4_096
_COPY_HEAD_BYTES: Final = 19
_COPIED: Final = np.dtype(
    [
        ("fields", ">i2"),
        ("id_bytes", ">i4"),
        ("id", f"S{ID_CHARS_MAX}"),
        ("window_bytes", ">i4"),
        ("window", use_windows.RECORD),
    ]
)
"""A row of a binary COPY: how many fields, then each with its length."""


_OF_ALL: Final = "FROM use_windows WHERE district_id = "
_FETCH: Final[Mapping[int, str]] = {
    1: f"SELECT meter_id, packed {_OF_ALL}?",
    2: f"SELECT meter_id, packed {_OF_ALL}? AND touched_at = ?",
}
_COPY_WIDE: Final = f"COPY (SELECT rpad(meter_id, {ID_CHARS_MAX}), packed {_OF_ALL}"
_COPY: Final[Mapping[int, str]] = {
    1: f"{_COPY_WIDE}%s) TO STDOUT (FORMAT BINARY)",
    2: f"{_COPY_WIDE}%s AND touched_at = %s) TO STDOUT (FORMAT BINARY)",
}
"""The statements, by how many values they take: the district's, and the run's if it is asked for.

An id is padded to its greatest length, so that each row of a COPY is as long as the next.
"""


class Block(NamedTuple):
    """Some windows, and what tells the meter of each."""

    records: use_windows.Records
    meter_id_at: Callable[[int], str]


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
    """Read all windows of a district, or those that one run wrote, block by block."""
    db.write_queued(session)
    connection = db.connection_of(session)
    driver: Any = connection.connection.driver_connection
    values: list[Any] = [district_id]
    if touched_at is not None:
        as_kept = InstantType().dialect_impl(connection.dialect).bind_processor(connection.dialect)
        values.append(as_kept(touched_at) if as_kept else touched_at)
    if connection.dialect.name == "sqlite":
        return _fetched(driver, _FETCH[len(values)], values)
    return _copied(driver, _COPY[len(values)], values)


def _fetched(driver: Any, sql: str, values: Sequence[Any]) -> Iterator[Block]:  # noqa: ANN401
    cursor = driver.execute(sql, values)
    try:
        while found := cursor.fetchmany(BLOCK_ROWS):
            ids, packed = zip(*found, strict=True)
            yield Block(use_windows.read(b"".join(packed)), ids.__getitem__)
    finally:
        cursor.close()


def _copied(driver: Any, sql: str, values: Sequence[Any]) -> Iterator[Block]:  # noqa: ANN401
    block_bytes = BLOCK_ROWS * _COPIED.itemsize
    with driver.cursor() as cursor, cursor.copy(sql, values) as copy:
        waiting = bytearray()
        to_skip_bytes = _COPY_HEAD_BYTES
        for piece in copy:
            waiting += piece
            if to_skip_bytes and len(waiting) >= to_skip_bytes:
                del waiting[:to_skip_bytes]
                to_skip_bytes = 0
            if len(waiting) >= block_bytes:
                yield _block(bytes(waiting[:block_bytes]))
                del waiting[:block_bytes]
        whole_bytes = len(waiting) // _COPIED.itemsize * _COPIED.itemsize
        if whole_bytes:
            yield _block(bytes(waiting[:whole_bytes]))


def _block(copied: bytes) -> Block:
    found = np.frombuffer(copied, _COPIED)
    ids = found["id"]
    return Block(np.ascontiguousarray(found["window"]), lambda at: ids[at].decode("ascii").rstrip())
