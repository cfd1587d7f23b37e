"""The server's truth: the newest record of each entity in each audience, as exact bytes.

A page is applied with its cursor in the caller's transaction.
Pages of a snapshot are staged and shown only when the snapshot is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from field_sync.store import settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from schemas.sync import AudienceChanges, Change

Key = tuple[str, str]
"""An entity's kind and id."""
_SHOW: Final = (
    "DELETE FROM records WHERE audience IN (SELECT audience FROM staged_drops)",
    """DELETE FROM records WHERE (audience, entity, id) IN
         (SELECT audience, entity, id FROM staged WHERE body IS NULL)""",
    """INSERT OR REPLACE INTO records (audience, entity, id, body)
         SELECT audience, entity, id, body FROM staged WHERE body IS NOT NULL""",
    "DELETE FROM staged",
    "DELETE FROM staged_drops",
)


def find(store: Store, *, entity: str, id: str) -> bytes | None:  # noqa: A002 - the wire's word
    """Find an entity's record in whichever audience holds it."""
    row = store.connection.execute(
        "SELECT body FROM records WHERE entity = ? AND id = ?", (entity, id)
    ).fetchone()
    return None if row is None else bytes(row[0])


def list_of(store: Store, *, entity: str) -> Iterator[bytes]:
    """List the records of one kind of entity, by id."""
    rows = store.connection.execute(
        "SELECT body FROM records WHERE entity = ? ORDER BY id", (entity,)
    )
    return (bytes(body) for (body,) in rows)


def list_in(store: Store, *, audience: str, entity: str) -> Iterator[bytes]:
    """List an audience's records of one kind of entity, by id."""
    rows = store.connection.execute(
        "SELECT body FROM records WHERE audience = ? AND entity = ? ORDER BY id",
        (audience, entity),
    )
    return (bytes(body) for (body,) in rows)


def list_numbered(
    store: Store, *, audience: str, entity: str, sequences: tuple[int, int]
) -> Iterator[bytes]:
    """List an audience's records of one kind that bear one of two numbers in its order, by id.

    SQLite looks into the records: to read a whole route here, for two of its stops, is slow.
    """
    rows = store.connection.execute(
        "SELECT body FROM records WHERE audience = ? AND entity = ?"
        " AND json_extract(CAST(body AS TEXT), '$.sequence') IN (?, ?) ORDER BY id",
        (audience, entity, *sequences),
    )
    return (bytes(body) for (body,) in rows)


def count(store: Store) -> int:
    """Count the records."""
    (rows,) = store.connection.execute("SELECT count(*) FROM records").fetchone()
    return int(rows)


def cursor(store: Store) -> str | None:
    """Tell where the next pull goes on: in a snapshot under way, or after the records."""
    return settings.find(store, Name.STAGED_CURSOR) or settings.find(store, Name.CURSOR)


def apply_page(
    store: Store,
    *,
    feeds: Sequence[AudienceChanges],
    dropped: Sequence[str],
    cursor: str,
    more: bool,
) -> list[Key]:
    """Take one page in: into the records, or into the snapshot that it belongs to.

    Of several changes of one entity the last one counts: an old page puts what its tail takes away.
    An audience that comes afresh is not shown before it is whole: while more follows, its page
    and all after it are staged. Without a cursor nothing that is held was confirmed, so all of it
    makes way.

    Returns:
        The entities that the records tell newly.
    """
    staging = settings.find(store, Name.STAGED_CURSOR) is not None
    forgotten = [*dropped, *(feed.audience for feed in feeds if feed.fresh)]
    if not staging and settings.find(store, Name.CURSOR) is None:
        forgotten += _audiences(store)
    if staging or (more and any(feed.fresh for feed in feeds)):
        _stage(store, feeds, forgotten)
        if more:
            settings.put(store, Name.STAGED_CURSOR, cursor)
            return []
        shown = _show_staged(store)
    else:
        _apply(store, feeds, forgotten)
        shown = [(change.entity, change.id) for feed in feeds for change in feed.changes]
    settings.put(store, Name.CURSOR, cursor)
    return shown


def forget_cursor(store: Store) -> None:
    """Ask for everything afresh at the next pull; the records stay until it is here."""
    store.connection.execute("DELETE FROM staged")
    store.connection.execute("DELETE FROM staged_drops")
    settings.drop(store, Name.CURSOR)
    settings.drop(store, Name.STAGED_CURSOR)


def wipe(store: Store) -> None:
    """Forget everything that the server ever said."""
    store.connection.execute("DELETE FROM records")
    forget_cursor(store)


def _audiences(store: Store) -> list[str]:
    rows = store.connection.execute("SELECT DISTINCT audience FROM records")
    return [str(audience) for (audience,) in rows]


def _apply(store: Store, feeds: Sequence[AudienceChanges], forgotten: Sequence[str]) -> None:
    store.connection.executemany(
        "DELETE FROM records WHERE audience = ?", [(audience,) for audience in forgotten]
    )
    latest = {
        (feed.audience, change.entity, change.id): _body(change)
        for feed in feeds
        for change in feed.changes
    }
    store.connection.executemany(
        "DELETE FROM records WHERE audience = ? AND entity = ? AND id = ?",
        [key for key, body in latest.items() if body is None],
    )
    store.connection.executemany(
        "INSERT INTO records (audience, entity, id, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (audience, entity, id) DO UPDATE SET body = excluded.body",
        [(*key, body) for key, body in latest.items() if body is not None],
    )


def _body(change: Change) -> bytes | None:
    """Give a change's record, or None if the entity is gone."""
    return bytes(change.put) if isinstance(change.put, msgspec.Raw) and not change.gone else None


def _stage(store: Store, feeds: Sequence[AudienceChanges], forgotten: Sequence[str]) -> None:
    for audience in forgotten:
        store.connection.execute("DELETE FROM staged WHERE audience = ?", (audience,))
        store.connection.execute("INSERT OR IGNORE INTO staged_drops VALUES (?)", (audience,))
    store.connection.executemany(
        "INSERT INTO staged (audience, entity, id, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (audience, entity, id) DO UPDATE SET body = excluded.body",
        [
            (
                feed.audience,
                change.entity,
                change.id,
                _body(change),
            )
            for feed in feeds
            for change in feed.changes
        ],
    )


def _show_staged(store: Store) -> list[Key]:
    """Move the whole snapshot over the records and clear the stage."""
    rows = store.connection.execute("SELECT DISTINCT entity, id FROM staged").fetchall()
    for statement in _SHOW:
        store.connection.execute(statement)
    settings.drop(store, Name.STAGED_CURSOR)
    return [(str(entity), str(row_id)) for entity, row_id in rows]
