"""Likeness: might two pictures be the same shot, turned or encoded anew?

Two marks of 64 bits are taken of a picture: dHash (is each cell brighter than the one to its left,
on 9 x 8 cells) and pHash (is each low frequency of a 32 x 32 cosine transform above their median).
Two pictures are alike when both marks are near, in one of the 8 ways that a picture can be turned
and mirrored. Likeness is no proof: it is a question to a person.
Pictures too plain to have a dHash of their own (a wall, the night) are like everything, so they
are like nothing.
Source: N. Krawetz, "Looks Like It" (2011) and "Kind of Like That" (2013); with 6 and 12 bits the
nearest two different pictures of a trial were 13 apart.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import operator
from collections.abc import Sequence
from typing import Final, TypeVar

DHASH_DISTANCE_MAX: Final = 6
PHASH_DISTANCE_MAX: Final = 12
PLAIN_BITS_MAX: Final = 5
"""A dHash with so few bits set, or so few clear, says nothing about its picture."""
WIDE: Final = (9, 8)
"""Columns and rows of the grid for dHash."""
SQUARE_CELLS: Final = 32
"""Columns and rows of the grid for pHash."""
BANDS: Final = 4
BAND_BITS: Final = 16
_BITS: Final = 64
_LOW: Final = 8

_WAVES: Final = tuple(
    tuple(
        math.cos(math.pi * frequency * (2 * cell + 1) / (2 * SQUARE_CELLS))
        for cell in range(SQUARE_CELLS)
    )
    for frequency in range(_LOW)
)
"""The lowest frequencies of the cosine transform, each over the cells of a row."""

T = TypeVar("T")

Grid = Sequence[Sequence[int]]
"""Brightness by row and column, 0 to 255."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """What a picture is known by, as it stands."""

    dhash: int
    phash: int

    @property
    def is_plain(self) -> bool:
        """Whether the picture is too plain to be compared."""
        return not PLAIN_BITS_MAX < self.dhash.bit_count() < _BITS - PLAIN_BITS_MAX


@dataclasses.dataclass(frozen=True, slots=True)
class Distance:
    """How far two pictures are apart, in bits, the way they come nearest."""

    dhash: int
    phash: int

    @property
    def is_near(self) -> bool:
        """Whether they may be the same shot."""
        return self.dhash <= DHASH_DISTANCE_MAX and self.phash <= PHASH_DISTANCE_MAX


def marks(*, wide: Grid, tall: Grid, square: Grid) -> tuple[Mark, ...]:
    """Take a picture's marks in all 8 ways that it can be turned; the first is as it stands.

    Args:
        wide: 9 columns by 8 rows.
        tall: 8 columns by 9 rows.
        square: 32 by 32.
    """
    spectrum = _spectrum(square)
    upright = [
        Mark(_dhash(_flipped(wide, across, down)), _phash(_signed(spectrum, across, down)))
        for across, down in _WAYS
    ]
    over = _transposed(tall)
    leaning = [
        Mark(
            _dhash(_flipped(over, across, down)),
            _phash(_signed(_transposed(spectrum), across, down)),
        )
        for across, down in _WAYS
    ]
    return (*upright, *leaning)


def distance(ways: Sequence[Mark], other: Mark) -> Distance:
    """Measure between a picture, in all its ways, and another as it stands."""
    apart = [
        Distance((way.dhash ^ other.dhash).bit_count(), (way.phash ^ other.phash).bit_count())
        for way in ways
    ]
    return min(apart, key=lambda each: (not each.is_near, each.dhash + each.phash, each.dhash))


def bands(dhash: int) -> tuple[int, ...]:
    """Cut a dHash into 4 bands of 16 bits, the lowest first."""
    return tuple(dhash >> (BAND_BITS * band) & 0xFFFF for band in range(BANDS))


def near_bands(ways: Sequence[Mark]) -> tuple[frozenset[int], ...]:
    """List what each band of a near picture may be.

    Of two dHashes at most 6 bits apart, some band differs by one bit at most, since 4 x 2 > 6; so
    whoever looks for these values in the bands misses none.
    """
    found: list[frozenset[int]] = []
    for band in range(BANDS):
        values = {bands(way.dhash)[band] for way in ways}
        around = {value ^ (1 << bit) for value in values for bit in range(BAND_BITS)}
        found.append(frozenset(values | around))
    return tuple(found)


_WAYS: Final = ((False, False), (True, False), (False, True), (True, True))
"""Whether a grid is mirrored across, and down."""


def _dhash(grid: Grid) -> int:
    found = 0
    for row in grid:
        for left, right in itertools.pairwise(row):
            found = found << 1 | (right > left)
    return found


def _phash(spectrum: Sequence[Sequence[float]]) -> int:
    ordered = sorted(value for row in spectrum for value in row)
    median = (ordered[_BITS // 2 - 1] + ordered[_BITS // 2]) / 2
    found = 0
    for row in spectrum:
        for value in row:
            found = found << 1 | (value > median)
    return found


def _spectrum(square: Grid) -> list[list[float]]:
    """Give the 8 x 8 lowest frequencies of the cosine transform (DCT-II): rows by columns."""
    by_row = [[_product(row, wave) for wave in _WAVES] for row in square]
    columns = list(zip(*by_row, strict=True))
    return [[_product(column, wave) for column in columns] for wave in _WAVES]


def _product(left: Sequence[float], right: Sequence[float]) -> float:
    return float(sum(map(operator.mul, left, right)))


def _signed(
    spectrum: Sequence[Sequence[float]],
    across: bool,  # noqa: FBT001 - private; which of the ways it is
    down: bool,  # noqa: FBT001 - private; which of the ways it is
) -> list[list[float]]:
    """Mirror a picture by its spectrum: the odd frequencies change their sign."""
    return [
        [-value if (across and x % 2) != (down and y % 2) else value for x, value in enumerate(row)]
        for y, row in enumerate(spectrum)
    ]


def _flipped(
    grid: Grid,
    across: bool,  # noqa: FBT001 - private; which of the ways it is
    down: bool,  # noqa: FBT001 - private; which of the ways it is
) -> Grid:
    rows = list(reversed(grid)) if down else list(grid)
    return [list(reversed(row)) for row in rows] if across else rows


def _transposed(grid: Sequence[Sequence[T]]) -> list[list[T]]:
    return [list(column) for column in zip(*grid, strict=True)]
