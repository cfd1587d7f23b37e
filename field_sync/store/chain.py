"""The chain of the handheld's operations: where it ends, and how it is joined to the server's anew.

A store put back from an older backup, a copy of it that works elsewhere and a server put back from
an older backup all end in the same: the server's chain is not ours. Then what the server does not
have of ours follows its last operation, under new numbers. An operation's id names it for ever, so
that sending too much does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from field_sync.store import settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from schemas.base import encode
from schemas.rules.operation_chain import START, Head
from schemas.sync import Operation

_OPERATIONS: Final = msgspec.json.Decoder(Operation)
_ASIDE: Final = 2**60
"""Added to numbers that are being given anew, so that no two rows have the same on the way."""
_ROWS_PER_READ: Final = 500


def last(store: Store) -> Head:
    """Tell what the next operation follows."""
    row = store.connection.execute("SELECT n, hash FROM outbox ORDER BY n DESC LIMIT 1").fetchone()
    base = _base(store)
    return base if row is None or row[0] <= base.n else Head(int(row[0]), str(row[1]))


def hash_of(store: Store, *, n: int) -> str | None:
    """Tell the hash of an operation that is still here; nothing was before the first."""
    base = _base(store)
    if n in {0, base.n}:
        return base.sha256 if n else START
    row = store.connection.execute("SELECT hash FROM outbox WHERE n = ?", (n,)).fetchone()
    return None if row is None else str(row[0])


def follows(store: Store, *, head: Head) -> bool:
    """Tell whether all that we hold beyond `head` follows it as it is, without a hole."""
    (beyond,) = store.connection.execute(
        "SELECT count(*) FROM outbox WHERE n > ?", (head.n,)
    ).fetchone()
    if last(store).n != head.n + beyond:
        return False
    row = store.connection.execute("SELECT wire FROM outbox WHERE n = ?", (head.n + 1,)).fetchone()
    return row is None or _OPERATIONS.decode(row[0]).prev == head.sha256


def rebase(store: Store, *, head: Head, after: int) -> None:
    """Queue what we hold beyond a number again, behind the server's head.

    Ids, bodies and clock readings stay; numbers and links are new, and so are the bytes. Files go
    with the operations that declare them. All of it in the caller's transaction.

    Args:
        store: an open store, in a transaction.
        head: the last operation that the server has of this device.
        after: what the server has of ours for certain; not above `head`.
    """
    settled = settings.find_number(store, Name.SETTLED_THROUGH)
    kept = _count_kept(store, after=max(after, head.n), through=settled)
    lost = max(settled - max(after, head.n), 0) - kept
    if lost > 0:
        settings.put(store, Name.LOST, settings.find_number(store, Name.LOST) + lost)
    for table in ("outbox", "uploads"):
        store.connection.execute(
            f"UPDATE {table} SET n = n + ? WHERE n > ?",  # noqa: S608 - both are written above
            (_ASIDE, after),
        )
    end = _number_anew(store, head=head, declaring=_declaring(store))
    # A file whose operation is here no more waits for nothing.
    store.connection.execute("UPDATE uploads SET n = ? WHERE n > ?", (head.n, end.n))
    settings.put(store, Name.BASE, head.n)
    settings.put(store, Name.BASE_SHA256, head.sha256)
    settings.put(store, Name.SETTLED_THROUGH, head.n)
    settings.put(store, Name.SENT_THROUGH, head.n)


def _number_anew(store: Store, *, head: Head, declaring: AbstractSet[int]) -> Head:
    """Give the rows put aside their new places, in their order; tell where they end."""
    while True:
        rows = store.connection.execute(
            "SELECT n, wire FROM outbox WHERE n > ? ORDER BY n LIMIT ?", (_ASIDE, _ROWS_PER_READ)
        ).fetchall()
        if not rows:
            return head
        for n, wire in rows:
            operation = _OPERATIONS.decode(wire)
            anew = encode(
                msgspec.structs.replace(operation, n=head.n + 1, prev=head.sha256, rebased=True)
            )
            head = Head(head.n + 1, hashlib.sha256(anew).hexdigest())
            store.connection.execute(
                "UPDATE outbox SET n = ?, wire = ?, hash = ?,"
                " status = NULL, code = '', en = '', zh = '', laid = 1 WHERE n = ?",
                (head.n, anew, head.sha256, n),
            )
            if n in declaring:
                store.connection.execute("UPDATE uploads SET n = ? WHERE n = ?", (head.n, n))


def _declaring(store: Store) -> AbstractSet[int]:
    """Tell which numbers put aside are those of operations that declare files."""
    rows = store.connection.execute("SELECT n FROM uploads WHERE n > ?", (_ASIDE,))
    return {int(n) for (n,) in rows}


def _count_kept(store: Store, *, after: int, through: int) -> int:
    (rows,) = store.connection.execute(
        "SELECT count(*) FROM outbox WHERE n > ? AND n <= ?", (after, through)
    ).fetchone()
    return int(rows)


def _base(store: Store) -> Head:
    """Tell the server's head as it was when we last joined it; the start, if we never had to."""
    n = settings.find_number(store, Name.BASE)
    return Head(n, settings.find(store, Name.BASE_SHA256) or START)
