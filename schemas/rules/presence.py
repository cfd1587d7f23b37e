"""Presence: what else a check-in brings than one fix: the best of several, and a stay.

No remedy changes a verdict: a doubtful fix stays doubtful. What is said here stands beside it, with
its numbers, for a supervisor to weigh.

Of several fixes the most exact one is used, never the nearest: to pick by place would let anybody
in who walks by often enough.
A stay is proven if for `dwell_s` no sound fix puts the phone elsewhere, and no two of them are
farther apart than a quarter of it. A fix is sound here if it is neither simulated nor old and its
accuracy is known and no worse than 200 m.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
import statistics
from collections.abc import Sequence
from typing import Final, Protocol

from schemas.rules import geofence

ACCURACY_MAX_M: Final = 200.0
GAPS_PER_STAY: Final = 4
"""Looks must be so close that a stay has at least as many gaps."""


class SightingLike(Protocol):
    """A fix that was seen while a check-in was open; see `schemas.checkins.Sighting`."""

    @property
    def after_s(self) -> float:
        """When it was seen, counted from the first look."""

    @property
    def fix(self) -> geofence.FixLike:
        """The fix, with the age that it had then."""


class StayKind(enum.StrEnum):
    """What a stay shows."""

    stayed = "stayed"
    left = "left"
    """A sound fix lies elsewhere."""
    short = "short"
    sparse = "sparse"
    """Long enough, but nobody knows where the phone was in between."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stay:
    """A stay, with its numbers.

    Attributes:
        kind: what it shows.
        stayed_s: from the first sound fix to the last.
        positions: how many sound fixes it rests on.
        inside: how many of them are at the site for certain.
        accuracy_m: the radius of 68 % of the middle one; None without any.
    """

    kind: StayKind
    stayed_s: float
    positions: int
    inside: int
    accuracy_m: float | None


def best(
    sightings: Sequence[SightingLike], *, at_s: float, age_max_s: float
) -> SightingLike | None:
    """Choose the fix to check in with: the most exact sound one, of equals the latest.

    Args:
        sightings: in any order.
        at_s: when the check-in is made, on the clock of the sightings.
        age_max_s: the policy's limit; an older fix proves nothing.
    """
    ordered = sorted(sightings, key=lambda each: each.after_s)
    chosen: SightingLike | None = None
    for sighting in ordered:
        if not _is_sound(sighting, waited_s=at_s - sighting.after_s, age_max_s=age_max_s):
            continue
        if chosen is None or _accuracy_m(sighting) <= _accuracy_m(chosen):
            chosen = sighting
    return chosen or (ordered[-1] if ordered else None)


def stay(
    sightings: Sequence[SightingLike], fence: geofence.Fence, *, dwell_s: float, age_max_s: float
) -> Stay:
    """Judge a stay by what was seen during it.

    Args:
        sightings: in any order.
        fence: the site.
        dwell_s: how long the policy asks somebody to stay.
        age_max_s: the policy's limit; an older fix proves nothing.
    """
    ordered = sorted(sightings, key=lambda each: each.after_s)
    sound = [each for each in ordered if _is_sound(each, waited_s=0, age_max_s=age_max_s)]
    sound = [each for each in sound if _accuracy_m(each) <= ACCURACY_MAX_M]
    kinds = [geofence.verdict(each.fix, fence, age_max_s=age_max_s).kind for each in sound]
    stayed_s = sound[-1].after_s - sound[0].after_s if sound else 0.0
    return Stay(
        _kind(sound, kinds, stayed_s, dwell_s),
        stayed_s,
        len(sound),
        kinds.count(geofence.VerdictKind.inside),
        statistics.median_low([_accuracy_m(each) for each in sound]) if sound else None,
    )


def _kind(
    sound: Sequence[SightingLike],
    kinds: Sequence[geofence.VerdictKind],
    stayed_s: float,
    dwell_s: float,
) -> StayKind:
    if geofence.VerdictKind.outside in kinds:
        return StayKind.left
    if stayed_s < dwell_s or not sound:
        return StayKind.short
    gaps = [later.after_s - earlier.after_s for earlier, later in itertools.pairwise(sound)]
    if max(gaps, default=0.0) > dwell_s / GAPS_PER_STAY:
        return StayKind.sparse
    return StayKind.stayed


def _is_sound(sighting: SightingLike, *, waited_s: float, age_max_s: float) -> bool:
    fix = sighting.fix
    age_s = max(fix.age_s or 0.0, 0.0) + waited_s
    return not fix.simulated and age_s <= age_max_s and geofence.known_accuracy_m(fix) is not None


def _accuracy_m(sighting: SightingLike) -> float:
    known = geofence.known_accuracy_m(sighting.fix)
    assert known is not None, "only sound fixes are asked"
    return known
