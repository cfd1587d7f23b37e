"""Picking a reason: a policy set says what work may be returned or suspended for.

Whoever picks none gives words of their own, where the policy set lets them; no clock stands still
for those.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from typing import Protocol


class ReasonFor(enum.StrEnum):
    """What a reason of a policy set may be given for."""

    return_ = "return"
    suspend = "suspend"


class Fault(enum.StrEnum):
    """Why what was picked cannot stand."""

    unknown = "unknown"
    own_words = "own_words"
    no_end = "no_end"


class Reason(Protocol):
    """What is asked of a reason that a policy set knows."""

    @property
    def code(self) -> str:
        """Its name."""

    @property
    def given_for(self) -> Collection[ReasonFor]:
        """What it may be given for."""

    @property
    def needs_until(self) -> bool:
        """Whether who suspends work for it must say until when."""


def fault(
    reasons: Iterable[Reason],
    own_words: Collection[ReasonFor],
    *,
    code: str | None,
    given_for: ReasonFor,
    has_until: bool,
) -> Fault | None:
    """Judge what was picked; None when it may stand.

    Args:
        reasons: those of the order's policy set.
        own_words: what words alone are enough for.
        code: what was picked; None where words alone were given.
        given_for: what it is given for.
        has_until: whether it was said until when the work waits.
    """
    if code is None:
        return None if given_for in own_words else Fault.own_words
    picked = next((each for each in reasons if each.code == code), None)
    if picked is None or given_for not in picked.given_for:
        return Fault.unknown
    lacks_end = given_for is ReasonFor.suspend and picked.needs_until and not has_until
    return Fault.no_end if lacks_end else None
