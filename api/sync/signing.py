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
    signed = operation_chain.Head(head.n, head.sha256)
    links = [operation_chain.Link(letter.n, letter.prev, letter.sha256) for letter in letters]
    statement = operation_chain.statement(device_id, signed)
    if operation_chain.vouched_from(links, signed) != letters[0].n or not crews.has_signed(
        key, statement=statement, signature=head.signature
    ):
        return SignatureWrong(device_id=device_id)
    return None
