"""The proof of a storm: the ledgers that outlived every kill, held against phones and server.

What does not depend on kills is proved as for a quiet day (`tests/day/proof.py`).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from schemas import sync
from tests.day import proof
from tests.day.ledger import Line
from tests.day.office import Desk
from tests.day.proof import Check, Found, Phone, check

_OPEN = frozenset({sync.Status.HELD, sync.Status.REJECTED})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A phone and its ledger; `phone.made` is what its outbox keeps."""

    phone: Phone
    ledger: Sequence[Line]


def prove(desk: Desk, witnesses: Sequence[Witness], found: Found) -> Iterator[Check]:
    """Hold what the phones called saved against what the server has."""
    phones = [witness.phone for witness in witnesses]
    yield kept(witnesses)
    yield acknowledged(witnesses, found)
    yield proof.settled_once(phones, found)
    yield nothing_open(found)
    yield proof.dated_truly(phones, found)
    yield proof.effects_once(phones, found)
    yield proof.files_here(desk, phones, found)
    yield photos_arrived(witnesses, found)
    yield proof.converged(phones)
    yield chains_whole(witnesses, found)
    yield proof.timelines_intact(desk, found)


def kept(witnesses: Sequence[Witness]) -> Check:
    """Whatever the toolkit called saved is in the outbox after every kill, byte for byte."""
    faults = []
    for witness in witnesses:
        outbox = {each.id: bytes(each.wire) for each in witness.phone.account.operations}
        faults += [
            f"{witness.phone.login} {line.n} {line.type}"
            for line in witness.ledger
            if outbox.get(line.id) != bytes(line.wire)
        ]
    count = sum(len(witness.ledger) for witness in witnesses)
    return check("all that was called saved is in the outbox", faults, f"{count} in the ledgers")


def acknowledged(witnesses: Sequence[Witness], found: Found) -> Check:
    """Each ledger line has one receipt, under its number and with its content."""
    receipts: dict[str, list[sync.KeptReceipt]] = {}
    for receipt in found.receipts:
        receipts.setdefault(receipt.operation_id, []).append(receipt)
    faults = []
    for witness in witnesses:
        device_id = witness.phone.account.device_id
        for line in witness.ledger:
            mine = [
                receipt
                for receipt in receipts.get(line.id, [])
                if (receipt.device_id, receipt.n) == (device_id, line.n)
                and receipt.operation == msgspec.json.decode(line.wire)
            ]
            if len(mine) != 1 or len(receipts[line.id]) != 1:
                faults.append(f"{witness.phone.login} {line.n} {line.type}: {len(mine)} receipts")
    return check("every ledger line has exactly one receipt", faults, f"{len(receipts)} receipts")


def nothing_open(found: Found) -> Check:
    """Nothing waits for anything when everybody has settled, and nothing was turned away."""
    faults = [
        f"{receipt.type} {receipt.status} {receipt.code}"
        for receipt in found.receipts
        if receipt.status in _OPEN
    ]
    counts = Counter(
        receipt.status.value
        if receipt.status is sync.Status.APPLIED
        else f"{receipt.status.value} ({receipt.code})"
        for receipt in found.receipts
    )
    told = ", ".join(f"{count} {what}" for what, count in counts.most_common())
    return check("nothing was rejected, nothing is held", faults, told)


def photos_arrived(witnesses: Sequence[Witness], found: Found) -> Check:
    """Every photo that a ledger names lies on the server."""
    arrived = {file.sha256 for file in found.files if file.arrived_at is not None}
    photos = [line.sha256 for witness in witnesses for line in witness.ledger if line.sha256]
    faults = [f"{sha256[:12]} is missing" for sha256 in photos if sha256 not in arrived]
    return check("every photo of the ledgers is on the server", faults, f"{len(photos)} photos")


def chains_whole(witnesses: Sequence[Witness], found: Found) -> Check:
    """Each phone's operations name the one before by its hash, from the first, as received."""
    faults = []
    for witness in witnesses:
        account = witness.phone.account
        hashes = {each.n: hashlib.sha256(each.wire).hexdigest() for each in account.operations}
        hashes |= {line.n: line.hash for line in witness.ledger}
        mine = [receipt for receipt in found.receipts if receipt.device_id == account.device_id]
        before: str | None = ""
        for n, receipt in enumerate(sorted(mine, key=lambda each: each.n), start=1):
            if receipt.n != n or receipt.operation["prev"] != before:
                faults.append(f"{witness.phone.login}: broken at {receipt.n}")
                break
            before = hashes.get(n)
    return check("every chain of receipts is whole", faults, f"{len(witnesses)} chains")
