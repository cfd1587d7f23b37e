"""The store's tables, as steps that are each taken once.

A step never changes after it was released; the next thought is the next step.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from field_sync import errors

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        # The server's truth, as its exact bytes.
        """CREATE TABLE records (
             audience TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
             PRIMARY KEY (audience, entity, id)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX records_by_entity ON records (entity, id)",
        # Pages of a snapshot that is not whole yet; no body: the entity is gone.
        """CREATE TABLE staged (
             audience TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, body BLOB,
             PRIMARY KEY (audience, entity, id)) STRICT, WITHOUT ROWID""",
        "CREATE TABLE staged_drops (audience TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        # What the crew did. `status` is empty while an operation waits; `laid` says that the view
        # still shows it over the record.
        """CREATE TABLE outbox (
             n INTEGER PRIMARY KEY CHECK (n >= 1),
             id TEXT NOT NULL UNIQUE,
             type TEXT NOT NULL,
             subject TEXT NOT NULL,
             entity TEXT NOT NULL,
             entity_id TEXT NOT NULL,
             made_at TEXT NOT NULL,
             wire BLOB NOT NULL,
             hash TEXT NOT NULL CHECK (length(hash) = 64),
             status TEXT,
             code TEXT NOT NULL DEFAULT '',
             en TEXT NOT NULL DEFAULT '',
             zh TEXT NOT NULL DEFAULT '',
             laid INTEGER NOT NULL DEFAULT 1 CHECK (laid IN (0, 1))) STRICT""",
        "CREATE INDEX outbox_waiting ON outbox (subject, n) WHERE status IS NULL",
        "CREATE INDEX outbox_laid ON outbox (subject, n) WHERE laid = 1",
        "CREATE INDEX outbox_lift ON outbox (entity, entity_id) WHERE laid = 1",
        "CREATE INDEX outbox_subject ON outbox (subject, type, n)",
        "CREATE INDEX outbox_exceptions ON outbox (n) WHERE status <> 'applied'",
        """CREATE TABLE uploads (
             sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
             size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
             media_type TEXT NOT NULL,
             n INTEGER NOT NULL,
             state TEXT NOT NULL DEFAULT 'waiting'
               CHECK (state IN ('waiting', 'arrived', 'refused')),
             location TEXT,
             code TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID""",
        """CREATE TABLE contacts (
             id INTEGER PRIMARY KEY,
             device_at TEXT NOT NULL, mono_ms INTEGER NOT NULL, boot TEXT NOT NULL,
             server_at TEXT NOT NULL, round_trip_s REAL NOT NULL) STRICT""",
    ),
    (
        # No question of one act may cost more because fifty thousand others wait.
        "CREATE INDEX outbox_waiting_n ON outbox (n) WHERE status IS NULL",
        "CREATE INDEX outbox_turns ON outbox (subject, entity, n) WHERE laid = 1",
    ),
    (
        # Which messages somebody has read; only this handheld knows.
        "CREATE TABLE read_marks (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    ),
    (
        # Whether the server may have begun a file: then it is asked before bytes are sent.
        "ALTER TABLE uploads ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))",
        "UPDATE uploads SET begun = 1 WHERE location IS NOT NULL",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that this store has not taken, each in a transaction of its own.

    Raises:
        StoreTooNew: a later program made the store.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(STEPS):
        raise errors.StoreTooNew(found=found, known=len(STEPS))
    for version, step in enumerate(STEPS[found:], start=found + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in step:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
