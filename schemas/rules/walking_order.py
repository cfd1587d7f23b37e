"""The order of a route as it was really walked.

A planned order is somebody's guess at a desk; the times at which meters were read are the walk.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from schemas.rules import geodesy


class Place(NamedTuple):
    """A stop of the route.

    Attributes:
        stop_id: whose.
        walked_at: when it was read on the walk; None where it was not.
        lat_deg: where the reader stood, or else where the meter is; WGS-84.
        lon_deg: the same.
    """

    stop_id: str
    walked_at: dt.datetime | None
    lat_deg: float
    lon_deg: float


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """An order of walking, and how long both ways are from stop to stop.

    Attributes:
        stop_ids: in the order that is proposed.
        walked: how many of them the walk tells of.
        planned_m: along the planned order.
        proposed_m: along the proposed one.
    """

    stop_ids: tuple[str, ...]
    walked: int
    planned_m: float
    proposed_m: float


def propose(places: Sequence[Place]) -> Proposal:
    """Put stops in the order in which they were read.

    A stop that was not read stays behind the one that it stands behind in the plan.

    Args:
        places: the stops in their planned order.
    """
    followers: dict[str | None, list[Place]] = {None: []}
    leader: str | None = None
    for place in places:
        if place.walked_at is None:
            followers[leader].append(place)
        else:
            leader = place.stop_id
            followers[leader] = []
    read = [(place.walked_at, place) for place in places if place.walked_at is not None]
    walk = [place for _, place in sorted(read, key=lambda each: each[0])]
    ordered = [*followers[None]]
    for place in walk:
        ordered += [place, *followers[place.stop_id]]
    return Proposal(
        stop_ids=tuple(place.stop_id for place in ordered),
        walked=len(walk),
        planned_m=_length_m(places),
        proposed_m=_length_m(ordered),
    )


def _length_m(places: Sequence[Place]) -> float:
    return sum(
        geodesy.distance_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)
        for one, other in itertools.pairwise(places)
    )
