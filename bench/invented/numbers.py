"""Numbers that nobody read: how people make up a register value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.invented.ground import Site
from bench.invented.labels import Numbers

_WALK: Final = 0.03
_ROUND_UNITS: Final = 50


def invent(kind: Numbers, sites: Sequence[Site], at: int, chance: np.random.Generator) -> int:
    """Make up the register of one site, in its smallest units, run through."""
    site = sites[at]
    last = site.before[-1][1]
    if kind is Numbers.transposed:
        return _transposed(site, chance)
    return last + _use(kind, sites, at, chance)


def _use(kind: Numbers, sites: Sequence[Site], at: int, chance: np.random.Generator) -> int:
    """Make up what was used, in the register's smallest units."""
    site = sites[at]
    used = _used(site)
    step = _ROUND_UNITS * 10**site.register.decimals
    other = sites[at + 1] if at + 1 < len(sites) else sites[at - 1]
    made: dict[Numbers, int] = {
        Numbers.copied: used[-1],
        Numbers.mean: round(sum(used[-3:]) / 3),
        Numbers.zero: 0,
        Numbers.round: max(round(used[-1] / step), 1) * step,
        Numbers.swapped: max(other.truth - other.before[-1][1], 0),
        Numbers.small_walk: round(used[-1] * float(chance.uniform(1 - _WALK, 1 + _WALK))),
    }
    return made[kind]


def _used(site: Site) -> list[int]:
    units = [value for _, value in site.before]
    return [later - earlier for earlier, later in itertools.pairwise(units)]


def _transposed(site: Site, chance: np.random.Generator) -> int:
    """Exchange two neighbouring digits of a plausible value."""
    value = site.before[-1][1] + _used(site)[-1]
    text = str(value)
    places = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    if not places:
        return value
    at = places[int(chance.integers(len(places)))]
    return int(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
