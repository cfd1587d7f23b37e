"""Geofence: was the crew at its site? A fix against a shape, with the fix's own accuracy.

A phone's accuracy `a` is the radius that holds 68 % of its fixes; 1.621 a holds 95 %.
With d the metres on the ellipsoid from the fix to the shape (negative as deep as it lies inside a
polygon) and R the fence's radius:
`inside` if d + a <= R, `outside` if d - 1.621 a > R, otherwise `unsure`.
A fix of unknown accuracy, one that is too old or one that the platform calls simulated is `unsure`
wherever it lies. A check-in is recorded whatever the verdict.
Source: the geofence readings of the rules' design; on real walks "d - a <= R" let 96 % of the
passers-by at 60 m in, so it must never be used.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping
from typing import Final, Protocol

import shapely

from schemas.rules import datums, geodesy, shapes

ACCURACY_95_PER_68: Final = 1.621
DATUM_SHIFT_MAX_M: Final = 2_000.0
"""No two datums differ by more; farther out nobody need ask whether a datum was mixed up."""


class VerdictKind(enum.StrEnum):
    """Whether a crew was at its site."""

    inside = "inside"
    unsure = "unsure"
    outside = "outside"


class Reason(enum.StrEnum):
    """Why a verdict is what it is; more than one may hold."""

    within = "within"
    far = "far"
    near_edge = "near_edge"
    no_fix = "no_fix"
    accuracy_unknown = "accuracy_unknown"
    accuracy_poor = "accuracy_poor"
    stale = "stale"
    age_unknown = "age_unknown"
    simulated = "simulated"
    datum_converted = "datum_converted"
    datum_mixed_up = "datum_mixed_up"


class FixLike(Protocol):
    """A position as the phone's platform gave it; see `Fix`."""

    @property
    def lat_deg(self) -> float:
        """Latitude."""

    @property
    def lon_deg(self) -> float:
        """Longitude."""

    @property
    def accuracy_m(self) -> float | None:
        """Radius of 68 %; zero or None is unknown."""

    @property
    def age_s(self) -> float | None:
        """How old it was when used."""

    @property
    def datum(self) -> datums.Datum:
        """What its degrees mean."""

    @property
    def simulated(self) -> bool:
        """Whether the platform says that it is not real."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fix:
    """A position as the phone's platform gave it.

    Attributes:
        lat_deg: latitude.
        lon_deg: longitude; any turn of it is the same place.
        accuracy_m: radius of 68 %; zero or None is unknown.
        age_s: how old it was when used; None if the platform does not tell.
        datum: what its degrees mean.
        simulated: whether the platform says that it is not real.
        provider: who made it (gps, network, fused); for the record only.
    """

    lat_deg: float
    lon_deg: float
    accuracy_m: float | None = None
    age_s: float | None = None
    datum: datums.Datum = datums.Datum.wgs84
    simulated: bool = False
    provider: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with its numbers.

    Attributes:
        kind: inside, unsure or outside.
        distance_m: from the fix to the shape, 0 inside a polygon; None without a fix.
        edge_m: the same, negative as deep as the fix lies inside a polygon: the `d` of the rule.
        reasons: what it rests on, most telling first.
        datum_suspect: the fix is inside only after conversion, or would be if one datum was
            named wrongly: a mix-up of maps, no fraud.
    """

    kind: VerdictKind
    distance_m: float | None
    edge_m: float | None
    reasons: tuple[Reason, ...]
    datum_suspect: bool = False


class Fence:
    """A site's shape made ready for many fixes: build once, keep, ask often."""

    __slots__ = ("_boundary", "_frame", "_shape", "datum", "radius_m")

    def __init__(
        self, geometry: Mapping[str, object], *, radius_m: float, datum: datums.Datum
    ) -> None:
        """Prepare a GeoJSON point, line (its corridor) or polygon with holes.

        Args:
            geometry: GeoJSON, single or multiple.
            radius_m: how near to the shape is at the site.
            datum: what the geometry's degrees mean.

        Raises:
            shapes.BadGeometry: the geometry is no shape on the ground.
        """
        shape = shapes.parse(geometry)
        self.radius_m = radius_m
        self.datum = datum
        self._frame = geodesy.Frame(*shapes.centre(shape))
        self._shape = shapes.lay(shape, self._frame)
        self._boundary = self._shape.boundary if shape.kind is shapes.Kind.polygon else None
        shapely.prepare(self._shape)
        if self._boundary is not None:
            shapely.prepare(self._boundary)

    def edge_m(self, lat_deg: float, lon_deg: float) -> float:
        """Measure from a position in the fence's datum to its shape, negative inside a polygon."""
        point = shapely.points(self._frame.local(lat_deg, lon_deg))
        outside_m = self._shape.distance(point)
        if outside_m > 0 or self._boundary is None:
            return outside_m
        return -self._boundary.distance(point)


def verdict(fix: FixLike | None, fence: Fence, *, age_max_s: float) -> Verdict:
    """Judge a fix against a fence.

    Args:
        fix: the position, or None if the phone found none.
        fence: the site.
        age_max_s: the policy's limit; an older fix proves nothing.
    """
    if fix is None:
        return Verdict(VerdictKind.unsure, None, None, (Reason.no_fix,))
    edge_m = fence.edge_m(*_in_datum(fix, source=fix.datum, target=fence.datum))
    accuracy_m = known_accuracy_m(fix)
    doubts = _doubts(fix, accuracy_m, age_max_s)
    if doubts or accuracy_m is None:
        return _answer(VerdictKind.unsure, edge_m, doubts)
    noted = (Reason.age_unknown,) if _age_s(fix) is None else ()
    if edge_m + accuracy_m <= fence.radius_m:
        converted = _needs_conversion(fix, fence, accuracy_m)
        extra = (Reason.datum_converted,) if converted else ()
        return _answer(VerdictKind.inside, edge_m, (Reason.within, *extra, *noted), converted)
    if edge_m - ACCURACY_95_PER_68 * accuracy_m > fence.radius_m:
        mixed_up = _mixed_up(fix, fence, edge_m, accuracy_m)
        extra = (Reason.datum_mixed_up,) if mixed_up else ()
        return _answer(VerdictKind.outside, edge_m, (Reason.far, *extra, *noted), mixed_up)
    poor = (Reason.accuracy_poor,) if accuracy_m > fence.radius_m else ()
    return _answer(VerdictKind.unsure, edge_m, (*poor, Reason.near_edge, *noted))


def known_accuracy_m(fix: FixLike) -> float | None:
    """Read the accuracy; zero, negative and not-a-number all mean that the phone does not know."""
    known = fix.accuracy_m is not None and 0 < fix.accuracy_m < math.inf
    return fix.accuracy_m if known else None


def _answer(
    kind: VerdictKind,
    edge_m: float,
    reasons: tuple[Reason, ...],
    datum_suspect: bool = False,  # noqa: FBT001, FBT002 - private; a value, not a switch
) -> Verdict:
    return Verdict(kind, max(edge_m, 0.0), edge_m, reasons, datum_suspect)


def _doubts(fix: FixLike, accuracy_m: float | None, age_max_s: float) -> tuple[Reason, ...]:
    """List what makes a fix worthless as proof, wherever it lies."""
    age_s = _age_s(fix)
    checks = (
        (Reason.simulated, fix.simulated),
        (Reason.stale, age_s is not None and age_s > age_max_s),
        (Reason.accuracy_unknown, accuracy_m is None),
    )
    return tuple(reason for reason, holds in checks if holds)


def _age_s(fix: FixLike) -> float | None:
    """Read the age; a negative one comes from a clock that was set, and tells nothing."""
    known = fix.age_s is not None and fix.age_s >= 0
    return fix.age_s if known else None


def _in_datum(fix: FixLike, *, source: datums.Datum, target: datums.Datum) -> tuple[float, float]:
    return datums.convert(fix.lat_deg, fix.lon_deg, source=source, target=target)


def _needs_conversion(fix: FixLike, fence: Fence, accuracy_m: float) -> bool:
    """Tell whether the fix is inside only because its datum was converted."""
    if fix.datum is fence.datum:
        return False
    return fence.edge_m(fix.lat_deg, fix.lon_deg) + accuracy_m > fence.radius_m


def _mixed_up(fix: FixLike, fence: Fence, edge_m: float, accuracy_m: float) -> bool:
    """Tell whether an outside fix would be inside had the fix or the fence another datum."""
    near = edge_m <= fence.radius_m + DATUM_SHIFT_MAX_M
    if not near or not datums.in_china(fix.lat_deg, fix.lon_deg):
        return False
    declared = (fix.datum, fence.datum)
    pairs = {(source, fence.datum) for source in datums.Datum}
    pairs |= {(fix.datum, target) for target in datums.Datum}
    pairs -= {declared}
    return any(
        fence.edge_m(*_in_datum(fix, source=source, target=target)) + accuracy_m <= fence.radius_m
        for source, target in pairs
    )
