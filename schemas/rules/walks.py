"""Walks: did the reader go to the meters? What times and positions say of a reader's day.

A plausible invention is not seen in its numbers; that nobody went there is seen here.
ER30 far away, ER31 nothing proven, ER32 faster than anybody goes or reads, ER33 many meters from
one spot, ER34 a position that no receiver made.
Meters of one box are read from one spot at once, and never suspected for it. Times are event time:
only differences between readings of one phone count, so a clock that is wrong by a constant does
no harm, and a pair with a suspect clock is left out.
Metres, seconds; degrees in WGS-84. Source: the rules for readings.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import statistics
from collections.abc import Iterator, Sequence
from typing import Final

from schemas.rules import flags, geodesy, geofence, suspicion

_SAME_DECIMALS: Final = 6
_UNPROVEN: Final = frozenset(
    {
        geofence.Reason.no_fix,
        geofence.Reason.accuracy_unknown,
        geofence.Reason.accuracy_poor,
        geofence.Reason.stale,
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One reading taken at a meter, or said to be.

    Attributes:
        reading_id: which reading.
        meter_id: whose value.
        box: the box or wall that the meter shares with others.
        at: when it happened.
        error_s: how far `at` may be wrong.
        suspect: whether the phone's clock was set around it.
        lat_deg: where the meter is.
        lon_deg: the same.
        radius_m: how near to it is at it.
        fix: where the phone said that it was.
        verdict: what the fence says of that.
    """

    reading_id: str
    meter_id: str
    box: str | None
    at: dt.datetime
    error_s: float
    suspect: bool
    lat_deg: float
    lon_deg: float
    radius_m: float
    fix: geofence.Fix | None
    verdict: geofence.Verdict


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A flag and the reading that it charges."""

    reading_id: str
    flag: flags.Flag


@dataclasses.dataclass(frozen=True, slots=True)
class _Step:
    """The way from one reading to the next."""

    before: Take
    after: Take
    apart_m: float
    took_s: float


def judge(day: Sequence[Take], policy: suspicion.Walking) -> Iterator[Finding]:
    """Judge one reader's day, in the order of event time.

    Args:
        day: what was read with one phone on one day, in any order; each reading once.
        policy: how much is too much.
    """
    walked = sorted(day, key=lambda take: (take.at, take.reading_id))
    steps = list(_steps(walked))
    told: set[tuple[str, str]] = set()
    for finding in itertools.chain(
        itertools.chain.from_iterable(map(_alone, walked)),
        _too_fast(steps, policy),
        _too_quick(steps, policy),
        _one_place(walked, policy),
        _same_fix(walked, policy),
    ):
        key = (finding.reading_id, finding.flag.code)
        if key not in told:
            told.add(key)
            yield finding


def _alone(take: Take) -> Iterator[Finding]:
    """ER30, ER31 and ER34: what one position says by itself."""
    verdict, fix = take.verdict, take.fix
    if fix is not None and fix.simulated:
        yield _finding(take, "ER34", {}, {"provider": fix.provider})
    elif verdict.kind is geofence.VerdictKind.outside and not verdict.datum_suspect:
        assert fix is not None, "outside is measured"
        assert verdict.edge_m is not None, "outside is measured"
        accuracy_m = round(fix.accuracy_m or 0)
        yield _finding(
            take,
            "ER30",
            {"d": str(round(verdict.edge_m)), "a": str(accuracy_m)},
            {"radius_m": round(take.radius_m)},
        )
    elif _UNPROVEN.intersection(verdict.reasons):
        yield _finding(take, "ER31", {}, {"reasons": [str(one) for one in verdict.reasons]})


def _steps(walked: Sequence[Take]) -> Iterator[_Step]:
    """List the ways between readings that say something."""
    for before, after in itertools.pairwise(walked):
        if _share_box(before, after) or before.suspect or after.suspect:
            continue
        slack_s = abs(after.error_s - before.error_s)
        took_s = (after.at - before.at).total_seconds() + slack_s
        yield _Step(before, after, _apart_m(before, after), took_s)


def _too_fast(steps: Sequence[_Step], policy: suspicion.Walking) -> Iterator[Finding]:
    """ER32: nobody goes so fast. Where both ends are proven, a vehicle may have been there."""
    for step in steps:
        ends = (step.before, step.after)
        unproven = [take for take in ends if not _is_proven(take)]
        on_foot = unproven and step.apart_m <= policy.on_foot_way_m_max
        limit_mps = policy.on_foot_mps_max if on_foot else policy.vehicle_mps_max
        way_m = step.apart_m - 2 * policy.stand_off_m
        if way_m <= limit_mps * max(step.took_s, 1.0):
            continue
        for take in unproven or ends:
            yield _paced(take, step, run=1)


def _too_quick(steps: Sequence[_Step], policy: suspicion.Walking) -> Iterator[Finding]:
    """ER32: stretch after stretch, the way at the reader's own pace leaves no time to read."""
    near = [step for step in steps if step.apart_m <= policy.quick_way_m_max]
    s_per_m = _own_pace_s_per_m(steps, policy)
    left_s = [step.took_s - step.apart_m * s_per_m for step in near]
    for start in range(len(near) - policy.quick_run + 1):
        run = range(start, start + policy.quick_run)
        if statistics.median(left_s[at] for at in run) >= policy.quick_s:
            continue
        takes = [near[start].before, *(near[at].after for at in run)]
        if _spread_m(takes) <= policy.quick_spread_m:
            continue
        for at in run:
            if left_s[at] < policy.quick_s:
                yield _paced(near[at].after, near[at], run=len(run))


def _own_pace_s_per_m(steps: Sequence[_Step], policy: suspicion.Walking) -> float:
    """Work out how long a metre takes this reader, apart from the time spent at meters.

    The median slope between shorter ways and longer ones: what every reading costs falls out, and
    odd ones have no say (H. Theil, 1950; P. K. Sen, 1968). Ways that are all alike tell no slope;
    then the reader is taken to walk briskly, which suspects nobody.
    """
    by_way = sorted(
        (step for step in steps if step.apart_m <= policy.on_foot_way_m_max),
        key=lambda step: step.apart_m,
    )
    third = len(by_way) // 3
    slopes = [
        (far.took_s - short.took_s) / (far.apart_m - short.apart_m)
        for short, far in itertools.product(by_way[:third], by_way[-third:])
        if far.apart_m - short.apart_m >= policy.slope_m_min
    ]
    if len(slopes) < policy.slopes_min:
        return 1 / policy.brisk_mps
    return min(max(statistics.median(slopes), 1 / policy.brisk_mps), 1 / policy.stroll_mps)


def _paced(take: Take, step: _Step, *, run: int) -> Finding:
    return _finding(
        take,
        "ER32",
        {
            "d": str(round(step.apart_m)),
            "s": str(round(step.took_s)),
        },
        {
            "from_meter": step.before.meter_id,
            "from_at": step.before.at.isoformat(),
            "to_meter": step.after.meter_id,
            "to_at": step.after.at.isoformat(),
            "run": run,
        },
    )


def _one_place(walked: Sequence[Take], policy: suspicion.Walking) -> Iterator[Finding]:
    """ER33: meters that no one spot reaches were read from one."""
    good = [take for take in walked if _names_spot(take, policy)]
    frame = geodesy.Frame(good[0].lat_deg, good[0].lon_deg) if good else None
    spots = [frame.local(*_fixed(take)) for take in good] if frame else []
    for at, take in enumerate(good):
        if _is_proven(take):
            continue
        here = [
            other
            for other, spot in zip(good, spots, strict=True)
            if abs(spot[0] - spots[at][0]) <= policy.spot_m
            and abs(spot[1] - spots[at][1]) <= policy.spot_m
        ]
        meters = _far_from_each_other(here)
        if len(meters) >= policy.spot_meters_min:
            yield _finding(
                take,
                "ER33",
                {"k": str(len(meters))},
                {"meters": [each.meter_id for each in meters], "spot_m": round(policy.spot_m)},
            )


def _far_from_each_other(takes: Sequence[Take]) -> list[Take]:
    """Pick meters of which no two can be reached from one place."""
    chosen: list[Take] = []
    for take in takes:
        if all(
            not _share_box(take, other) and _apart_m(take, other) > take.radius_m + other.radius_m
            for other in chosen
        ):
            chosen.append(take)
    return chosen


def _same_fix(walked: Sequence[Take], policy: suspicion.Walking) -> Iterator[Finding]:
    """ER34: fresh fixes of a living receiver are never equal to the centimetre."""
    by_fix: dict[tuple[float, float], list[Take]] = {}
    for take in walked:
        fix = take.fix
        if fix is not None and not fix.simulated and _is_fresh(fix, policy):
            key = (round(fix.lat_deg, _SAME_DECIMALS), round(fix.lon_deg, _SAME_DECIMALS))
            by_fix.setdefault(key, []).append(take)
    for takes in by_fix.values():
        if len(takes) < policy.same_fix_min or _spread_m(takes) <= policy.same_fix_spread_m:
            continue
        for take in takes:
            yield _finding(take, "ER34", {}, {"equal_fixes": len(takes)})


def _is_fresh(fix: geofence.Fix, policy: suspicion.Walking) -> bool:
    return fix.age_s is None or 0 <= fix.age_s <= policy.same_fix_age_s_max


def _names_spot(take: Take, policy: suspicion.Walking) -> bool:
    """Tell whether the fix is good enough to say where the phone was."""
    fix = take.fix
    if fix is None or fix.simulated or fix.accuracy_m is None:
        return False
    stale = fix.age_s is not None and fix.age_s > policy.fix_age_s_max
    return not stale and 0 < fix.accuracy_m <= policy.spot_accuracy_m_max


def _fixed(take: Take) -> tuple[float, float]:
    assert take.fix is not None, "only fixes name spots"
    return take.fix.lat_deg, take.fix.lon_deg


def _is_proven(take: Take) -> bool:
    return take.verdict.kind is geofence.VerdictKind.inside


def _share_box(one: Take, other: Take) -> bool:
    return one.meter_id == other.meter_id or (one.box is not None and one.box == other.box)


def _apart_m(one: Take, other: Take) -> float:
    return geodesy.distance_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)


def _spread_m(takes: Sequence[Take]) -> float:
    """Measure how far the meters lie from the first of them, at most."""
    return max(_apart_m(takes[0], take) for take in takes)


def _finding(
    take: Take, code: str, numbers: dict[str, str], inputs: dict[str, flags.Input]
) -> Finding:
    return Finding(take.reading_id, flags.flag(code, numbers=numbers, inputs=inputs))
