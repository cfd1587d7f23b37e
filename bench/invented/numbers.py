"""Numbers that nobody read: how people make up a register value."""

from __future__ import annotations

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
    used = _used(site)
    match kind:
        case Numbers.copied:
            return last + used[-1]
        case Numbers.mean:
            return last + round(sum(used[-3:]) / 3)
        case Numbers.zero:
            return last
        case Numbers.round:
            step = _ROUND_UNITS * 10**site.register.decimals
            return last + max(round(used[-1] / step), 1) * step
        case Numbers.swapped:
            other = sites[at + 1] if at + 1 < len(sites) else sites[at - 1]
            return last + max(other.truth - other.before[-1][1], 0)
        case Numbers.transposed:
            return _transposed(site, chance)
        case _:
            return last + round(used[-1] * float(chance.uniform(1 - _WALK, 1 + _WALK)))


def _used(site: Site) -> list[int]:
    units = [value for _, value in site.before]
    return [later - earlier for earlier, later in zip(units, units[1:], strict=False)]


def _transposed(site: Site, chance: np.random.Generator) -> int:
    """Exchange two neighbouring digits of a plausible value."""
    value = site.before[-1][1] + _used(site)[-1]
    text = str(value)
    places = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    if not places:
        return value
    at = places[int(chance.integers(len(places)))]
    return int(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
