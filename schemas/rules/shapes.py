"""Shapes on the ground: GeoJSON geometries checked, and laid into a local plane of metres.

Coordinates are (longitude, latitude) in degrees, edges straight in degrees (RFC 7946).
A ring may cross the antimeridian, by a jump of longitude or by running past 180; it may lie
around a pole. An edge longer than `STEP_DEG` is walked in steps, so that it stays straight in
degrees when the plane bends it; beyond `PIECES_MAX` steps it is only nearly so.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import shapely
from shapely.geometry import base

from schemas.rules import geodesy

VERTICES_MAX: Final = 20_000
STEP_DEG: Final = 0.005
PIECES_MAX: Final = 64
AREA_MIN_M2: Final = 0.01
_LON_MAX_DEG: Final = 360.0
_LAT_MAX_DEG: Final = 90.0
_LINE_MIN: Final = 2
_RING_MIN: Final = 4


class Kind(enum.StrEnum):
    """What a shape is made of."""

    point = "point"
    line = "line"
    polygon = "polygon"


class Fault(enum.StrEnum):
    """What is wrong with a geometry."""

    unknown_type = "unknown_type"
    malformed = "malformed"
    out_of_range = "out_of_range"
    too_short = "too_short"
    not_closed = "not_closed"
    no_area = "no_area"
    too_many_points = "too_many_points"


class BadGeometry(ValueError):  # noqa: N818 - the word of the trade
    """A GeoJSON geometry that is no shape on the ground; `fault` names why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"bad geometry: {fault}")


Ring = geodesy.FloatArray
"""Rows of (lon_deg, lat_deg), longitude without jumps."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A checked geometry.

    Attributes:
        kind: points, lines or polygons.
        parts: each part's rings; a polygon's first ring is its outside, the rest are holes.
    """

    kind: Kind
    parts: tuple[tuple[Ring, ...], ...]

    def rings(self) -> list[Ring]:
        """List every ring of every part."""
        return [ring for part in self.parts for ring in part]


_KINDS: Final = {
    "Point": Kind.point,
    "MultiPoint": Kind.point,
    "LineString": Kind.line,
    "MultiLineString": Kind.line,
    "Polygon": Kind.polygon,
    "MultiPolygon": Kind.polygon,
}


def parse(geometry: Mapping[str, object]) -> Shape:
    """Check a GeoJSON geometry.

    Raises:
        BadGeometry: it is no point, line or polygon, single or multiple; or its numbers are no
            places on earth; or it has more than `VERTICES_MAX` points.
    """
    name = geometry.get("type")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not isinstance(name, str):
        raise BadGeometry(Fault.unknown_type)
    budget = [VERTICES_MAX]
    parts = tuple(
        tuple(_ring(ring, kind, budget) for ring in _list(part))
        for part in _parts(name, geometry.get("coordinates"))
    )
    if not parts or not all(parts):
        raise BadGeometry(Fault.too_short)
    return Shape(kind, parts)


def centre(shape: Shape) -> tuple[float, float]:
    """Find the middle of a shape's bounds: (lat_deg, lon_deg); good enough as a plane's origin."""
    lonlat = np.concatenate(shape.rings())
    lon_deg, lat_deg = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    return float(lat_deg), float(lon_deg)


def lay(shape: Shape, frame: geodesy.Frame) -> base.BaseGeometry:
    """Lay a shape into a local plane; a ring that crosses itself counts as what it encloses.

    Raises:
        BadGeometry: a polygon encloses nothing.
    """
    laid = [[frame.project(_stepped(ring)) for ring in part] for part in shape.parts]
    if shape.kind is Kind.point:
        return shapely.MultiPoint([part[0][0] for part in laid])
    if shape.kind is Kind.line:
        return shapely.MultiLineString([part[0] for part in laid])
    return enclosed([[_closed(ring) for ring in part] for part in laid], area_min=AREA_MIN_M2)


def enclosed(parts: Sequence[Sequence[Ring]], *, area_min: float) -> base.BaseGeometry:
    """Build polygons from rings in one plane, mended where they cross themselves.

    Args:
        parts: each polygon's rings, the outside first.
        area_min: what counts as nothing, in the plane's own square units.

    Raises:
        BadGeometry: they enclose nothing.
    """
    polygons: base.BaseGeometry = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
    if not polygons.is_valid:
        mended = shapely.get_parts(shapely.get_parts(shapely.make_valid(polygons)))
        polygons = shapely.MultiPolygon([part for part in mended if part.geom_type == "Polygon"])
    if polygons.is_empty or polygons.area <= area_min:
        raise BadGeometry(Fault.no_area)
    return polygons


def _closed(ring: geodesy.FloatArray) -> geodesy.FloatArray:
    """End a ring exactly where it began, whatever the last bit of a turned longitude says."""
    ring[-1] = ring[0]
    return ring


def _parts(name: str, coordinates: object) -> list[object]:
    """Bring each type's coordinates to one form: parts of rings of vertices."""
    match name:
        case "Point":
            return [[[coordinates]]]
        case "MultiPoint":
            return [[[vertex]] for vertex in _list(coordinates)]
        case "LineString":
            return [[coordinates]]
        case "MultiLineString":
            return [[line] for line in _list(coordinates)]
        case "Polygon":
            return [coordinates]
        case _:
            return _list(coordinates)


def _list(value: object) -> list[object]:
    if not isinstance(value, (list, tuple)):
        raise BadGeometry(Fault.malformed)
    return list(value)


def _ring(value: object, kind: Kind, budget: list[int]) -> Ring:
    vertices = _list(value)
    budget[0] -= len(vertices)
    if budget[0] < 0:
        raise BadGeometry(Fault.too_many_points)
    lonlat = [_vertex(vertex) for vertex in vertices]
    if len(lonlat) < {Kind.point: 1, Kind.line: _LINE_MIN, Kind.polygon: _RING_MIN}[kind]:
        raise BadGeometry(Fault.too_short)
    if kind is Kind.polygon and lonlat[0] != lonlat[-1]:
        raise BadGeometry(Fault.not_closed)
    ring = np.array(lonlat, dtype=np.float64)
    ring[:, 0] = np.unwrap(ring[:, 0], period=_LON_MAX_DEG)
    return ring


def _vertex(value: object) -> tuple[float, float]:
    numbers = _list(value)
    if len(numbers) not in {2, 3}:
        raise BadGeometry(Fault.malformed)
    lon_deg, lat_deg = _number(numbers[0]), _number(numbers[1])
    if abs(lon_deg) > _LON_MAX_DEG or abs(lat_deg) > _LAT_MAX_DEG:
        raise BadGeometry(Fault.out_of_range)
    return lon_deg, lat_deg


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadGeometry(Fault.malformed)
    if not abs(value) <= _LON_MAX_DEG:  # so written, it also catches what is not a number
        raise BadGeometry(Fault.out_of_range)
    return float(value)


def _stepped(ring: Ring) -> Ring:
    """Walk long edges in steps."""
    if len(ring) < _LINE_MIN:
        return ring
    spans = np.abs(np.diff(ring, axis=0)).max(axis=1)
    pieces = np.clip(np.ceil(spans / STEP_DEG), 1, PIECES_MAX).astype(int)
    if pieces.max() == 1:
        return ring
    places = np.concatenate(
        [np.arange(count) / count + start for start, count in enumerate(pieces)]
        + [np.array([len(ring) - 1.0])]
    )
    whole = np.arange(len(ring), dtype=np.float64)
    return np.column_stack(
        [np.interp(places, whole, ring[:, 0]), np.interp(places, whole, ring[:, 1])]
    )
