"""Who stands where: places by an exact share or mean; equals share a place.

Whoever had too little to be measured by has no place: one of one is no feat.
"""

from __future__ import annotations

import dataclasses
import enum
import fractions
from collections.abc import Mapping
from typing import Final

FEW: Final = 10
"""Below so many rows a share says little."""


class Better(enum.StrEnum):
    """Which way a figure is good; `neither` has no places."""

    high = "high"
    low = "low"
    neither = "neither"


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """What somebody is measured by: a quotient of whole numbers."""

    above: int
    below: int

    @property
    def is_small(self) -> bool:
        """Whether there was too little to measure by."""
        return self.below < FEW


def places(scores: Mapping[str, Score], *, better: Better) -> dict[str, int]:
    """Give the place of each who can have one, from 1; after two firsts comes a third.

    Args:
        scores: by whatever names them.
        better: which way is good.
    """
    if better is Better.neither:
        return {}
    sign = -1 if better is Better.high else 1
    keys = {
        name: sign * fractions.Fraction(score.above, score.below)
        for name, score in scores.items()
        if not score.is_small
    }
    ordered = sorted(keys.values())
    first_at: dict[fractions.Fraction, int] = {}
    for place, key in enumerate(ordered, start=1):
        first_at.setdefault(key, place)
    return {name: first_at[key] for name, key in keys.items()}
