"""Questions of sync."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, cast

from sqlalchemy import BigInteger, Table, bindparam, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from api import db, rows
from api.loading import PreparedRows
from api.prepared import Among, Prepared
from api.sync.models import DeviceContact, DeviceLedger, HeldOperation, Quarantined, Receipt
from schemas.quarantine import State
from schemas.rules import event_time as rule
from schemas.sync import Status

CONTACTS_KEPT: Final = 40
_KEYS_PER_QUERY: Final = 500


@dataclasses.dataclass(slots=True)
class Ledger:
    """How far a device's operations are settled (see `models.DeviceLedger`)."""

    district_id: str
    device_id: str
    acked_through: int
    chain: str
    floor_at: dt.datetime
    signed_n: int | None
    signed_sha256: str | None
    signature: str | None


_LEDGER: Final = (
    select(
        DeviceLedger.district_id,
        DeviceLedger.id,
        DeviceLedger.acked_through,
        DeviceLedger.chain,
        DeviceLedger.floor_at,
        DeviceLedger.signed_n,
        DeviceLedger.signed_sha256,
        DeviceLedger.signature,
    )
).where(
    DeviceLedger.district_id == bindparam("district_id"),
    DeviceLedger.id == bindparam("device_id"),
)
_FIND_LEDGER: Final = Prepared(_LEDGER)
_LOCK_LEDGER: Final = Prepared(_LEDGER.with_for_update())


def find_ledger(session: Session, *, district_id: str, device_id: str) -> Ledger | None:
    """Find how far a device is settled."""
    row = _FIND_LEDGER.first(session, district_id=district_id, device_id=device_id)
    return Ledger(*row) if row else None


def lock_ledger(
    session: Session, *, district_id: str, device_id: str, since: dt.datetime
) -> Ledger:
    """Hold a device's ledger until the commit, so that its pushes come one after the other.

    Args:
        session: the unit of work.
        district_id: the device's district.
        device_id: the device.
        since: when the device was enrolled; nothing it says is older.
    """
    row = _LOCK_LEDGER.first(session, district_id=district_id, device_id=device_id)
    if row is not None:
        return Ledger(*row)
    # A device's first push may come twice at once: the second waits here for the first.
    first = db.insert_into(session, DeviceLedger).values(
        district_id=district_id, id=device_id, acked_through=0, chain="", floor_at=since
    )
    session.execute(first.on_conflict_do_nothing())
    (row,) = _LOCK_LEDGER.rows(session, district_id=district_id, device_id=device_id)
    return Ledger(*row)


def keep_ledger(session: Session, ledger: Ledger) -> None:
    """Write down how far a device that is held is settled."""
    row = {
        "district_id": ledger.district_id,
        "id": ledger.device_id,
        "acked_through": ledger.acked_through,
        "chain": ledger.chain,
        "floor_at": ledger.floor_at,
        "signed_n": ledger.signed_n,
        "signed_sha256": ledger.signed_sha256,
        "signature": ledger.signature,
    }
    db.change(session, DeviceLedger, row)


def receipts_by_n(
    session: Session, *, district_id: str, device_id: str, numbers: Sequence[int]
) -> dict[int, Receipt]:
    """List a device's receipts by their numbers."""
    found: dict[int, Receipt] = {}
    for start in range(0, len(numbers), _KEYS_PER_QUERY):
        question = select(Receipt).where(
            Receipt.district_id == district_id,
            Receipt.device_id == device_id,
            Receipt.n.in_(numbers[start : start + _KEYS_PER_QUERY]),
        )
        found.update((receipt.n, receipt) for receipt in session.scalars(question))
    return found


_REMARKABLE: Final = PreparedRows(
    select(Receipt)
    .where(
        Receipt.district_id == bindparam("district_id"),
        Receipt.device_id == bindparam("device_id"),
        Receipt.n > bindparam("after"),
        Receipt.status != Status.APPLIED,
    )
    .order_by(Receipt.n)
    .limit(bindparam("rows_max", type_=BigInteger()))
)


def remarkable_receipts(
    session: Session, *, district_id: str, device_id: str, after: int, limit: int
) -> Sequence[Receipt]:
    """List a device's receipts beyond a number that are not plainly applied, oldest first."""
    return _REMARKABLE.objects(
        session, district_id=district_id, device_id=device_id, after=after, rows_max=limit
    )


_IDS_TAKEN: Final = Prepared(
    select(Receipt.operation_id).where(
        Receipt.district_id == bindparam("district_id"), Among(Receipt.operation_id, "ids")
    )
)
_IDS_LET_IN: Final = Prepared(
    select(Quarantined.operation_id).where(
        Quarantined.district_id == bindparam("district_id"),
        Among(Quarantined.operation_id, "ids"),
        Quarantined.state == State.ACCEPTED,
    )
)


def ids_taken(session: Session, *, district_id: str, ids: Sequence[str]) -> set[str]:
    """Tell which operation ids have a receipt or were let in; this push is not asked for."""
    asked = (_IDS_TAKEN, _IDS_LET_IN)
    return {
        taken for each in asked for (taken,) in each.rows(session, district_id=district_id, ids=ids)
    }


def first_receipts(session: Session, *, district_id: str, ids: Sequence[str]) -> dict[str, Receipt]:
    """Find what became of operations when they first came, by their ids."""
    found: dict[str, Receipt] = {}
    for start in range(0, len(ids), _KEYS_PER_QUERY):
        question = select(Receipt).where(
            Receipt.district_id == district_id,
            Receipt.operation_id.in_(ids[start : start + _KEYS_PER_QUERY]),
            Receipt.status != Status.DUPLICATE,
        )
        found.update((receipt.operation_id, receipt) for receipt in session.scalars(question))
    return found


_HASH: Final = Prepared(
    select(Receipt.sha256).where(
        Receipt.district_id == bindparam("district_id"),
        Receipt.device_id == bindparam("device_id"),
        Receipt.n == bindparam("n"),
    )
)


def find_hash(session: Session, *, district_id: str, device_id: str, n: int) -> str | None:
    """Find the hash of a device's operation with a number."""
    row = _HASH.first(session, district_id=district_id, device_id=device_id, n=n)
    return None if row is None else str(row[0])


def add_receipt(session: Session, row: Mapping[str, object]) -> None:
    """Keep what became of an operation."""
    db.append(session, Receipt, row)


def keep_held(session: Session, row: Mapping[str, object]) -> None:
    """Keep an operation that is to be tried again; before it is settled no phone hears of it."""
    db.append(session, HeldOperation, row)


def get_receipt_of_held(session: Session, held: HeldOperation) -> Receipt:
    """Get the receipt of an operation that was held."""
    return session.get_one(Receipt, (held.district_id, held.device_id, held.n))


def lock_held(session: Session, *, district_id: str, operation_id: str) -> HeldOperation | None:
    """Find an operation that was held and keep others from trying it meanwhile."""
    return session.get(HeldOperation, (district_id, operation_id), with_for_update=True)


def list_held_of_type(
    session: Session,
    *,
    district_id: str,
    type: str,  # noqa: A002 - the wire's word
) -> Sequence[Receipt]:
    """List the receipts of a type whose operations still wait for their final outcome."""
    question = select(Receipt).where(
        Receipt.district_id == district_id, Receipt.status == Status.HELD, Receipt.type == type
    )
    return session.scalars(question).all()


def lock_held_due(
    session: Session, *, district_id: str, now: dt.datetime, release: str, limit: int
) -> Sequence[HeldOperation]:
    """List what is due to be tried, oldest first; what somebody else tries now is left to them."""
    question = (
        select(HeldOperation)
        .where(
            HeldOperation.district_id == district_id,
            HeldOperation.settled_at.is_(None),
            or_(HeldOperation.next_at <= now, HeldOperation.tried_by != release),
        )
        .order_by(HeldOperation.held_at, HeldOperation.device_id, HeldOperation.n)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(question).all()


def page_of_held(
    session: Session,
    *,
    district_id: str,
    settled: bool,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[HeldOperation]:
    """List operations that wait, or those that waited, newest first."""
    is_settled = HeldOperation.settled_at.is_not(None)
    question = (
        select(HeldOperation)
        .where(HeldOperation.district_id == district_id, is_settled if settled else ~is_settled)
        .order_by(HeldOperation.held_at.desc(), HeldOperation.id.desc())
        .limit(limit)
    )
    if after is not None:
        question = question.where(tuple_(HeldOperation.held_at, HeldOperation.id) < after)
    return session.scalars(question).all()


def page_of_receipts(
    session: Session,
    *,
    district_id: str,
    statuses: Sequence[str],
    after: tuple[dt.datetime, str, int] | None,
    limit: int,
) -> Sequence[Receipt]:
    """List receipts with one of the statuses, newest first."""
    question = (
        select(Receipt)
        .where(Receipt.district_id == district_id, Receipt.status.in_(statuses))
        .order_by(Receipt.received_at.desc(), Receipt.device_id.desc(), Receipt.n.desc())
        .limit(limit)
    )
    if after is not None:
        key = tuple_(Receipt.received_at, Receipt.device_id, Receipt.n)
        question = question.where(key < after)  # a plain tuple is bound by the columns' types
    return session.scalars(question).all()


_CONTACTS: Final = Prepared(
    select(
        DeviceContact.device_at,
        DeviceContact.mono_ms,
        DeviceContact.boot,
        DeviceContact.server_at,
        DeviceContact.round_trip_s,
    )
    .where(
        DeviceContact.district_id == bindparam("district_id"),
        DeviceContact.device_id == bindparam("device_id"),
    )
    .order_by(DeviceContact.server_at.desc())
    .limit(CONTACTS_KEPT)
)


def list_contacts(session: Session, *, district_id: str, device_id: str) -> Sequence[rule.Contact]:
    """List a device's newest contacts, newest first, as plain values: every contact asks."""
    known = _CONTACTS.rows(session, district_id=district_id, device_id=device_id)
    return [rule.Contact(*each) for each in known]


def note_round_trip(
    session: Session, *, district_id: str, device_id: str, server_at: dt.datetime, seconds: float
) -> None:
    """Write down how long the exchange of an earlier contact took."""
    row = {
        "district_id": district_id,
        "device_id": device_id,
        "server_at": server_at,
        "round_trip_s": seconds,
    }
    db.change(session, DeviceContact, row)


def keep_contact(
    session: Session, contact: rule.Contact, *, district_id: str, device_id: str
) -> None:
    """Keep a contact (the first of its instant)."""
    row = {
        "district_id": district_id,
        "device_id": device_id,
        "server_at": contact.server_at,
        "device_at": contact.device_at,
        "mono_ms": contact.monotonic_ms,
        "boot": contact.boot_id,
        "round_trip_s": contact.round_trip_s,
    }
    table = cast("Table", DeviceContact.__table__)
    rows.insert(db.connection_of(session), table, [row], first_counts=True)


def forget_contacts_before(
    session: Session, *, district_id: str, device_id: str, server_at: dt.datetime
) -> None:
    """Drop contacts that are older than the ones kept."""
    session.execute(
        delete(DeviceContact).where(
            DeviceContact.district_id == district_id,
            DeviceContact.device_id == device_id,
            DeviceContact.server_at < server_at,
        )
    )
