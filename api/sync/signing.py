"""Who speaks: the signed head of a push, checked against the key that the device enrolled with."""

from __future__ import annotations

from collections.abc import Sequence

from api.crews import service as crews
from api.sync.inbox import Letter
from api.sync.refusals import SignatureMissing, SignatureWrong
from schemas import sync
from schemas.errors import Refused
from schemas.rules import operation_chain


def check(
    letters: Sequence[Letter], *, head: sync.Head | None, device_id: str, key: str | None
) -> Refused | None:
    """Say why a push is not the device's own; None when it is.

    Args:
        letters: what was pushed, in the order of `n`.
        head: its signed head.
        device_id: the device that it claims to come from.
        key: the public key that the device enrolled with; one without a key signs nothing.
    """
    if key is None or not letters:
        return None
    if head is None:
        return SignatureMissing(device_id=device_id)
    if not (vouches(head, letters) and is_signed(head, device_id=device_id, key=key)):
        return SignatureWrong(device_id=device_id)
    return None


def is_signed(head: sync.Head, *, device_id: str, key: str) -> bool:
    """Tell whether a device's key has signed a head."""
    signed = operation_chain.Head(head.n, head.sha256)
    statement = operation_chain.statement(device_id, signed)
    return crews.has_signed(key, statement=statement, signature=head.signature)


def vouches(head: sync.Head, letters: Sequence[Letter]) -> bool:
    """Tell whether the chain before a head names each of some operations, at least one."""
    links = [operation_chain.Link(letter.n, letter.prev, letter.sha256) for letter in letters]
    signed = operation_chain.Head(head.n, head.sha256)
    return operation_chain.vouched_from(links, signed) == letters[0].n
