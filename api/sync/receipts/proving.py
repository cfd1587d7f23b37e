"""Proving: a device's receipts walked from its first, so that what was altered is named.

Each operation hashes to what its receipt says, is the one that its row names, and follows the one
before it; the ledger ends with the last; the signed head stands at its number, by the device's key.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.crews import service as crews
from api.db import Database
from api.errors import NotFound
from api.sync import inbox, signing
from api.sync import store as sync_store
from api.sync.receipts import store
from api.sync.receipts.wires import Wires
from schemas import base, sync
from schemas.rules import operation_chain
from schemas.rules.operation_chain import Head, Joint, Link

LINKS_PER_QUESTION: Final = 200
"""Their bytes are in memory at a time, at most 4 MB of them, and those of one pack."""
_ENVELOPES: Final = msgspec.json.Decoder(inbox.Envelope)
Told = Callable[[int, int], None]


class Fault(enum.StrEnum):
    """What is not as it was written."""

    missing = "receipt-missing"
    bytes_lost = "bytes-lost"
    bytes_altered = "bytes-altered"
    another = "another-operation"
    parted = "does-not-follow"
    unsettled = "beyond-the-ledger"
    ledger = "ledger-altered"
    head = "signed-head-altered"
    signature = "signature-wrong"


@dataclasses.dataclass(frozen=True, slots=True)
class Broken:
    """The first of a device's receipts, by number, that is not as it was written, and how."""

    device_id: str
    n: int
    fault: Fault


def list_broken(database: Database, *, district_id: str, told: Told) -> Iterator[Broken]:
    """Walk the receipts of every device of a district; name each device that is not whole.

    Each device is seen as of one moment, so what a server does meanwhile breaks nothing.

    Args:
        database: where they are.
        district_id: the devices' district.
        told: hears how many receipts were walked, and of about how many.
    """
    with database.reading() as session:
        whole = store.count_settled(session, district_id=district_id)
    walked, device_id = 0, _next_device(database, district_id=district_id, after="")
    while device_id is not None:
        with database.reading() as session:
            walk = _Walk(session, district_id=district_id, device_id=device_id)
            for n in walk.steps():
                told(min(walked + n, whole), whole)
        walked += walk.head.n
        if walk.broken is not None:
            yield walk.broken
        device_id = _next_device(database, district_id=district_id, after=device_id)


class _Walk:
    """One way along a device's receipts: how far it came, and what stopped it."""

    def __init__(self, session: Session, *, district_id: str, device_id: str) -> None:
        self._session = session
        self._district_id = district_id
        self._device_id = device_id
        self._wires = Wires(session, district_id=district_id)
        self.head = Head()
        self.broken: Broken | None = None

    def steps(self) -> Iterator[int]:
        """Walk, and tell now and then which number was reached."""
        ledger = sync_store.find_ledger(
            self._session, district_id=self._district_id, device_id=self._device_id
        )
        at_signed: Head | None = None
        while links := self._following():
            for link in links:
                fault = self._fault(link)
                if fault is not None:
                    n = self.head.n + 1 if fault is Fault.missing else link.n
                    self.broken = Broken(self._device_id, n, fault)
                    return
                self.head = Head(link.n, link.sha256)
                if ledger is not None and ledger.signed_n == link.n:
                    at_signed = self.head
            yield self.head.n
        self.broken = self._end(ledger, at_signed)

    def _following(self) -> Sequence[store.Link]:
        return store.list_links(
            self._session,
            district_id=self._district_id,
            device_id=self._device_id,
            after=self.head.n,
            limit=LINKS_PER_QUESTION,
        )

    def _fault(self, link: store.Link) -> Fault | None:
        """Tell what is wrong with the next receipt, if anything is."""
        if link.n > self.head.n + 1:
            return Fault.missing
        wire = self._wire(link)
        if wire is None:
            return Fault.bytes_lost
        if operation_chain.fingerprint(wire) != link.sha256:
            return Fault.bytes_altered
        return _fault_of_link(link, wire, after=self.head)

    def _wire(self, link: store.Link) -> bytes | None:
        own = link.wire
        if link.own_bytes > len(own):
            own = store.get_own_wire(
                self._session,
                district_id=self._district_id,
                device_id=self._device_id,
                n=link.n,
            )
        return self._wires.find(device_id=self._device_id, n=link.n, own=own)

    def _end(self, ledger: sync_store.Ledger | None, at_signed: Head | None) -> Broken | None:
        """Tell whether a ledger says of its device what was walked."""
        n = self.head.n
        if ledger is None:
            return Broken(self._device_id, n, Fault.ledger)
        if n < ledger.acked_through:
            return Broken(self._device_id, n + 1, Fault.missing)
        if n > ledger.acked_through:
            return Broken(self._device_id, ledger.acked_through + 1, Fault.unsettled)
        if ledger.chain != self.head.sha256:
            return Broken(self._device_id, n, Fault.ledger)
        fault = self._fault_of_head(ledger, at_signed)
        return None if fault is None else Broken(self._device_id, ledger.signed_n or 0, fault)

    def _fault_of_head(self, ledger: sync_store.Ledger, at_signed: Head | None) -> Fault | None:
        kept = (ledger.signed_n, ledger.signed_sha256, ledger.signature)
        if kept == (None, None, None):
            return None
        if at_signed is None or at_signed.sha256 != ledger.signed_sha256:
            return Fault.head
        head = sync.Head(n=at_signed.n, sha256=at_signed.sha256, signature=ledger.signature or "")
        return None if self._is_signed(head) else Fault.signature

    def _is_signed(self, head: sync.Head) -> bool:
        """Tell whether a key of the device signed a head; a key that cannot be read has not."""
        try:
            device = crews.get_device(self._session, device_id=self._device_id)
            return any(
                signing.is_signed(head, device_id=self._device_id, key=key)
                for key in crews.keys_of(self._session, device=device)
            )
        except (NotFound, ValueError, *base.UNREADABLE):
            return False


def _fault_of_link(link: store.Link, wire: bytes, *, after: Head) -> Fault | None:
    """Tell whether an operation is the one that its row names, and follows the one before it."""
    try:
        envelope = _ENVELOPES.decode(wire)
    except base.UNREADABLE:
        return Fault.another
    if (envelope.n, envelope.id) != (link.n, link.operation_id):
        return Fault.another
    # Nobody could read what an unreadable one follows when it came, so nothing holds it to that.
    prev = after.sha256 if link.type == inbox.UNKNOWN_TYPE else envelope.prev
    joint = operation_chain.joint(after, Link(link.n, prev, link.sha256))
    return None if joint is Joint.next else Fault.parted


def _next_device(database: Database, *, district_id: str, after: str) -> str | None:
    with database.reading() as session:
        return store.next_device(session, district_id=district_id, after=after)
