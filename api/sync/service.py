"""One contact of a phone: what it says is settled and committed, then what changed is told."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act, Principal
from api.crews import service as crews
from api.crews.models import Device
from api.evidence import service as evidence
from api.feed import store as feed
from api.feed.pages.packed import Piece
from api.sync import cursor as cursors
from api.sync import event_time, held, inbox, pull, push, signing, store, words
from api.sync.models import HeldOperation, Receipt
from api.sync.quarantine import keeping
from api.sync.receipts import wires
from api.sync.refusals import DeviceNeeded, ProtocolUnknown
from api.sync.witnessing import Custodian
from schemas import sync
from schemas.base import encode
from schemas.errors import Refused
from schemas.rules import operation_chain, pacing

NEXT_SOON_S: Final = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What the phone is told: the bytes of a `schemas.sync.SyncAnswer`, in pieces."""

    body: Sequence[Piece]


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """A contact that brought no operations, and what the phone said of itself."""

    act: Act
    device_id: str
    contact: sync.Contact
    status: sync.DeviceStatus
    seen: sync.CheckpointMark | msgspec.UnsetType


def greet(session: Session, *, act: Act, request: sync.SyncRequest) -> tuple[Visit, push.Pushed]:
    """Receive a phone that pushes nothing; nothing is written yet.

    Raises:
        DeviceNeeded: the caller is no enrolled device.
        ProtocolUnknown: the phone speaks another version.
    """
    device_id = _speaker(act, request)
    ledger = store.find_ledger(session, district_id=act.district_id, device_id=device_id)
    visit = Visit(act, device_id, request.contact, request.status, request.seen)
    if ledger is None:
        return visit, push.Pushed(0, operation_chain.START, [])
    return visit, push.Pushed(ledger.acked_through, ledger.chain, [])


def write_down(session: Session, visit: Visit, *, custodian: Custodian) -> None:
    """Write a contact down; what the phone said later already stands."""
    act = visit.act
    device = crews.get_device(session, device_id=visit.device_id)
    timeline = _meet(session, act=act, device=device, contact=visit.contact)
    if device.last_seen_at is None or device.last_seen_at <= act.received_at:
        _note(session, act=act, device=device, status=visit.status, timeline=timeline)
    _witness(session, act=act, device=device, seen=visit.seen, custodian=custodian)


def hear(
    session: Session, *, act: Act, request: sync.SyncRequest, custodian: Custodian
) -> push.Pushed | Refused:
    """Settle what a phone pushed and note its contact; the caller commits.

    A refusal that is returned has kept the operations: the caller commits, then raises it.

    Args:
        session: the unit of work.
        act: the contact.
        request: what the phone says.
        custodian: who keeps the checkpoints.

    Raises:
        DeviceNeeded: the caller is no enrolled device.
        ProtocolUnknown: the phone speaks another version.
        Invalid: an operation has no id or number, or two have the same.
    """
    device_id = _speaker(act, request)
    letters = inbox.open_letters(request.operations)
    device = crews.get_device(session, device_id=device_id)
    unproved = signing.check(letters, head=request.head, device_id=device_id, key=device.key)
    if unproved is not None:
        _keep_out(session, act=act, request=request, device=device, letters=letters)
        return unproved
    timeline = _meet(session, act=act, device=device, contact=request.contact)
    pushed = push.push(
        session,
        act=act,
        device_id=device_id,
        enrolled_at=device.enrolled_at,
        timeline=timeline,
        letters=letters,
        head=request.head if device.key else None,
    )
    _note(session, act=act, device=device, status=request.status, timeline=timeline)
    _witness(session, act=act, device=device, seen=request.seen, custodian=custodian)
    return pushed


def tell(
    session: Session,
    *,
    principal: Principal,
    request: sync.SyncRequest,
    pushed: push.Pushed,
    now: dt.datetime,
    load: float,
    custodian: Custodian,
) -> Answer:
    """Tell a phone what changed, from a unit of work that began after the push was committed.

    Args:
        session: a unit of work that sees one moment.
        principal: who asks, with a device.
        request: what it asked.
        pushed: what became of its operations.
        now: the present instant.
        load: how much of the room for syncs is taken, from 0 to 1.
        custodian: who keeps the checkpoints.

    Raises:
        CursorUnknown: no server wrote the cursor.
    """
    device_id = principal.device_id
    assert device_id is not None
    cursor = cursors.read(request.cursor, lineage=feed.get_lineage(session))
    pulled = pull.pull(
        session,
        principal=principal,
        cursor=cursor,
        changes_max=request.changes_max,
        now=now,
    )
    missing = evidence.missing_of(session, district_id=principal.district_id, device_id=device_id)
    rest = {
        "server_at": now,
        "acked_through": pushed.acked_through,
        "chain": pushed.chain,
        "outcomes": pushed.outcomes,
        "dropped": pulled.dropped,
        "cursor": cursors.write(pulled.cursor),
        "more": pulled.more,
        "missing": missing,
        "next_in_s": NEXT_SOON_S
        if pulled.more or missing
        else pacing.next_in_s(device_id, load=load),
        "wipe": False,
    }
    checkpoint = custodian.newest(session, district_id=principal.district_id, now=now)
    if checkpoint is not None:
        rest["checkpoint"] = checkpoint
    head = encode(rest)[:-1]
    return Answer([head, b',"feeds":[', *pulled.feeds, b"]}"])


def acknowledged(
    session: Session, *, principal: Principal, now: dt.datetime, after: int
) -> sync.Acknowledged:
    """Tell a phone how far it is settled, when the answer to a push was lost.

    Args:
        session: a unit of work.
        principal: who asks, with a device.
        now: the present instant.
        after: the number through which the phone knows its outcomes.

    Raises:
        DeviceNeeded: the caller is no enrolled device.
    """
    if principal.device_id is None:
        raise DeviceNeeded
    ledger = store.find_ledger(
        session, district_id=principal.district_id, device_id=principal.device_id
    )
    known = store.find_hash(
        session, district_id=principal.district_id, device_id=principal.device_id, n=after
    )
    return sync.Acknowledged(
        server_at=now,
        known=known or "",
        acked_through=ledger.acked_through if ledger else 0,
        chain=ledger.chain if ledger else "",
        outcomes=push.outcomes_after(
            session, principal=principal, device_id=principal.device_id, after=after
        ),
    )


def list_receipts(
    session: Session,
    *,
    act: Act,
    statuses: Sequence[sync.Status],
    after: tuple[dt.datetime, str, int] | None,
    limit: int,
) -> list[sync.KeptReceipt]:
    """List what became of operations, newest first: what was refused or held is shown whole."""
    rows = store.page_of_receipts(
        session,
        district_id=act.district_id,
        statuses=[status.value for status in statuses],
        after=after,
        limit=limit,
    )
    return list(map(_kept, rows, wires.list_of(session, rows)))


def list_held(
    session: Session,
    *,
    act: Act,
    settled: bool,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[sync.HeldOperation]:
    """List operations that wait, or those that waited, newest first, each with its bytes."""
    rows = store.page_of_held(
        session, district_id=act.district_id, settled=settled, after=after, limit=limit
    )
    return [_held(session, row) for row in rows]


def retry_held(session: Session, *, act: Act, operation_id: str) -> sync.HeldOperation:
    """Try a held operation now; one that has its final outcome keeps it.

    Raises:
        NotFound: nothing with this id was ever held.
    """
    return _held(session, held.retry_one(session, act=act, operation_id=operation_id))


def _held(session: Session, row: HeldOperation) -> sync.HeldOperation:
    receipt = store.get_receipt_of_held(session, row)
    first = sync.Outcome(
        n=row.n,
        id=row.id,
        status=sync.Status.HELD,
        code=row.code,
        detail=words.of(row.code, row.fields),
        fields=row.fields,
    )
    return sync.HeldOperation(
        operation_id=row.id,
        device_id=row.device_id,
        n=row.n,
        person_id=row.person_id,
        type=receipt.type,
        subject_id=receipt.subject_id,
        held_at=row.held_at,
        first=first,
        tries=row.tries,
        next_try_at=row.next_at,
        settled_at=row.settled_at,
        outcome=row.wire() if row.settled_at else None,
        operation=inbox.readable(wires.get(session, receipt)),
    )


def _keep_out(
    session: Session,
    *,
    act: Act,
    request: sync.SyncRequest,
    device: Device,
    letters: Sequence[inbox.Letter],
) -> None:
    """Keep a push that is not the device's own; nothing of it moves the device on."""
    timeline = event_time.overhear(session, act=act, device=device, contact=request.contact)
    keeping.keep_unsigned(
        session,
        act=act,
        device_id=device.id,
        person_id=device.person_id,
        kept=timeline.place(letters, not_before=device.enrolled_at),
    )


def _kept(row: Receipt, wire: bytes) -> sync.KeptReceipt:
    return sync.KeptReceipt(
        device_id=row.device_id,
        n=row.n,
        operation_id=row.operation_id,
        type=row.type,
        subject_id=row.subject_id,
        status=sync.Status(row.status),
        code=row.code,
        detail=words.of(row.code, row.fields),
        happened_at=row.happened_at,
        error_s=row.error_s,
        clock_suspect=row.clock_suspect,
        received_at=row.received_at,
        operation=inbox.readable(wire),
    )


def _speaker(act: Act, request: sync.SyncRequest) -> str:
    """Name the device that speaks our protocol."""
    if act.principal.device_id is None:
        raise DeviceNeeded
    if request.protocol != sync.PROTOCOL:
        raise ProtocolUnknown(asked=request.protocol, spoken=sync.PROTOCOL)
    return act.principal.device_id


def _witness(
    session: Session,
    *,
    act: Act,
    device: Device,
    seen: sync.CheckpointMark | msgspec.UnsetType,
    custodian: Custodian,
) -> None:
    """Hold the newest checkpoint that a phone was shown against what is here."""
    if isinstance(seen, sync.CheckpointMark):
        crews.note_checkpoint(session, device=device, seen=seen)
        custodian.hear(session, act=act, device_id=device.id, seen=seen)


def _note(
    session: Session,
    *,
    act: Act,
    device: Device,
    status: sync.DeviceStatus,
    timeline: event_time.Timeline,
) -> None:
    """Note what a phone said of itself, and how right its clock is."""
    crews.note_contact(
        session,
        device=device,
        act=act,
        status=status,
        covered_until=_covered_until(device, status, timeline, received_at=act.received_at),
        clock=timeline.clock_seen(),
    )


def _covered_until(
    device: Device,
    status: sync.DeviceStatus,
    timeline: event_time.Timeline,
    *,
    received_at: dt.datetime,
) -> dt.datetime:
    """Tell until when everything that the phone's crew did has arrived.

    A request that was long under way says nothing of what was done meanwhile.
    """
    if status.queued == 0 or status.unsent_since is None:
        late_s = timeline.late_s()
        if not late_s:
            return received_at
        return max(device.covered_until, received_at - dt.timedelta(seconds=late_s))
    return min(received_at, timeline.at_device_time(status.unsent_since))


def _meet(
    session: Session, *, act: Act, device: Device, contact: sync.Contact
) -> event_time.Timeline:
    """Note a contact of a device, and what it shows: its clocks, and whether it is two phones."""
    timeline = event_time.meet(session, act=act, device=device, contact=contact)
    if timeline.copied:
        crews.note_copied(device, at=act.received_at)
    return timeline
