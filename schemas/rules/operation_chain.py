"""Chains of hashes: a phone's operations, and the timeline of an order.

An operation carries its number and the SHA-256 of the exact bytes of the one before it, so that a
missing one (gap) and a phone restored from a copy (fork) are named. A timeline's link hashes the
link before it together with the new body, so that its newest hash vouches for all of it.
Hashes are lower-case hex; the first link follows the empty string.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

_STATEMENT: Final = "lamplighter-chain-1"
START: Final = ""
"""What the first link follows."""


class Joint(enum.StrEnum):
    """How an operation fits to what is known of its phone."""

    next = "next"
    gap = "gap"
    fork = "fork"
    past = "past"


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """An operation as its chain sees it.

    Attributes:
        n: its number; a phone counts from 1.
        prev: hash of the operation before it.
        sha256: hash of its own exact bytes.
    """

    n: int
    prev: str
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """The newest operation that is known of a phone; the default is a new phone."""

    n: int = 0
    sha256: str = START


@dataclasses.dataclass(frozen=True, slots=True)
class Break:
    """Where a chain fails: the first operation that does not follow."""

    n: int
    joint: Joint


def fingerprint(raw: bytes) -> str:
    """Hash an operation's exact bytes."""
    return hashlib.sha256(raw).hexdigest()


def joint(head: Head, link: Link) -> Joint:
    """Say how an operation fits behind `head`.

    `past` is a number already known: compare its hash with the stored one, for the same is a
    repetition and another is a fork.
    """
    if link.n <= head.n:
        fork = link.n == head.n and link.sha256 != head.sha256
        return Joint.fork if fork else Joint.past
    if link.n > head.n + 1:
        return Joint.gap
    return Joint.next if link.prev == head.sha256 else Joint.fork


def first_break(head: Head, links: Iterable[Link]) -> Break | None:
    """Walk operations in order and find the first gap or fork; known ones are passed over."""
    for link in links:
        how = joint(head, link)
        if how in {Joint.gap, Joint.fork}:
            return Break(link.n, how)
        if how is Joint.next:
            head = Head(link.n, link.sha256)
    return None


def statement(device_id: str, head: Head) -> bytes:
    """Write what a device signs to vouch for its operations up to `head`, in ASCII."""
    return f"{_STATEMENT}\n{device_id}\n{head.n}\n{head.sha256}".encode("ascii")


def vouched_from(links: Sequence[Link], head: Head) -> int | None:
    """Tell from which number on a signature over `head` vouches for operations.

    Args:
        links: operations in the order of their numbers.
        head: what was signed.

    Returns:
        The first number of the unbroken chain that ends in `head`; None if it does not end there.
    """
    if not links or Head(links[-1].n, links[-1].sha256) != head:
        return None
    first = links[-1]
    for earlier in reversed(links[:-1]):
        if joint(Head(earlier.n, earlier.sha256), first) is not Joint.next:
            break
        first = earlier
    return first.n


def extend(previous: str, body: bytes) -> str:
    """Hash the next link of a timeline: the hash before it, then the body."""
    return hashlib.sha256(previous.encode("ascii") + body).hexdigest()


def first_changed(links: Iterable[tuple[bytes, str]]) -> int | None:
    """Recompute a timeline of (body, stored hash) and find the first that does not hold.

    Returns:
        Its place, counted from 0; None if all hold. A cut tail shows only in the newest hash kept
        elsewhere.
    """
    previous = START
    for place, (body, stored) in enumerate(links):
        previous = extend(previous, body)
        if previous != stored:
            return place
    return None
