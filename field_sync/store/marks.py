"""Which messages were read on this handheld."""

from __future__ import annotations

from collections.abc import Sequence

from field_sync.store.connection import Store


def list_read(store: Store) -> set[str]:
    """List the ids of the messages that were read."""
    return {str(row_id) for (row_id,) in store.connection.execute("SELECT id FROM read_marks")}


def mark_read(store: Store, *, ids: Sequence[str]) -> None:
    """Mark messages as read, in the caller's transaction; marks of those that are gone go too."""
    store.connection.executemany(
        "INSERT OR IGNORE INTO read_marks VALUES (?)", [(row_id,) for row_id in ids]
    )
    store.connection.execute(
        "DELETE FROM read_marks WHERE id NOT IN (SELECT id FROM records WHERE entity = 'message')"
    )
