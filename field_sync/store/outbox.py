"""What the crew did: operations in the order of `n`, as the exact bytes that are sent.

An operation waits until the server has settled it. What was settled otherwise than applied stays,
with the server's words, for a person to read; the newest applied ones stay as a history.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from field_sync import errors
from field_sync.clock import Moment
from field_sync.store import chain, settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from schemas import upgrades
from schemas.base import Shape, encode, rfc3339
from schemas.errors import Words
from schemas.operations import version_of
from schemas.sync import Operation, Outcome, Status

WAITING_MAX: Final = 100_000
HISTORY_MAX: Final = 2_000
_COLUMNS: Final = (
    "n, id, type, subject, entity, entity_id, made_at, wire, hash, status, code, en, zh"
)
_ON_ORDER: Final = "SELECT n FROM outbox WHERE laid = 1 AND subject = ?1 AND entity = 'task'"
_TURNS: Final = (
    f"{_ON_ORDER} UNION SELECT (SELECT min(stop.n) FROM outbox AS stop"  # noqa: S608 - both are written here
    " WHERE stop.laid = 1 AND stop.subject = ?1 AND stop.entity = 'stop' AND stop.n > turn.n)"
    f" FROM (SELECT 0 AS n UNION ALL {_ON_ORDER}) AS turn"
)
_UNDONE: Final = frozenset({Status.CONFLICT, Status.REJECTED})
"""Settled so, an operation did not change the record: the view must not show it over it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One operation of the crew, and what became of it.

    `entity` and `entity_id` name the record that the view lays it over.
    `status` is None while it waits.
    """

    n: int
    id: str
    type: str
    subject: str
    entity: str
    entity_id: str
    made_at: dt.datetime
    wire: bytes
    hash: str
    status: Status | None
    code: str
    words: Words

    def read(self) -> Shape:
        """Read what was done, also where an older version of this program kept it."""
        operation = msgspec.json.decode(self.wire, type=Operation)
        return upgrades.read(operation.type, operation.v, bytes(operation.body))


def add(
    store: Store,
    *,
    id: str,  # noqa: A002 - the wire's word
    type: str,  # noqa: A002 - the wire's word
    subject: str,
    about: tuple[str, str],
    based_on: int | None,
    moment: Moment,
    body: Shape,
) -> Entry:
    """Append an operation to the chain, in the caller's transaction.

    Args:
        store: an open store, in a transaction.
        id: the operation's new id.
        type: its name in `schemas.operations`.
        subject: the order that it is about.
        about: kind and id of the entity that the view lays it over.
        based_on: the version that the crew looked at.
        moment: the handheld's clocks at the act.
        body: what was done.

    Raises:
        OutboxFull: too much waits already.
    """
    head = chain.last(store)
    waiting = head.n - _first_waiting_n(store, default=head.n + 1) + 1
    if waiting >= WAITING_MAX:
        raise errors.OutboxFull(waiting=waiting, limit=WAITING_MAX)
    wire = encode(
        Operation(
            id=id,
            n=head.n + 1,
            type=type,
            v=version_of(type),
            subject=subject,
            based_on=based_on,
            at=moment.wall,
            mono_ms=moment.mono_ms,
            boot=moment.boot,
            prev=head.sha256,
            body=msgspec.Raw(encode(body)),
        )
    )
    row = (head.n + 1, id, type, subject, *about, rfc3339(moment.wall), wire, _hash(wire))
    store.connection.execute(
        "INSERT INTO outbox (n, id, type, subject, entity, entity_id, made_at, wire, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    return _entry((*row, None, "", "", ""))


def count_waiting(store: Store) -> int:
    """Count the operations that wait."""
    (rows,) = store.connection.execute(
        "SELECT count(*) FROM outbox WHERE status IS NULL"
    ).fetchone()
    return int(rows)


def weigh_waiting(store: Store) -> tuple[int, dt.datetime | None]:
    """Count the operations that wait, and tell when the oldest was made."""
    oldest = list_waiting(store, limit=1)
    return count_waiting(store), oldest[0].made_at if oldest else None


def list_waiting_by_subject(store: Store) -> list[tuple[str, int, dt.datetime]]:
    """List the orders whose operations wait: how many, and since when, the oldest first."""
    rows = store.connection.execute(  # beside one min(), SQLite tells the row that it is of
        "SELECT subject, count(*), min(n), made_at FROM outbox"
        " WHERE status IS NULL GROUP BY subject ORDER BY min(n)"
    )
    return [
        (str(subject), int(count), dt.datetime.fromisoformat(made_at))
        for subject, count, _, made_at in rows
    ]


def list_waiting(store: Store, *, limit: int, after: int = 0) -> list[Entry]:
    """List operations that wait, oldest first."""
    return _list(store, "status IS NULL AND n > ? ORDER BY n LIMIT ?", (after, limit))


def list_laid_on(store: Store, *, subject: str) -> list[Entry]:
    """List the operations on one order that the view lays over records, oldest first."""
    return _list(store, "laid = 1 AND subject = ? ORDER BY n", (subject,))


def list_laid_over(store: Store, *, entity: str, entity_id: str) -> list[Entry]:
    """List the operations that the view lays over one entity, oldest first."""
    return _list(store, "laid = 1 AND entity = ? AND entity_id = ? ORDER BY n", (entity, entity_id))


def list_turns(store: Store, *, subject: str) -> list[Entry]:
    """List the operations that can have moved an order, oldest first.

    Those are the ones on the order itself, and of those on its stops the first after each: found
    by jumping from one to the next, so that a day of readings costs no more than one.
    """
    return _list(store, f"n IN ({_TURNS}) ORDER BY n", (subject,))


def list_about(
    store: Store,
    *,
    subject: str,
    type: str,  # noqa: A002 - the wire's word
) -> list[Entry]:
    """List the operations of one type on one order that are still here, oldest first."""
    return _list(store, "subject = ? AND type = ? ORDER BY n", (subject, type))


def list_taken(store: Store, *, subject: str, entity_id: str) -> list[Entry]:
    """List the readings of one stop that are still here and stand, oldest first."""
    where = "subject = ? AND type = 'reading.take' AND entity_id = ? ORDER BY n"
    found = _list(store, where, (subject, entity_id))
    return [entry for entry in found if entry.status not in _UNDONE]


def count_waiting_on(store: Store, *, subject: str) -> int:
    """Count the operations on one order that wait."""
    (rows,) = store.connection.execute(
        "SELECT count(*) FROM outbox WHERE status IS NULL AND subject = ?", (subject,)
    ).fetchone()
    return int(rows)


def count_waiting_by_subject(store: Store) -> dict[str, int]:
    """Count the operations that wait, for each order that has any."""
    rows = store.connection.execute(
        "SELECT subject, count(*) FROM outbox WHERE status IS NULL GROUP BY subject"
    )
    return {str(subject): int(count) for subject, count in rows}


def list_exceptions(store: Store) -> list[Entry]:
    """List what was settled otherwise than plainly applied, oldest first."""
    return _list(store, "status <> 'applied' ORDER BY n", ())


def list_kept(store: Store) -> list[Entry]:
    """List every operation that is still here, oldest first."""
    return _list(store, "n >= 1 ORDER BY n", ())


def settle(store: Store, *, through: int, outcomes: Sequence[Outcome]) -> None:
    """Enter what became of operations: those named so, the other ones up to `through` applied.

    The first outcome is the outcome for ever; telling it again changes nothing.
    """
    store.connection.executemany(
        "UPDATE outbox SET status = ?, code = ?, en = ?, zh = ?, laid = ?"
        " WHERE n = ? AND id = ? AND status IS NULL",
        [_settled(outcome) for outcome in outcomes if outcome.n <= through],
    )
    store.connection.execute(
        "UPDATE outbox SET status = 'applied' WHERE n <= ? AND status IS NULL", (through,)
    )
    if through > settings.find_number(store, Name.SETTLED_THROUGH):
        settings.put(store, Name.SETTLED_THROUGH, through)


def conclude(store: Store, *, outcomes: Sequence[Outcome]) -> None:
    """Enter the final outcome of operations that were held; any other stands as it is."""
    store.connection.executemany(
        "UPDATE outbox SET status = ?, code = ?, en = ?, zh = ?, laid = ?"
        " WHERE id = ? AND status = 'held'",
        [
            (
                outcome.status,
                outcome.code if outcome.status is not Status.APPLIED else "",
                outcome.detail.en,
                outcome.detail.zh,
                int(outcome.status not in _UNDONE),
                outcome.id,
            )
            for outcome in outcomes
        ],
    )


def hand_over(store: Store, *, through: int) -> None:
    """Forget what the office keeps for certain; the newest operation stays, to be signed again."""
    store.connection.execute(
        "DELETE FROM outbox WHERE n <= ? AND n < (SELECT max(n) FROM outbox)", (through,)
    )
    store.connection.execute(
        "UPDATE outbox SET status = ?, laid = 0 WHERE n <= ? AND status IS NULL",
        (Status.HELD, through),
    )
    settings.put(
        store, Name.SETTLED_THROUGH, max(through, settings.find_number(store, Name.SETTLED_THROUGH))
    )


def unsettle(store: Store, *, after: int) -> None:
    """Queue again what a server restored from an older backup does not know any more."""
    store.connection.execute(
        "UPDATE outbox SET status = NULL, code = '', en = '', zh = '', laid = 1 WHERE n > ?",
        (after,),
    )
    settings.put(store, Name.SETTLED_THROUGH, after)


def lift(store: Store, *, keys: Iterable[tuple[str, str]]) -> None:
    """Stop laying settled operations over entities whose records tell them by themselves now.

    No record tells of one that is held.
    """
    store.connection.executemany(
        "UPDATE outbox SET laid = 0"
        " WHERE laid = 1 AND entity = ? AND entity_id = ? AND status IS NOT NULL"
        " AND status <> 'held'",
        keys,
    )


def prune(store: Store) -> None:
    """Let go of applied operations older than the newest `HISTORY_MAX`; the server has them.

    The last settled one stays: by its hash we know whether the server's chain is still ours. So do
    those whose files wait.
    """
    store.connection.execute(
        "DELETE FROM outbox WHERE status = 'applied' AND laid = 0"
        " AND n <= (SELECT max(n) FROM outbox) - ? AND n < ?"
        " AND n NOT IN (SELECT n FROM uploads WHERE state = 'waiting')",
        (HISTORY_MAX, settings.find_number(store, Name.SETTLED_THROUGH)),
    )


def _first_waiting_n(store: Store, *, default: int) -> int:
    """Tell the number of the oldest operation that waits; those behind it wait as well."""
    (n,) = store.connection.execute("SELECT min(n) FROM outbox WHERE status IS NULL").fetchone()
    return default if n is None else int(n)


def _settled(outcome: Outcome) -> tuple[object, ...]:
    """Say what became of an operation; of a repeated one, what became of it the first time.

    What was repeated is laid over nothing: its record may have told of it already, and then does
    not come again.
    """
    status, code = outcome.status, outcome.code
    repeated = status is Status.DUPLICATE
    if repeated:
        status = Status(str(outcome.fields.get("first_status", Status.APPLIED.value)))
        code = str(outcome.fields.get("first_code", code))
    laid = not repeated and status not in _UNDONE
    words = outcome.detail
    return (status, code, words.en, words.zh, int(laid), outcome.n, outcome.id)


def _hash(wire: bytes) -> str:
    return hashlib.sha256(wire).hexdigest()


def _list(store: Store, where: str, arguments: tuple[object, ...]) -> list[Entry]:
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {where}",  # noqa: S608 - both are written above
        arguments,
    )
    return [_entry(row) for row in rows]


def _entry(row: sqlite3.Row | tuple[object, ...]) -> Entry:
    n, id_, type_, subject, entity, entity_id, made_at, wire, hash_, status, code, en, zh = row
    assert isinstance(n, int)
    assert isinstance(wire, bytes)
    return Entry(
        n=n,
        id=str(id_),
        type=str(type_),
        subject=str(subject),
        entity=str(entity),
        entity_id=str(entity_id),
        made_at=dt.datetime.fromisoformat(str(made_at)),
        wire=wire,
        hash=str(hash_),
        status=None if status is None else Status(str(status)),
        code=str(code),
        words=Words(en=str(en), zh=str(zh)),
    )
