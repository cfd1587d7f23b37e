"""The database: what every model stands on, and the unit of work.

Every SQLite table is STRICT. Only `unit_of_work` commits.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    ForeignKeyConstraint,
    FromClause,
    MetaData,
    Table,
    create_engine,
    event,
)
from sqlalchemy import types as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, sessionmaker

from api import rows, writer
from api.columns import ExactType, InstantType

SQLITE_CONNECTS_WITH: Final[Mapping[str, Any]] = {
    "check_same_thread": False,
    "isolation_level": None,
    "cached_statements": 512,
}
"""What `sqlite3.connect` is given: transactions are begun by us, by whichever thread."""
_CONNECTION: Final = "connection"
_SQLITE_BUSY_MS: Final = 10_000
_SQLITE_CACHE_KIB: Final = 16_384
_SQLITE_PASSING_KIB: Final = 4_096
"""Of pages that are met once, more would only fill memory."""
_NAMING: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base of every model."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {
        str: sa.Text(),
        int: BigInteger(),
        float: sa.Float(53),
        bool: sa.Boolean(),
        bytes: sa.LargeBinary(),
        dt.datetime: InstantType(),
        decimal.Decimal: ExactType(),
    }


@event.listens_for(Table, "before_parent_attach")
def _strict(table: Table, _: MetaData) -> None:
    """Make every table STRICT on SQLite."""
    table.dialect_options["sqlite"]["strict"] = True


def same_district(*columns: str, target: str) -> ForeignKeyConstraint:
    """Tie a column to another table's id within the same district.

    Args:
        *columns: this table's id column (the district column is added).
        target: the other table's name.
    """
    return ForeignKeyConstraint(
        ["district_id", *columns], [f"{target}.district_id", f"{target}.id"]
    )


class Database:
    """An engine, its sessions, and the one writer that SQLite can have."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        """Open the database.

        Args:
            url: an SQLAlchemy URL; `sqlite:///path` or `postgresql://...`.
            pool_size: connections kept open.
        """
        self.engine = _engine(url, pool_size=pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.writing_engine = self.engine.execution_options(lamplighter_writes=True)
        reading = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writers = sessionmaker(self.writing_engine, expire_on_commit=False)
        self._members = sessionmaker(
            expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        self._readers = sessionmaker(reading, expire_on_commit=False, autoflush=False)
        self._writer = writer.Writer(self.writing_engine)

    @contextlib.contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Give a session that commits when the block ends well, and rolls back when it does not.

        When this returns, what the block wrote is durable and every reader sees it.
        SQLite has one writer: units of work take turns on it in this process rather than meet as
        "database is locked", and those that wait for each other share a commit.
        """
        if not self.is_sqlite:
            with self._writers() as session:
                yield session
                session.commit()
            return
        with self._writer.turn() as connection, self._members(bind=connection) as session:
            yield session
            session.commit()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment and writes nothing."""
        with self._readers() as session:
            yield session

    @contextlib.contextmanager
    def reading_through(self) -> Iterator[Session]:
        """Give a session as `reading` does, to go through a table; SQLite keeps few pages."""
        with self.reading() as session:
            if not self.is_sqlite:
                yield session
                return
            connection = session.connection()
            connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_PASSING_KIB}")
            try:
                yield session
            finally:
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def connection_of(session: Session) -> Connection:
    """Give a unit of work's connection; asking SQLAlchemy costs as much as a small question."""
    connection: Connection | None = session.info.get(_CONNECTION)
    return connection if connection is not None else session.connection()


def dialect_of(session: Session) -> str:
    """Name the kind of a unit of work's database."""
    return connection_of(session).dialect.name


@event.listens_for(Session, "after_begin")
def _remember_connection(session: Session, _: object, connection: Connection) -> None:
    session.info[_CONNECTION] = connection


@event.listens_for(Session, "after_transaction_create")
@event.listens_for(Session, "after_transaction_end")
def _forget_connection(session: Session, _: SessionTransaction) -> None:
    """Let SQLAlchemy give it again: it makes a savepoint only when it is asked for."""
    session.info.pop(_CONNECTION, None)


def append(session: Session, table: type[Base], row: Mapping[str, object]) -> None:
    """Queue one row of an append-only table; queued rows are written together at the next flush.

    Args:
        session: the unit of work.
        table: a model whose rows are never changed.
        row: values by column; defaults of the model do not apply.
    """
    queued: dict[type[Base], list[Mapping[str, object]]] = session.info.setdefault("appended", {})
    queued.setdefault(table, []).append(row)


def change(session: Session, table: type[Base], row: Mapping[str, object]) -> None:
    """Queue a change of one row that the session does not hold; the last one of a row counts.

    Args:
        session: the unit of work.
        table: a model; what travels to phones is told to the feed besides.
        row: its key, and the new values by column; the same columns for every row of a table.
    """
    keys = tuple([row[column.name] for column in table.__table__.primary_key])
    changed: dict[type[Base], dict[object, Mapping[str, object]]]
    changed = session.info.setdefault("changed", {})
    changed.setdefault(table, {})[keys] = row


def change_now(session: Session, table: type[Base], row: Mapping[str, object]) -> None:
    """Change one row that the session does not hold, after whatever the unit of work has queued.

    Args:
        session: the unit of work.
        table: a model; what travels to phones is told to the feed besides.
        row: its key, and the new values by column, other columns than `change` names as well.
    """
    write_queued(session)
    rows.update(connection_of(session), cast("Table", table.__table__), [row])


def insert_for(dialect: str, table: type[Base] | FromClause) -> postgresql.Insert:
    """Begin an `insert()` that can say what happens where a row is there already.

    Args:
        dialect: the database's kind; each has a class of its own for it, with the same methods.
        table: a model, or its table for what goes past the unit of work.
    """
    kind = sqlite if dialect == "sqlite" else postgresql
    return cast("postgresql.Insert", kind.insert(cast("Table", table)))


def insert_into(session: Session, model: type[Base]) -> postgresql.Insert:
    """Begin an `insert()` of a model for a unit of work's database (see `insert_for`)."""
    return insert_for(dialect_of(session), model)


def insert_unless_there(session: Session, table: type[Base], row: Mapping[str, object]) -> None:
    """Write one row now, after whatever the unit of work has queued; one that is there stays.

    Args:
        session: the unit of work.
        table: a model.
        row: values by column; defaults of the model do not apply.
    """
    write_queued(session)
    into = cast("Table", table.__table__)
    rows.insert(connection_of(session), into, [row], first_counts=True)


def drain(session: Session) -> None:
    """Write the queued rows now."""
    if not has_queued(session):
        return
    connection = connection_of(session)
    changed: dict[type[Base], Mapping[object, Mapping[str, Any]]] = session.info.pop("changed", {})
    for table, rows_by_key in changed.items():
        rows.update(connection, cast("Table", table.__table__), list(rows_by_key.values()))
    queued: dict[type[Base], Sequence[Mapping[str, Any]]] = session.info.pop("appended", {})
    for table, queued_rows in queued.items():
        rows.insert(connection, cast("Table", table.__table__), queued_rows)


def write_queued(session: Session) -> None:
    """Write what the unit of work has done so far, so that a question sees it."""
    session.flush()
    drain(session)


def has_queued(session: Session) -> bool:
    """Tell whether rows wait to be written."""
    return "appended" in session.info or "changed" in session.info


@event.listens_for(Session, "after_flush")
def _drain_after_flush(session: Session, _: object) -> None:
    drain(session)


@event.listens_for(Session, "before_commit")
def _drain_before_commit(session: Session) -> None:
    write_queued(session)


@event.listens_for(Session, "do_orm_execute")
def _drain_before_query(state: Any) -> None:
    """Let a query see the rows queued before it."""
    if has_queued(state.session):
        write_queued(state.session)


@event.listens_for(Session, "after_soft_rollback")
def _forget_queued(session: Session, _: object) -> None:
    """Drop the rows that a rolled-back act had queued; `savepoint` drains before it starts."""
    for kept in _IN_HAND | {"appended", "changed"}:
        session.info.pop(kept, None)


_IN_HAND: Final[set[str]] = set()


def in_hand(name: str) -> str:
    """Name where a unit of work keeps what it has learnt; whatever is undone empties it."""
    _IN_HAND.add(name)
    return name


@contextlib.contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Do something that can be undone alone."""
    write_queued(session)
    with session.begin_nested():
        yield
        write_queued(session)


def _engine(url: str, *, pool_size: int) -> Engine:
    """Make an engine whose transactions mean the same on both databases."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args=dict(SQLITE_CONNECTS_WITH),
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Make each connection durable, strict about keys, and patient."""
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_SQLITE_BUSY_MS}",
        f"cache_size=-{_SQLITE_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin for reading, or at once as the writer."""
    writes = connection.get_execution_options().get("lamplighter_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
