"""Questions of packing and proving receipts.

A plain UPDATE that shortens rows gives SQLite no page back, because it never joins pages that have
become half empty; rows that are deleted and written again lie densely at the end of the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Table,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from api import db
from api.prepared import Prepared
from api.sync.models import DeviceLedger, Receipt, ReceiptPack
from api.sync.receipts import packs
from schemas import sync
from schemas.rules.operation_chain import Head

_RECEIPTS: Final = cast("Table", Receipt.__table__)
_NO_BYTES: Final = literal(b"", LargeBinary())
_OWN_BYTES: Final = func.length(Receipt.wire)
_LINKS: Final = Prepared(
    select(
        Receipt.n,
        Receipt.operation_id,
        Receipt.type,
        Receipt.status,
        Receipt.sha256,
        _OWN_BYTES,
        case(
            (bindparam("wire_bytes_max", type_=BigInteger()) >= _OWN_BYTES, Receipt.wire),
            else_=_NO_BYTES,
        ),
    )
    .where(
        Receipt.district_id == bindparam("district_id"),
        Receipt.device_id == bindparam("device_id"),
        Receipt.n > bindparam("after"),
    )
    .order_by(Receipt.n)
    .limit(bindparam("links_max", type_=BigInteger())),
    large=True,
)
_THESE: Final = (
    _RECEIPTS.c.district_id == bindparam("of_district"),
    _RECEIPTS.c.device_id == bindparam("of_device"),
    _RECEIPTS.c.n.in_(bindparam("numbers", expanding=True)),
)
_UPDATE: Final = update(_RECEIPTS).where(*_THESE).values(wire=_NO_BYTES)
_REWRITE: Final = (
    insert(_RECEIPTS)
    .prefix_with("OR REPLACE")
    .from_select(
        list(_RECEIPTS.columns),
        select(*(_NO_BYTES if each.name == "wire" else each for each in _RECEIPTS.columns)).where(
            *_THESE
        ),
    )
)


class Ripe(NamedTuple):
    """A device with a whole pack's numbers to pack, and the last number that was packed before."""

    device_id: str
    packed_through: int


class Link(NamedTuple):
    """A receipt as its device's chain sees it.

    `wire` is what of its bytes lies in the row; empty when they are packed, or more than a pack
    takes, and `own_bytes` tells how many lie there.
    """

    n: int
    operation_id: str
    type: str
    status: str
    sha256: str
    own_bytes: int
    wire: bytes


class Pack(NamedTuple):
    """A pack as it lies."""

    first_n: int
    last_n: int
    frame: bytes


def list_ripe(
    session: Session, *, district_id: str, received_by: dt.datetime, limit: int
) -> list[Ripe]:
    """List devices whose next pack is full of settled receipts, the last of which is old.

    Each device costs a look at its last pack and at one receipt, whatever the number of either.
    """
    through = (
        select(func.coalesce(func.max(ReceiptPack.last_n), 0))
        .where(
            ReceiptPack.district_id == DeviceLedger.district_id,
            ReceiptPack.device_id == DeviceLedger.id,
        )
        .correlate(DeviceLedger)
        .scalar_subquery()
    )
    ledgers = (
        select(DeviceLedger.id, DeviceLedger.acked_through, through.label("through"))
        .where(DeviceLedger.district_id == district_id)
        .subquery()
    )
    last_at = (
        select(Receipt.received_at)
        .where(
            Receipt.district_id == district_id,
            Receipt.device_id == ledgers.c.id,
            Receipt.n == ledgers.c.through + packs.NUMBERS,
        )
        .correlate(ledgers)
        .scalar_subquery()
    )
    question = (
        select(ledgers.c.id, ledgers.c.through)
        .where(ledgers.c.acked_through >= ledgers.c.through + packs.NUMBERS, last_at <= received_by)
        .order_by(ledgers.c.id)
        .limit(limit)
    )
    return [Ripe(*row) for row in session.execute(question)]


def list_links(
    session: Session, *, district_id: str, device_id: str, after: int, limit: int
) -> list[Link]:
    """List a device's receipts beyond a number in their order, without bytes that are too many."""
    rows = _LINKS.rows(
        session,
        district_id=district_id,
        device_id=device_id,
        after=after,
        wire_bytes_max=packs.WIRE_BYTES_MAX,
        links_max=limit,
    )
    return [Link(*row) for row in rows]


def get_own_wire(session: Session, *, district_id: str, device_id: str, n: int) -> bytes:
    """Get what lies in a receipt's own row of its operation's bytes."""
    question = select(Receipt.wire).where(
        Receipt.district_id == district_id, Receipt.device_id == device_id, Receipt.n == n
    )
    return session.scalars(question).one()


def find_pack(session: Session, *, district_id: str, device_id: str, n: int) -> Pack | None:
    """Find the pack that spans a number of a device."""
    question = (
        select(ReceiptPack.first_n, ReceiptPack.last_n, ReceiptPack.wires)
        .where(
            ReceiptPack.district_id == district_id,
            ReceiptPack.device_id == device_id,
            ReceiptPack.last_n >= n,
        )
        .order_by(ReceiptPack.last_n)
        .limit(1)
    )
    row = session.execute(question).first()
    return Pack(*row) if row is not None and row[0] <= n else None


def add_pack(session: Session, *, district_id: str, device_id: str, pack: Pack) -> bool:
    """Keep a pack; False if somebody else packed these numbers meanwhile."""
    row = db.insert_into(session, ReceiptPack).values(
        district_id=district_id,
        device_id=device_id,
        first_n=pack.first_n,
        last_n=pack.last_n,
        wires=pack.frame,
    )
    added = row.on_conflict_do_nothing().returning(ReceiptPack.last_n)
    return session.execute(added).first() is not None


def empty_wires(
    session: Session, *, district_id: str, device_id: str, numbers: Sequence[int]
) -> None:
    """Take the operations' bytes out of receipts; all else of them stays."""
    emptying = _REWRITE if db.dialect_of(session) == "sqlite" else _UPDATE
    values = {"of_district": district_id, "of_device": device_id, "numbers": numbers}
    session.execute(emptying, values)


def next_device(session: Session, *, district_id: str, after: str) -> str | None:
    """Find the next device by id of which anything is kept, be it only a part."""
    kept = union_all(
        *(
            select(func.min(column).label("id")).where(district == district_id, column > after)
            for district, column in (
                (DeviceLedger.district_id, DeviceLedger.id),
                (Receipt.district_id, Receipt.device_id),
                (ReceiptPack.district_id, ReceiptPack.device_id),
            )
        )
    ).subquery()
    found: str | None = session.scalar(select(func.min(kept.c.id)))
    return found


def count_settled(session: Session, *, district_id: str) -> int:
    """Count the operations that devices of a district have settled, by their ledgers."""
    question = select(func.coalesce(func.sum(DeviceLedger.acked_through), 0)).where(
        DeviceLedger.district_id == district_id
    )
    return int(session.scalars(question).one())


def list_about(
    session: Session, *, district_id: str, subject_id: str, limit: int
) -> Sequence[Receipt]:
    """List the receipts of what was pushed about an order, by device and number."""
    question = (
        select(Receipt)
        .where(Receipt.district_id == district_id, Receipt.subject_id == subject_id)
        .order_by(Receipt.device_id, Receipt.n)
        .limit(limit)
    )
    return session.scalars(question).all()


def weigh_about(session: Session, *, district_id: str, subject_id: str) -> tuple[int, int]:
    """Count what was pushed about an order, and the bytes of it that lie in the receipts' rows."""
    question = select(func.count(), func.coalesce(func.sum(_OWN_BYTES), 0)).where(
        Receipt.district_id == district_id, Receipt.subject_id == subject_id
    )
    count, size_bytes = session.execute(question).one()
    return count, int(size_bytes)


def find_signed(
    session: Session, *, district_id: str, device_id: str, first_n: int, last_n: int
) -> sync.Head | None:
    """Find the first head that a device signed from one number to another, both included."""
    question = (
        select(Receipt.n, Receipt.sha256, Receipt.signature)
        .where(
            Receipt.district_id == district_id,
            Receipt.device_id == device_id,
            Receipt.n.between(first_n, last_n),
            Receipt.signature.is_not(None),
        )
        .order_by(Receipt.n)
        .limit(1)
    )
    row = session.execute(question).first()
    return None if row is None else sync.Head(n=row[0], sha256=row[1], signature=row[2] or "")


def list_heads(
    session: Session, *, district_id: str, device_id: str, first_n: int, last_n: int
) -> list[Head]:
    """List the numbers and hashes of a device's operations, both ends included."""
    question = (
        select(Receipt.n, Receipt.sha256)
        .where(
            Receipt.district_id == district_id,
            Receipt.device_id == device_id,
            Receipt.n.between(first_n, last_n),
        )
        .order_by(Receipt.n)
    )
    return [Head(*row) for row in session.execute(question)]
