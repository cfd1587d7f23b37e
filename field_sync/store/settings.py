"""What the handheld knows of itself: whose it is, its tokens, how far it has come."""

from __future__ import annotations

from enum import StrEnum

from field_sync.store.connection import Store


class Name(StrEnum):
    """Every setting that the store keeps."""

    SERVER = "server"
    DEVICE = "device"
    PERSON = "person"
    DISTRICT = "district"
    NAME = "name"
    """What the office calls this handheld."""
    ENROLLING = "enrolling"
    """The id of an enrolment that was begun: repeated, it gives the same device."""
    ENROLLED_AT = "enrolled_at"
    ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a setting, not a token
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a setting, not a token
    CURSOR = "cursor"
    STAGED_CURSOR = "staged_cursor"
    CHANGES_WANTED = "changes_wanted"
    """How many changes to ask for at once, while the line does not carry as many as we like."""
    SENT_THROUGH = "sent_through"
    """The highest operation that was ever put on the wire."""
    SETTLED_THROUGH = "settled_through"
    """The highest operation below which the server has settled everything."""
    BATCH = "batch"
    """The most operations of the next push, as the last ones went."""
    BATCH_MAX = "batch_max"
    """The most operations of any push, since a larger one was too large for the server."""
    BASE = "base"
    """The number of the server's last operation when our chain was joined to it anew."""
    BASE_SHA256 = "base_sha256"
    LOST = "lost"
    """How many operations a server put back from an old backup forgot and we had let go of."""
    CHECKPOINT = "checkpoint"
    """The newest checkpoint that a server ever showed us: its number and its hash."""
    SYNCED_AT = "synced_at"
    SIGNED_OUT = "signed_out"
    WIPED = "wiped"
    """The office's words when it revoked this device."""


def find(store: Store, name: Name) -> str | None:
    """Find a setting's value."""
    row = store.connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def find_number(store: Store, name: Name) -> int:
    """Find a setting that counts; one that was never set is 0."""
    return int(find(store, name) or 0)


def put(store: Store, name: Name, value: str | int) -> None:
    """Keep a setting."""
    store.connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, str(value)),
    )


def drop(store: Store, name: Name) -> None:
    """Forget a setting."""
    store.connection.execute("DELETE FROM settings WHERE name = ?", (name,))
