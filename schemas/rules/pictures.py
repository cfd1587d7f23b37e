"""Pictures: does what a photo says of itself agree with the operation that declared it?

What a camera writes into a file is a claim: anybody can write it, and honest cameras are wrong too
(of five real files, camera and satellite time were a day apart). So nothing here trusts it, and
nothing here condemns anybody: each aspect agrees, differs, or cannot say, with the numbers for a
person to check.

Place: with d the metres between claim and fix, and a the radius that holds 68 % of each, they agree
if d <= 100 m + 1.621 (a1 + a2), and otherwise differ; a camera that tells no accuracy is given
50 m. A fix that is simulated or of unknown accuracy, and a claim at 0, 0, cannot say. Neither can a
claim that would agree in another datum: some cameras write the map's degrees.
Time: a claim agrees within 15 minutes and the operation's own error, because a crew photographs
first and declares after. A camera that names no time zone is read in the district's; one that is
then wrong by whole hours cannot say, for it may be set to another zone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Final

from schemas.rules import datums, geodesy, geofence

POSITION_TOLERANCE_M: Final = 100.0
CLAIM_ACCURACY_M: Final = 50.0
TIME_TOLERANCE_S: Final = 900.0
CLOCKS_TOLERANCE_S: Final = 120.0
"""How far a camera's clock and a satellite's may be apart: a satellite's may be that of the fix."""
ZONE_TOLERANCE_S: Final = 120.0
ZONE_HOURS_MAX: Final = 14
_HOUR_S: Final = 3_600.0


class Aspect(enum.StrEnum):
    """What is compared."""

    position = "position"
    camera_time = "camera_time"
    satellite_time = "satellite_time"
    clocks = "clocks"
    """The camera's time against the satellite's: two claims of the same file."""


class Agreement(enum.StrEnum):
    """What comes out."""

    agrees = "agrees"
    differs = "differs"
    cannot_say = "cannot_say"


class Ground(enum.StrEnum):
    """What the answer rests on."""

    within = "within"
    beyond = "beyond"
    not_claimed = "not_claimed"
    no_fix = "no_fix"
    fix_doubtful = "fix_doubtful"
    null_island = "null_island"
    other_datum = "other_datum"
    other_zone = "other_zone"
    clock_suspect = "clock_suspect"


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """What a file says of itself, each word apart; None is what it does not say.

    Attributes:
        camera_local: the camera's wall clock, without a zone.
        camera_offset_s: the zone that the camera names, as seconds east of UTC.
        satellite_at: the satellites' time.
        lat_deg: latitude.
        lon_deg: longitude.
        accuracy_m: how exact the camera calls its position.
    """

    camera_local: dt.datetime | None = None
    camera_offset_s: int | None = None
    satellite_at: dt.datetime | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    accuracy_m: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Declared:
    """What the operation says that declared the file.

    Attributes:
        fix: the phone's position, if it had one.
        happened_at: when it happened, in the server's time.
        error_s: how surely.
        clock_suspect: whether the phone's clock is in doubt.
        zone: the district's time zone.
    """

    fix: geofence.FixLike | None
    happened_at: dt.datetime
    error_s: float
    clock_suspect: bool
    zone: dt.tzinfo


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """One aspect's answer, and the numbers it rests on.

    `distance_m` with `allowed_m` for the position, `gap_s` (claim less operation) with `allowed_s`
    for times; `zone_assumed` when a camera named none.
    """

    aspect: Aspect
    agreement: Agreement
    ground: Ground
    distance_m: float | None = None
    allowed_m: float | None = None
    gap_s: float | None = None
    allowed_s: float | None = None
    zone_assumed: bool = False


def compare(claim: Claim, declared: Declared) -> tuple[Comparison, ...]:
    """Compare every aspect of a claim with the operation that declared its file."""
    return (
        _position(claim, declared.fix),
        _camera_time(claim, declared),
        _satellite_time(claim, declared),
        _clocks(claim, declared.zone),
    )


def camera_at(claim: Claim, zone: dt.tzinfo) -> dt.datetime | None:
    """Place the camera's wall clock in time: in the zone it names, or else in the district's."""
    if claim.camera_local is None:
        return None
    if claim.camera_offset_s is None:
        return claim.camera_local.replace(tzinfo=zone)
    offset = dt.timezone(dt.timedelta(seconds=claim.camera_offset_s))
    return claim.camera_local.replace(tzinfo=offset)


def _position(claim: Claim, fix: geofence.FixLike | None) -> Comparison:
    def cannot_say(ground: Ground) -> Comparison:
        return Comparison(Aspect.position, Agreement.cannot_say, ground)

    if claim.lat_deg is None or claim.lon_deg is None:
        return cannot_say(Ground.not_claimed)
    if claim.lat_deg == 0 and claim.lon_deg == 0:
        return cannot_say(Ground.null_island)
    if fix is None:
        return cannot_say(Ground.no_fix)
    if fix.simulated or not fix.accuracy_m or fix.accuracy_m < 0:
        return cannot_say(Ground.fix_doubtful)
    accuracies_m = fix.accuracy_m + (claim.accuracy_m or CLAIM_ACCURACY_M)
    allowed_m = POSITION_TOLERANCE_M + geofence.ACCURACY_95_PER_68 * accuracies_m
    apart_m = {
        datum: _apart_m(claim.lat_deg, claim.lon_deg, datum=datum, fix=fix)
        for datum in datums.Datum
    }
    distance_m = apart_m[datums.Datum.wgs84]
    if distance_m <= allowed_m:
        agreement, ground = Agreement.agrees, Ground.within
    elif min(apart_m.values()) <= allowed_m:
        agreement, ground = Agreement.cannot_say, Ground.other_datum
    else:
        agreement, ground = Agreement.differs, Ground.beyond
    return Comparison(
        Aspect.position, agreement, ground, distance_m=distance_m, allowed_m=allowed_m
    )


def _apart_m(
    lat_deg: float, lon_deg: float, *, datum: datums.Datum, fix: geofence.FixLike
) -> float:
    """Measure from a claim, its degrees read in a datum, to the fix."""
    wgs84 = datums.Datum.wgs84
    claimed = datums.convert(lat_deg, lon_deg, source=datum, target=wgs84)
    fixed = datums.convert(fix.lat_deg, fix.lon_deg, source=fix.datum, target=wgs84)
    return geodesy.distance_m(*claimed, *fixed)


def _camera_time(claim: Claim, declared: Declared) -> Comparison:
    at = camera_at(claim, declared.zone)
    return _time(
        Aspect.camera_time,
        at,
        declared,
        zone_assumed=at is not None and claim.camera_offset_s is None,
    )


def _satellite_time(claim: Claim, declared: Declared) -> Comparison:
    return _time(Aspect.satellite_time, claim.satellite_at, declared, zone_assumed=False)


def _time(
    aspect: Aspect, at: dt.datetime | None, declared: Declared, *, zone_assumed: bool
) -> Comparison:
    if at is None:
        return Comparison(aspect, Agreement.cannot_say, Ground.not_claimed)
    gap_s = (at - declared.happened_at).total_seconds()
    allowed_s = TIME_TOLERANCE_S + max(declared.error_s, 0.0)
    agreement, ground = _judge_gap(gap_s, allowed_s, zone_assumed=zone_assumed)
    if agreement is Agreement.differs and declared.clock_suspect:
        agreement, ground = Agreement.cannot_say, Ground.clock_suspect
    return Comparison(
        aspect, agreement, ground, gap_s=gap_s, allowed_s=allowed_s, zone_assumed=zone_assumed
    )


def _clocks(claim: Claim, zone: dt.tzinfo) -> Comparison:
    at = camera_at(claim, zone)
    if at is None or claim.satellite_at is None:
        return Comparison(Aspect.clocks, Agreement.cannot_say, Ground.not_claimed)
    zone_assumed = claim.camera_offset_s is None
    gap_s = (at - claim.satellite_at).total_seconds()
    agreement, ground = _judge_gap(gap_s, CLOCKS_TOLERANCE_S, zone_assumed=zone_assumed)
    return Comparison(
        Aspect.clocks,
        agreement,
        ground,
        gap_s=gap_s,
        allowed_s=CLOCKS_TOLERANCE_S,
        zone_assumed=zone_assumed,
    )


def _judge_gap(gap_s: float, allowed_s: float, *, zone_assumed: bool) -> tuple[Agreement, Ground]:
    if abs(gap_s) <= allowed_s:
        return Agreement.agrees, Ground.within
    if zone_assumed and _is_of_another_zone(gap_s):
        return Agreement.cannot_say, Ground.other_zone
    return Agreement.differs, Ground.beyond


def _is_of_another_zone(gap_s: float) -> bool:
    hours = round(gap_s / _HOUR_S)
    near = abs(gap_s - hours * _HOUR_S) <= ZONE_TOLERANCE_S
    return near and 0 < abs(hours) <= ZONE_HOURS_MAX
