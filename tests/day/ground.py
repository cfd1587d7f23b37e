"""The ground of the day: streets along the district's lines, and fixes as real phones give them.

Metres and degrees WGS-84. Within a district a degree is as long everywhere as at its middle.
"""

from __future__ import annotations

import csv
import functools
import gzip
import heapq
import itertools
import math
import pathlib
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from schemas.places import Fix

_ROOT: Final = pathlib.Path(__file__).parents[2]
_GRID: Final = _ROOT / "api" / "demo" / "data"
_TRACES: Final = _ROOT / "tests" / "data" / "gps"
M_PER_DEG: Final = 111_195.0
_RADII_68: Final = math.sqrt(-2 * math.log(1 - 0.68))
"""How many sigmas of a round normal error hold 68 % of the fixes."""
OFF_STREET_MAX_M: Final = 2_000.0
"""A place farther from every street is in another district: one walks there in a straight line."""


class Spot(NamedTuple):
    """A place, in degrees."""

    lat_deg: float
    lon_deg: float


class Streets:
    """The district's lines as ways that crews drive along."""

    def __init__(self, *, spots: dict[str, Spot], lines: Sequence[tuple[str, str]]) -> None:
        """Lay the net.

        Args:
            spots: where each knot is.
            lines: pairs of knots with a way between them.
        """
        self._spots = spots
        self._ways: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for one, other in lines:
            length_m = distance_m(spots[one], spots[other])
            self._ways[one].append((other, length_m))
            self._ways[other].append((one, length_m))

    def path(self, start: Spot, end: Spot) -> list[Spot]:
        """Find the shortest way; straight where there is none."""
        knots = self._knots(self._nearest(start), self._nearest(end))
        return [start, *(self._spots[knot] for knot in knots), end]

    def _nearest(self, spot: Spot) -> str | None:
        knot = min(self._ways, key=lambda each: distance_m(self._spots[each], spot))
        return knot if distance_m(self._spots[knot], spot) <= OFF_STREET_MAX_M else None

    def _knots(self, start: str | None, end: str | None) -> list[str]:
        """Walk by Dijkstra."""
        if start is None or end is None:
            return []
        came: dict[str, str | None] = {}
        heap: list[tuple[float, str, str | None]] = [(0.0, start, None)]
        while heap:
            so_far_m, knot, before = heapq.heappop(heap)
            if knot in came:
                continue
            came[knot] = before
            if knot == end:
                return list(_back(came, end))[::-1]
            for other, length_m in self._ways[knot]:
                if other not in came:
                    heapq.heappush(heap, (so_far_m + length_m, other, knot))
        return []


@functools.cache
def streets() -> Streets:
    """Read the demo district's net."""
    spots = {row["bus_id"]: Spot(float(row["lat"]), float(row["lon"])) for row in _rows("bus")}
    lines = [(row["from_bus"], row["to_bus"]) for row in _rows("line")]
    lines += [(row["hv_bus"], row["lv_bus"]) for row in _rows("transformer")]
    lines += [(row["bus"], row["element"]) for row in _rows("switch") if row["et"] == "b"]
    known = [(one, other) for one, other in lines if one in spots and other in spots]
    return Streets(spots=spots, lines=known)


def distance_m(one: Spot, other: Spot) -> float:
    """Measure on the flat; good to a metre within a district."""
    north_m = (other.lat_deg - one.lat_deg) * M_PER_DEG
    east_m = (other.lon_deg - one.lon_deg) * M_PER_DEG * math.cos(math.radians(one.lat_deg))
    return math.hypot(north_m, east_m)


def length_m(path: Sequence[Spot]) -> float:
    """Measure a path."""
    return sum(distance_m(one, other) for one, other in itertools.pairwise(path))


def along(path: Sequence[Spot], gone_m: float) -> Spot:
    """Find the place so many metres along a path; its end beyond that."""
    for one, other in itertools.pairwise(path):
        leg_m = distance_m(one, other)
        if gone_m < leg_m:
            share = gone_m / leg_m
            return Spot(
                one.lat_deg + share * (other.lat_deg - one.lat_deg),
                one.lon_deg + share * (other.lon_deg - one.lon_deg),
            )
        gone_m -= leg_m
    return path[-1]


@functools.cache
def accuracies_m() -> tuple[float, ...]:
    """Read the accuracies that two real phones gave their fixes; 0 is unknown."""
    found: list[float] = []
    for name in ("google_trajectory.csv", "posmo_trajectory.csv"):
        with (_TRACES / name).open(encoding="utf-8", newline="") as file:
            found += [float(row["accuracy"]) for row in csv.DictReader(file, delimiter=";")]
    return tuple(found)


def take_fix(chance: random.Random, spot: Spot, *, tries: int = 1) -> Fix:
    """Take a fix as a real phone would: off by as much as its own accuracy says.

    Args:
        chance: what the sky looks like.
        spot: where the phone truly is.
        tries: of so many fixes the person uses the best.
    """
    accuracy_m = min(chance.choices(accuracies_m(), k=tries), key=lambda each: each or math.inf)
    sigma_m = (accuracy_m or 10.0) / _RADII_68
    north_deg = chance.gauss(0, sigma_m) / M_PER_DEG
    east_deg = chance.gauss(0, sigma_m) / M_PER_DEG / math.cos(math.radians(spot.lat_deg))
    return Fix(
        lat_deg=spot.lat_deg + north_deg,
        lon_deg=spot.lon_deg + east_deg,
        accuracy_m=accuracy_m,
        age_s=round(chance.uniform(0, 20), 1),
        provider="fused",
    )


def _back(came: dict[str, str | None], end: str) -> Iterator[str]:
    knot: str | None = end
    while knot is not None:
        yield knot
        knot = came[knot]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(_GRID / f"semiurb_{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
