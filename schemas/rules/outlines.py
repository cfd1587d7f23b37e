"""Shapes made small for a phone's map: fewer vertices, shorter numbers, only what lies near.

What is left lies within `TOLERANCE_M` of what was drawn, and the rounding of its numbers moves it
by `ROUNDED_M` more; both are far below what a fix in the field can tell.
Shapes keep the datum that they were drawn in. A shape is thinned on a plane around its middle, so
it should be no wider than a province.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import base

from schemas.rules import datums, shapes

TOLERANCE_M: Final = 2.0
PLACES: Final = 5
"""Digits of a degree after the point: a step is a little more than a metre."""
ROUNDED_M: Final = 0.8
MARGIN_M: Final = 200.0
"""So far beyond an area's edge its lines go on: streets are often the border of two areas."""
_M_PER_DEG: Final = 111_195.0
_TURN_DEG: Final = 360.0


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A named line, single or multiple, as GeoJSON."""

    name: str
    geometry: Mapping[str, object]
    datum: datums.Datum = datums.Datum.wgs84


def thin(geometry: Mapping[str, object]) -> dict[str, Any]:
    """Make a polygon or a line small.

    Raises:
        shapes.BadGeometry: it is no shape on the ground.
    """
    shape = shapes.parse(geometry)
    plane = _Plane(*shapes.centre(shape))
    return plane.thinned(plane.lay(_drawn(shape)))


class Lines:
    """Lines made ready to be asked what of them lies near an area; build once for many areas."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Prepare lines.

        Raises:
            shapes.BadGeometry: one is no shape on the ground.
        """
        self._lines = [(line, shapes.parse(line.geometry)) for line in lines]
        self._trees: dict[datums.Datum, tuple[list[str], shapely.STRtree]] = {}
        for datum in sorted({line.datum for line, _ in self._lines}):
            names = [line.name for line, _ in self._lines if line.datum is datum]
            drawn = [_drawn(shape) for line, shape in self._lines if line.datum is datum]
            self._trees[datum] = (names, shapely.STRtree(np.array(drawn, dtype=object)))

    def near(
        self, geometry: Mapping[str, object], *, datum: datums.Datum
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give the name of each line that comes near an area, and what of it does, made small.

        Args:
            geometry: the area, a GeoJSON polygon, single or multiple.
            datum: what its degrees mean; each line is answered in its own.
        """
        for target, (names, tree) in self._trees.items():
            area = _drawn(_brought(shapes.parse(geometry), source=datum, target=target))
            yield from _near(area, names, tree)


def _near(
    area: base.BaseGeometry, names: list[str], tree: shapely.STRtree
) -> Iterator[tuple[str, dict[str, Any]]]:
    west, south, east, north = area.bounds
    plane = _Plane((south + north) / 2, (west + east) / 2)
    around = plane.lay(area).buffer(MARGIN_M)
    for turn_deg in (-_TURN_DEG, 0.0, _TURN_DEG):
        # Of two shapes at the antimeridian one may count from the east and one from the west.
        shifted = plane.raise_(around, east_deg=turn_deg)
        for place in sorted(tree.query(shifted)):
            line = plane.lay(tree.geometries[place], west_deg=turn_deg)
            within = _lines_of(shapely.intersection(line, around))
            if not within.is_empty:
                yield names[place], plane.thinned(within)


class _Plane:
    """A flat plane around a place, in metres."""

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        self._middle_deg = np.array([lon_deg, lat_deg])
        self._scale = np.array([_M_PER_DEG * math.cos(math.radians(lat_deg)), _M_PER_DEG])

    def lay(self, degrees: base.BaseGeometry, *, west_deg: float = 0.0) -> base.BaseGeometry:
        """Lay a shape into the plane, some turns to the west."""
        origin_deg = np.add(self._middle_deg, (west_deg, 0.0))
        return shapely.transform(degrees, lambda xy: (xy - origin_deg) * self._scale)

    def raise_(self, laid: base.BaseGeometry, *, east_deg: float = 0.0) -> base.BaseGeometry:
        """Give a shape of the plane its degrees again, some turns to the east."""
        origin_deg = np.add(self._middle_deg, (east_deg, 0.0))
        return shapely.transform(laid, lambda xy: xy / self._scale + origin_deg)

    def thinned(self, laid: base.BaseGeometry) -> dict[str, Any]:
        """Write a shape of the plane in few vertices and short numbers."""
        thinned = self.raise_(shapely.simplify(laid, TOLERANCE_M, preserve_topology=True))
        parts = list(shapely.get_parts(thinned))
        if all(isinstance(part, shapely.LineString) for part in parts):
            return {"type": "MultiLineString", "coordinates": [_written(part) for part in parts]}
        polygons = [[_written(ring) for ring in (part.exterior, *part.interiors)] for part in parts]
        if len(polygons) == 1:
            return {"type": "Polygon", "coordinates": polygons[0]}
        return {"type": "MultiPolygon", "coordinates": polygons}


def _written(line: base.BaseGeometry) -> list[list[float]]:
    rounded: list[list[float]] = np.round(shapely.get_coordinates(line), PLACES).tolist()
    return rounded


def _drawn(shape: shapes.Shape) -> base.BaseGeometry:
    """Draw a shape in plain degrees.

    Raises:
        shapes.BadGeometry: it is made of points, or encloses nothing.
    """
    match shape.kind:
        case shapes.Kind.polygon:
            return shapes.enclosed([list(part) for part in shape.parts], area_min=0.0)
        case shapes.Kind.line:
            return shapely.MultiLineString([part[0] for part in shape.parts])
        case _:  # points
            raise shapes.BadGeometry(shapes.Fault.unknown_type)


def _lines_of(drawn: base.BaseGeometry) -> base.BaseGeometry:
    """Join what is left of lines end to end; where one only touched, a point is no line."""
    parts = shapely.get_parts(shapely.get_parts(drawn))
    lines = [part for part in parts if isinstance(part, shapely.LineString) and not part.is_empty]
    joined = shapely.line_merge(shapely.MultiLineString(lines))
    return shapely.MultiLineString(list(shapely.get_parts(joined)))


def _brought(shape: shapes.Shape, *, source: datums.Datum, target: datums.Datum) -> shapes.Shape:
    """Bring a shape's vertices from one datum to another."""
    if source is target:
        return shape
    return shapes.Shape(
        shape.kind,
        tuple(
            tuple(_ring_brought(ring, source=source, target=target) for ring in part)
            for part in shape.parts
        ),
    )


def _ring_brought(ring: shapes.Ring, *, source: datums.Datum, target: datums.Datum) -> shapes.Ring:
    converted = (
        datums.convert(float(lat_deg), float(lon_deg), source=source, target=target)
        for lon_deg, lat_deg in ring
    )
    return np.array([(lon_deg, lat_deg) for lat_deg, lon_deg in converted])
