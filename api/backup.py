"""Back up and restore the embedded default: the database as of one moment, and the evidence.

A backup is one `.tar` file with `lamplighter.db` and `evidence/`; photos are compressed already.
Evidence in an S3 store is not in it; the store has means of its own.
A restored database starts a new lineage: phones take a clean snapshot and keep their outbox.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from typing import Final

from api import ids, migrating
from api.db import Database
from api.feed import store as feed
from api.settings import Settings

DATABASE_NAME: Final = "lamplighter.db"
EVIDENCE_NAME: Final = "evidence"
PARTS_NAME: Final = "parts"
_PAGES_PER_STEP: Final = 2_000

Progress = Callable[[int, int], None]
"""Told (done, whole) while pages are copied."""


class BackupError(Exception):
    """The backup or restore cannot be done; the message says why and what to do."""


def make(settings: Settings, target: pathlib.Path, *, progress: Progress) -> int:
    """Write a backup while the server may go on working.

    Args:
        settings: where the embedded database and the evidence are.
        target: the file to write; it must not exist.
        progress: told of database pages copied.

    Returns:
        The size of the backup in bytes.

    Raises:
        BackupError: the database is no embedded one, is missing, or the target exists.
    """
    source = _database_path(settings)
    if not source.is_file():
        message = f"There is no database at {source}; set LAMPLIGHTER_DATA_DIR."
        raise BackupError(message)
    if target.exists():
        message = f"{target} exists already; name another file."
        raise BackupError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = pathlib.Path(folder) / DATABASE_NAME
        _copy_database(source, copy, progress=progress)
        with tarfile.open(part, "w") as archive:
            archive.add(copy, DATABASE_NAME)
            _add_evidence(archive, settings.data_dir / EVIDENCE_NAME)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(target)
    return target.stat().st_size


def restore(settings: Settings, source: pathlib.Path) -> None:
    """Put a backup in place of nothing.

    Args:
        settings: the data folder to fill; it must hold no database yet.
        source: a file that `make` wrote.

    Raises:
        BackupError: there is a database already, or the file is no backup.
    """
    target = _database_path(settings)
    if target.exists():
        message = f"There is a database at {target} already; move it away first."
        raise BackupError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        unpacked = pathlib.Path(folder)
        _unpack(source, unpacked)
        copy = unpacked / DATABASE_NAME
        _check_whole(copy)
        database = Database(f"sqlite:///{copy}", pool_size=1)
        migrating.upgrade(database)
        with database.unit_of_work() as session:
            feed.start_lineage(session, name=ids.new_id())
        database.close()
        _fold_log(copy)
        if (unpacked / EVIDENCE_NAME).is_dir():
            (unpacked / EVIDENCE_NAME).rename(settings.data_dir / EVIDENCE_NAME)
        copy.rename(target)


def _database_path(settings: Settings) -> pathlib.Path:
    if not settings.url.startswith("sqlite:///"):
        message = "This backs up the embedded database only; use pg_dump for PostgreSQL."
        raise BackupError(message)
    return pathlib.Path(settings.url.removeprefix("sqlite:///"))


def _copy_database(source: pathlib.Path, copy: pathlib.Path, *, progress: Progress) -> None:
    def told(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    with (
        contextlib.closing(sqlite3.connect(source)) as reading,
        contextlib.closing(sqlite3.connect(copy)) as writing,
    ):
        reading.backup(writing, pages=_PAGES_PER_STEP, progress=told)
        writing.execute("PRAGMA journal_mode=DELETE")


def _add_evidence(archive: tarfile.TarFile, evidence: pathlib.Path) -> None:
    """Add whole files, after the database: one that no row names is harmless, the reverse is not.

    Parts of uploads are left out; they change while they are copied, and phones still have them.
    """
    for folder, folders, names in os.walk(evidence):
        folders[:] = sorted(set(folders) - {PARTS_NAME})
        for name in sorted(names):
            path = pathlib.Path(folder) / name
            with contextlib.suppress(FileNotFoundError):  # swept meanwhile
                archive.add(path, f"{EVIDENCE_NAME}/{path.relative_to(evidence)}", recursive=False)


def _unpack(source: pathlib.Path, folder: pathlib.Path) -> None:
    try:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        message = f"{source} is not a backup that can be read: {error}"
        raise BackupError(message) from error
    if not (folder / DATABASE_NAME).is_file():
        message = f"{source} holds no {DATABASE_NAME}; it is not a backup of this program."
        raise BackupError(message)


def _check_whole(path: pathlib.Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        message = f"The database in the backup is damaged: {verdict}"
        raise BackupError(message)


def _fold_log(path: pathlib.Path) -> None:
    """Fold the write-ahead log into the database, so that one file is all of it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
