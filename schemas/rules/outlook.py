"""The outlook of a crew: when it will be where, by its way and by the work before it.

Ways are straight lines, stretched by a detour factor and driven at one speed; work takes the
median of its kind.
So this sees what cannot be met, and never proves that the rest will be.
Seconds, metres, km/h, aware instants, WGS-84 degrees.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from schemas.rules import geodesy

_METRES_PER_KM: Final = 1_000
_SECONDS_PER_HOUR: Final = 3_600


class Place(NamedTuple):
    """Somewhere on the ground."""

    lat_deg: float
    lon_deg: float


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How fast a crew comes along.

    Attributes:
        detour_factor: the way by road over the straight line, 1 or more.
        speed_kmh: along the road.

    Raises:
        ValueError: a way would be shorter than the straight line, or never end.
    """

    detour_factor: float
    speed_kmh: float

    def __post_init__(self) -> None:
        """Refuse a pace that nobody can have."""
        if self.detour_factor < 1 or self.speed_kmh <= 0:
            msg = f"no pace: detour factor {self.detour_factor}, {self.speed_kmh} km/h"
            raise ValueError(msg)

    def travel_s(self, straight_m: float) -> float:
        """Tell how long a straight line takes."""
        road_km = straight_m * self.detour_factor / _METRES_PER_KM
        return road_km / self.speed_kmh * _SECONDS_PER_HOUR


@dataclasses.dataclass(frozen=True, slots=True)
class Errand:
    """One piece of a crew's work.

    Attributes:
        place: where it is; None where nobody knows, which costs no way.
        work_s: what it still takes there.
    """

    place: Place | None
    work_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of one errand, with the numbers that it rests on.

    Attributes:
        arrives_at: when the crew can be there.
        done_at: when the work can be done.
        way_m: straight lines up to there.
        travel_s: what they take.
        ahead: how many pieces of work come before.
        ahead_s: what those take.
    """

    arrives_at: dt.datetime
    done_at: dt.datetime
    way_m: float
    travel_s: float
    ahead: int
    ahead_s: float


def foresee(
    now: dt.datetime, start: Place | None, errands: Sequence[Errand], pace: Pace
) -> Iterator[Outlook]:
    """Walk a crew through its work, in its order, and say of each errand what to expect.

    Args:
        now: the present.
        start: where the crew is; None where nobody knows, then the way begins at the first place.
        errands: its work in the order in which it will be done.
        pace: how fast it comes along.
    """
    here, way_m, ahead_s = start, 0.0, 0.0
    for ahead, errand in enumerate(errands):
        way_m += _straight_m(here, errand.place)
        here = errand.place or here
        travel_s = pace.travel_s(way_m)
        arrives_at = now + dt.timedelta(seconds=travel_s + ahead_s)
        done_at = arrives_at + dt.timedelta(seconds=errand.work_s)
        yield Outlook(arrives_at, done_at, way_m, travel_s, ahead, ahead_s)
        ahead_s += errand.work_s


def _straight_m(one: Place | None, other: Place | None) -> float:
    if one is None or other is None:
        return 0.0
    return geodesy.distance_m(*one, *other)
