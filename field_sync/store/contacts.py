"""When the handheld last spoke with the server, by both clocks: how wrong its own is."""

from __future__ import annotations

import datetime as dt
from typing import Final

from field_sync.clock import Moment
from field_sync.store.connection import Store
from schemas.base import rfc3339
from schemas.rules import event_time

KEPT: Final = 50


def add(store: Store, *, sent: Moment, server_at: dt.datetime, round_trip_s: float) -> None:
    """Keep a contact, and the newest `KEPT` in all.

    Args:
        store: an open store, in a transaction.
        sent: the handheld's clocks when it sent.
        server_at: the server's clock when it answered.
        round_trip_s: from sending to the answer.
    """
    store.connection.execute(
        "INSERT INTO contacts (device_at, mono_ms, boot, server_at, round_trip_s)"
        " VALUES (?, ?, ?, ?, ?)",
        (rfc3339(sent.wall), sent.mono_ms, sent.boot, rfc3339(server_at), round_trip_s),
    )
    store.connection.execute(
        "DELETE FROM contacts WHERE id <= (SELECT max(id) FROM contacts) - ?", (KEPT,)
    )


def find_last(store: Store) -> event_time.Contact | None:
    """Find the last contact."""
    row = store.connection.execute(
        "SELECT device_at, mono_ms, boot, server_at, round_trip_s FROM contacts"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    return event_time.Contact(
        device_at=dt.datetime.fromisoformat(row[0]),
        monotonic_ms=row[1],
        boot_id=row[2],
        server_at=dt.datetime.fromisoformat(row[3]),
        round_trip_s=row[4],
    )
