"""Score: precision, recall and honest readings flagged, per rule, per invention and in all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from schemas.rules import flags, reuse

REVIEWED: Final = frozenset(
    code for code, rule in flags.RULES.items() if rule.severity is flags.Severity.review
)
"""Rules whose finding a person reviews (H): what an honest reader has to answer for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        name: a rule, an invention, a place or a photo.
        invented: how many invented readings it is about.
        found: how many of them were flagged.
        honest: how many honest readings were flagged; None where it is not about flags.
        honest_total: how many honest readings there were.
    """

    name: str
    invented: int
    found: int
    honest: int | None
    honest_total: int

    @property
    def recall(self) -> float:
        """The share of the invented that was found."""
        return self.found / self.invented if self.invented else 1.0

    @property
    def precision(self) -> float | None:
        """The share of the flagged that was invented; None where nothing was flagged."""
        if self.honest is None or self.found + self.honest == 0:
            return None
        return self.found / (self.found + self.honest)

    @property
    def honest_share(self) -> float | None:
        """The share of honest readings that were flagged."""
        return None if self.honest is None else self.honest / max(self.honest_total, 1)


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one reading: whether it is invented, and what that is called.

    `photo` says how the photo of an invented one came about.
    """

    id: str
    is_invented: bool
    names: Collection[str] = ()
    photo: str = ""


Found = Mapping[str, Collection[str]]


def table(truths: Sequence[Truth], found: Found) -> Iterator[Line]:
    """Score rules first, then inventions and photos by their kind, then all that is reviewed."""
    codes = sorted({code for each in truths for code in found[each.id]})
    for code in codes:
        yield _line(code, truths, lambda each, code=code: code in found[each.id])  # type: ignore[misc]

    def reviewed(each: Truth) -> bool:
        return not REVIEWED.isdisjoint(found[each.id])

    for name in sorted({name for each in truths for name in each.names}):
        some = [each for each in truths if name in each.names]
        line = _line(name, some, reviewed)
        yield dataclasses.replace(line, honest=None)
    for photo in sorted({each.photo for each in truths if each.photo}):
        some = [each for each in truths if each.photo == photo]
        line = _line(f"{photo}, by {reuse.CODE}", some, lambda each: reuse.CODE in found[each.id])
        yield dataclasses.replace(line, honest=None)
    yield _line("all that is reviewed (H)", truths, reviewed)


def _line(name: str, truths: Sequence[Truth], is_flagged: Callable[[Truth], bool]) -> Line:
    invented = [each for each in truths if each.is_invented]
    honest = [each for each in truths if not each.is_invented]
    return Line(
        name,
        len(invented),
        sum(map(is_flagged, invented)),
        sum(map(is_flagged, honest)),
        len(honest),
    )
