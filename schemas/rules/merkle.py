"""Merkle trees over leaves (RFC 9162, section 2.1): a root for all, a short path for each.

A leaf's hash is over 0x00 and its bytes, a node's over 0x01 and its two halves, so that neither can
be taken for the other. Hashes are SHA-256 in lower-case hex; the root of nothing is the hash of
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def root(leaves: Sequence[bytes]) -> str:
    """Hash leaves, in their order, to one root."""
    if not leaves:
        return hashlib.sha256().hexdigest()
    *_, (top,) = _levels(leaves)
    return top.hex()


def path(leaves: Sequence[bytes], place: int) -> list[str]:
    """List the hashes that lead from a leaf to the root, the nearest first.

    Args:
        leaves: all of them, in their order.
        place: of the leaf, counted from 0.
    """
    assert 0 <= place < len(leaves), "the leaf is one of them"
    beside: list[str] = []
    for level in _levels(leaves):
        sibling = place ^ 1
        if sibling < len(level):
            beside.append(level[sibling].hex())
        place >>= 1
    return beside


def root_by(leaf: bytes, *, place: int, count: int, beside: Sequence[str]) -> str | None:
    """Work out the root that a leaf and its path lead to (RFC 9162, section 2.1.3.2).

    Args:
        leaf: the leaf's bytes.
        place: where it is said to stand, counted from 0.
        count: how many leaves there are said to be.
        beside: the path, as `path` gives it.

    Returns:
        The root; None where no tree of so many leaves has such a path.
    """
    if not 0 <= place < count:
        return None
    reached, at, last = _of_leaf(leaf), place, count - 1
    for text in beside:
        try:
            other = bytes.fromhex(text)
        except ValueError:
            return None
        if last == 0 or len(other) != len(reached):
            return None
        if at & 1 or at == last:
            reached = _of_node(other, reached)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            reached = _of_node(reached, other)
        at, last = at >> 1, last >> 1
    return reached.hex() if last == 0 else None


def _levels(leaves: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Go up from the leaves to the root; a hash without a sibling goes up as it is."""
    level = [_of_leaf(leaf) for leaf in leaves]
    yield level
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        alone = level[-1:] if len(level) & 1 else []
        level = [_of_node(left, right) for left, right in pairs] + alone
        yield level


def _of_leaf(leaf: bytes) -> bytes:
    return hashlib.sha256(_LEAF + leaf).digest()


def _of_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
