"""The operations: each is what was received, and as far as the bundle can show, what was signed.

A device signs the head of a push, and each operation names the hash of the one before it in its own
bytes. So a head vouches for an operation only where the bytes of all between the two are here. Of
other orders' operations only the hashes are: what lies before one of them is stated, not proven.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from api.custody.bundles.checking import reading
from api.custody.bundles.checking.faults import Altered, Fault
from schemas import base, signatures
from schemas.errors import FieldValue
from schemas.quarantine import State
from schemas.rules import operation_chain
from schemas.rules.operation_chain import Head

Read = Callable[[str], bytes]
Envelopes = Mapping[str, reading.Envelope]
"""What operations say of themselves, by their file's path."""


class Standing(enum.StrEnum):
    """What the bundle shows of an operation."""

    signed = "signed"
    """The device's key has signed it, by a head that the bytes in the bundle lead to."""
    stated = "stated"
    """The device has signed a head behind it; between them lie other orders' operations."""
    unsigned = "unsigned"
    """No key has signed it: the device has none, or it came before signatures were kept."""
    let_in = "let-in"
    """It was kept out, and a person of the office let it in."""
    kept_out = "kept-out"
    """It was kept out, and has no part in the order."""


def check(
    operations: Sequence[reading.Operation],
    devices: Sequence[reading.Device],
    *,
    read: Read,
    order_id: str,
) -> tuple[Envelopes, Mapping[str, Standing]]:
    """Check every operation, and tell by its file's path what it says and what is shown of it.

    Args:
        operations: as `operations.json` lists them.
        devices: as `devices.json` lists them.
        read: reads a file of the bundle.
        order_id: the order that they are about.

    Raises:
        Altered: one of them, or a signature, is not what it was.
    """
    envelopes = {each.path: _envelope(each, read(each.path), order_id) for each in operations}
    signed: set[tuple[str, int]] = set()
    under: set[tuple[str, int]] = set()
    for device in devices:
        own = {each.n: each for each in operations if _is_of(each, device)}
        for head in device.signed:
            _check_head(device, head, own)
            under.update((device.id, link.n) for link in head.before)
            signed.update((device.id, n) for n in _list_signed(device, head, own, envelopes))
    return envelopes, {each.path: _standing(each, signed, under) for each in operations}


def _is_of(operation: reading.Operation, device: reading.Device) -> bool:
    return operation.kept_out is None and operation.device_id == device.id


def _envelope(operation: reading.Operation, raw: bytes, order_id: str) -> reading.Envelope:
    told: dict[str, FieldValue] = {
        "n": operation.n,
        "device_id": operation.device_id,
        "path": operation.path,
    }
    try:
        envelope = msgspec.json.decode(raw, type=reading.Envelope)
    except base.UNREADABLE as error:
        raise Altered(Fault.operation, **told) from error
    is_it = (envelope.id, envelope.n) == (operation.operation_id, operation.n)
    if not is_it or operation_chain.fingerprint(raw) != operation.sha256:
        raise Altered(Fault.operation, **told)
    if envelope.subject != order_id:
        found = str(envelope.subject)
        raise Altered(Fault.another_order, path=operation.path, found=found, order_id=order_id)
    return envelope


def _check_head(
    device: reading.Device, signed: reading.Signed, own: Mapping[int, reading.Operation]
) -> None:
    """Let pass a head that a key of the device has signed, and that the links lead up to."""
    head, links = signed.head, signed.before
    told: dict[str, FieldValue] = {"n": head.n, "device_id": device.id}
    statement = operation_chain.statement(device.id, Head(head.n, head.sha256))
    if not any(
        signatures.has_signed(key, statement=statement, signature=head.signature)
        for key in device.keys
    ):
        raise Altered(Fault.operation_signature, **told)
    if not links or (links[-1].n, links[-1].sha256) != (head.n, head.sha256):
        raise Altered(Fault.operation_parted, **told)
    for at, link in enumerate(links):
        ours = own.get(link.n)
        is_another = ours is not None and ours.sha256 != link.sha256
        if link.n != links[0].n + at or is_another:
            raise Altered(Fault.operation_parted, n=link.n, device_id=device.id)


def _list_signed(
    device: reading.Device,
    signed: reading.Signed,
    own: Mapping[int, reading.Operation],
    envelopes: Envelopes,
) -> Iterable[int]:
    """List the operations from which bytes of this order lead all the way to a signed head."""
    links: list[operation_chain.Link] = []
    before = ""
    for link in signed.before:
        ours = own.get(link.n)
        prev = envelopes[ours.path].prev if ours else None
        if ours and before and prev != before:
            raise Altered(Fault.operation_parted, n=link.n, device_id=device.id)
        links.append(
            operation_chain.Link(link.n, prev if isinstance(prev, str) else "?", link.sha256)
        )
        before = link.sha256
    first = operation_chain.vouched_from(links, Head(signed.head.n, signed.head.sha256))
    assert first is not None, "the links end with the head"
    return [link.n for link in links if link.n >= first and link.n in own]


def _standing(
    operation: reading.Operation, signed: set[tuple[str, int]], under: set[tuple[str, int]]
) -> Standing:
    if operation.kept_out is not None:
        let_in = operation.kept_out.state == State.ACCEPTED
        return Standing.let_in if let_in else Standing.kept_out
    place = (operation.device_id, operation.n)
    if place in signed:
        return Standing.signed
    return Standing.stated if place in under else Standing.unsigned
