from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import likeness
from tests.schemas.rules import vectors

HASHES = st.integers(0, 2**64 - 1)
Grid = list[list[int]]


def sampled(seed: int) -> tuple[Grid, Grid, Grid]:
    """Make a smooth scene and sample it on the three grids."""
    dice = random.Random(seed)
    waves = [
        (dice.uniform(-60, 60), dice.uniform(0.3, 3), dice.uniform(0.3, 3), dice.uniform(0, 6))
        for _ in range(6)
    ]

    def level(x: float, y: float) -> int:
        value = 128 + sum(a * math.cos(fx * x * 3 + fy * y * 3 + p) for a, fx, fy, p in waves)
        return max(0, min(255, round(value)))

    def grid(columns: int, rows: int) -> Grid:
        return [
            [level((x + 0.5) / columns, (y + 0.5) / rows) for x in range(columns)]
            for y in range(rows)
        ]

    return grid(9, 8), grid(8, 9), grid(32, 32)


def marks(grids: tuple[Grid, Grid, Grid]) -> tuple[likeness.Mark, ...]:
    wide, tall, square = grids
    return likeness.marks(wide=wide, tall=tall, square=square)


def mirrored(grid: Grid) -> Grid:
    return [list(reversed(row)) for row in grid]


def over(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def quarter_turned(grids: tuple[Grid, Grid, Grid]) -> tuple[Grid, Grid, Grid]:
    """Turn a picture by a quarter: its tall grid becomes the wide one."""
    wide, tall, square = (mirrored(over(grid)) for grid in grids)
    return tall, wide, square


@pytest.mark.parametrize("case", vectors.cases("likeness"))
def test_marks_and_distances_are_as_the_vectors_say(case: vectors.Case) -> None:
    ways = likeness.marks(wide=case["wide"], tall=case["tall"], square=case["square"])
    assert [[f"{way.dhash:016x}", f"{way.phash:016x}"] for way in ways] == case["marks"]
    other = likeness.Mark(*(int(each, 16) for each in case["other"]))
    apart = likeness.distance(ways, other)
    assert [apart.dhash, apart.phash, apart.is_near] == case["expect"]


@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans())
def test_a_picture_turned_or_mirrored_is_the_same(
    seed: int,
    quarters: int,
    mirror: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    grids = sampled(seed)
    mark = marks(grids)[0]
    for _ in range(quarters):
        grids = quarter_turned(grids)
    if mirror:
        wide, tall, square = grids
        grids = mirrored(wide), mirrored(tall), mirrored(square)
    apart = likeness.distance(marks(grids), mark)
    # A coefficient at the median may fall on either side of it once a picture is turned.
    assert apart.dhash == 0
    assert apart.phash <= 2


@given(HASHES, st.sets(st.integers(0, 63), max_size=6))
def test_whoever_looks_in_the_near_bands_misses_no_near_picture(
    dhash: int, changed: set[int]
) -> None:
    other = dhash
    for bit in changed:
        other ^= 1 << bit
    near = likeness.near_bands([likeness.Mark(dhash, 0)])
    held = zip(likeness.bands(other), near, strict=True)
    assert any(band in values for band, values in held)


@given(HASHES)
def test_bands_put_together_are_the_hash(dhash: int) -> None:
    low, second, third, high = likeness.bands(dhash)
    assert low | second << 16 | third << 32 | high << 48 == dhash


@given(HASHES, HASHES, HASHES, HASHES)
def test_distance_is_of_the_nearest_way_and_near_only_by_both(
    dhash: int, phash: int, other_dhash: int, other_phash: int
) -> None:
    other = likeness.Mark(other_dhash, other_phash)
    ways = [likeness.Mark(dhash, phash), other]
    assert likeness.distance(ways, other) == likeness.Distance(0, 0)
    alone = likeness.distance(ways[:1], other)
    assert alone.is_near == (alone.dhash <= 6 and alone.phash <= 12)


def test_a_near_way_is_preferred_to_one_with_fewer_bits_in_all() -> None:
    other = likeness.Mark(0, 0)
    near = likeness.Mark(0b111111, 0xFFF)
    far = likeness.Mark(0b1111111, 0)
    assert likeness.distance([far, near], other) == likeness.Distance(6, 12)


@pytest.mark.parametrize(
    ("dhash", "is_plain"),
    [(0, True), (2**64 - 1, True), (0b11111, True), (0b111111, False), (0xF0F0F0F0F0F0F0F0, False)],
)
def test_a_picture_without_contrast_is_plain(
    dhash: int,
    is_plain: bool,  # noqa: FBT001 - of the table above
) -> None:
    assert likeness.Mark(dhash, 0).is_plain is is_plain
