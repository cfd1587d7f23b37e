"""Three-way merge of one field: what the crew saw, what it set, what the office has now.

Nobody's words are lost to somebody else's: what was changed on both sides is kept side by side
where the field can carry both, else the office's stays and the crew's is on the timeline.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SEPARATOR: Final = "; "
"""Stands between words of different hands in one text."""


class Way(enum.StrEnum):
    """How a field was merged."""

    same = "same"
    """Nothing changes: it is so already, or the crew changed nothing."""
    set = "set"
    """Nobody else changed it: the crew's value stands."""
    both = "both"
    """Changed on both sides: the words of both stand side by side."""
    kept = "kept"
    """Changed on both sides: the office's value stands."""


OVERTAKEN: Final = frozenset({Way.both, Way.kept})
"""The crew's value does not stand as it set it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    """The value of a field after a merge, and how it came about."""

    way: Way
    value: T


def value(*, saw: T, wanted: T, now: T) -> Merged[T]:
    """Merge a field that can carry one value only.

    Args:
        saw: what the crew looked at.
        wanted: what it set.
        now: what stands there now.
    """
    if wanted in (now, saw):
        return Merged(Way.same, now)
    if now == saw:
        return Merged(Way.set, wanted)
    return Merged(Way.kept, now)


def words(*, saw: str, wanted: str, now: str, chars_max: int) -> Merged[str]:
    """Merge a text: words of both sides stand side by side, a correction of one's own replaces it.

    Args:
        saw: what the crew looked at.
        wanted: what it set; empty takes nothing away that the office has changed.
        now: what stands there now.
        chars_max: what the field can carry; beyond it the office's words stand alone.
    """
    merged = value(saw=saw, wanted=wanted, now=now)
    if merged.way is not Way.kept or not wanted:
        return merged
    parts = now.split(SEPARATOR) if now else []
    if wanted in parts:
        return Merged(Way.same, now)
    if saw and saw in parts:
        parts[parts.index(saw)] = wanted
    else:
        parts.append(wanted)
    both = SEPARATOR.join(parts)
    return Merged(Way.both, both) if len(both) <= chars_max else merged
