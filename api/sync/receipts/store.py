"""Questions of packing and proving receipts.

A plain UPDATE that shortens rows gives SQLite no page back, because it never joins pages that have
become half empty; rows that are deleted and written again lie densely at the end of the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import LargeBinary, Table, case, func, insert, literal, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.sync.models import DeviceLedger, Receipt, ReceiptPack
from api.sync.receipts import packs

_RECEIPTS: Final = cast("Table", Receipt.__table__)
_NO_BYTES: Final = literal(b"", LargeBinary())


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
    own_bytes = func.length(Receipt.wire)
    fits = case((own_bytes <= packs.WIRE_BYTES_MAX, Receipt.wire), else_=_NO_BYTES)
    question = (
        select(
            Receipt.n,
            Receipt.operation_id,
            Receipt.type,
            Receipt.status,
            Receipt.sha256,
            own_bytes,
            fits,
        )
        .where(
            Receipt.district_id == district_id, Receipt.device_id == device_id, Receipt.n > after
        )
        .order_by(Receipt.n)
        .limit(limit)
    )
    return [Link(*row) for row in session.execute(question)]


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
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(ReceiptPack).values(
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
    these = (
        _RECEIPTS.c.district_id == district_id,
        _RECEIPTS.c.device_id == device_id,
        _RECEIPTS.c.n.in_(numbers),
    )
    if session.get_bind().dialect.name == "postgresql":
        session.execute(update(_RECEIPTS).where(*these).values(wire=b""))
        return
    columns = [_NO_BYTES if each.name == "wire" else each for each in _RECEIPTS.columns]
    anew = select(*columns).where(*these)
    session.execute(
        insert(_RECEIPTS).prefix_with("OR REPLACE").from_select(list(_RECEIPTS.columns), anew)
    )


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
