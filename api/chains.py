"""Hash chains of moments that are only added: extended when one is written, walked to verify.

`hash` is the SHA-256 over the hash before it and the moment's exact bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from schemas.rules import operation_chain


class Link(Protocol):
    """One moment of a chain, as its table keeps it."""

    @property
    def id(self) -> str:
        """The moment's id."""

    @property
    def body(self) -> bytes:
        """Its exact JSON."""

    @property
    def hash(self) -> str:
        """The hash of the chain up to it."""


LinkT = TypeVar("LinkT", bound=Link)


@dataclasses.dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a timeline found.

    Attributes:
        moments: how many moments were read.
        broken_at: the number of the first moment that is not what was written, or is not there.
        event_id: the id of that moment, when it is there.
    """

    moments: int
    broken_at: int | None = None
    event_id: str | None = None

    @property
    def intact(self) -> bool:
        """Whether every moment is as it was written."""
        return self.broken_at is None


def verify(
    page: Callable[[int], Sequence[LinkT]],
    *,
    count: int,
    head: str,
    is_at: Callable[[LinkT, int], bool],
) -> Verification:
    """Walk a chain and name the first moment that was changed, moved, or taken away.

    Args:
        page: gives the moments behind a number, in their order, some at a time.
        count: how many moments there are.
        head: the hash with which the chain ends.
        is_at: whether a moment stands where its own words say.
    """
    number, chained = 0, operation_chain.START
    while number < count:
        links = page(number)
        if not links:
            return Verification(number, broken_at=number + 1)
        for link in links:
            number += 1
            chained = operation_chain.extend(chained, link.body)
            if chained != link.hash or not is_at(link, number):
                return Verification(number, broken_at=number, event_id=link.id)
    if chained != head:
        return Verification(number, broken_at=number)
    return Verification(number)
