"""Service areas: which one a position lies in, one by one or by the million.

Positions are WGS-84 degrees; areas drawn in another datum are brought to it once, when the index
is built. An area owns its edge; where areas touch or overlap the lowest id wins, so that every
replica answers alike. An area that crosses the antimeridian must be cut there (RFC 7946, 3.1.9).
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import base

from schemas.rules import datums, geodesy, shapes

NOWHERE: Final = -1
"""Stands for "in no area" in `locate_many`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Area:
    """A service area.

    Attributes:
        area_id: its id.
        geometry: GeoJSON polygon, single or multiple.
        datum: what its degrees mean.
    """

    area_id: str
    geometry: Mapping[str, object]
    datum: datums.Datum = datums.Datum.wgs84


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """An area and the metres to it, 0 inside."""

    area_id: str
    distance_m: float


class Index:
    """Areas made ready to be asked; build once for each revision of the map."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Prepare areas.

        Raises:
            shapes.BadGeometry: an area is no shape on the ground.
        """
        known = sorted(areas, key=lambda area: area.area_id)
        self.area_ids: Sequence[str] = tuple(area.area_id for area in known)
        self._shapes = tuple(_in_wgs84(area) for area in known)
        self._polygons = np.array([_drawn(shape) for shape in self._shapes], dtype=object)
        self._tree = shapely.STRtree(self._polygons)
        shapely.prepare(self._polygons)

    def locate(self, lat_deg: float, lon_deg: float) -> str | None:
        """Find the area that a position lies in."""
        rows = self._tree.query(shapely.Point(lon_deg, lat_deg), predicate="intersects")
        return self.area_ids[int(rows.min())] if len(rows) else None

    def locate_many(
        self, lat_deg: geodesy.FloatArray, lon_deg: geodesy.FloatArray
    ) -> npt.NDArray[np.intp]:
        """Find the areas of many positions: places in `area_ids`, or `NOWHERE`."""
        points, rows = self._tree.query(shapely.points(lon_deg, lat_deg))
        by_area = np.argsort(rows, kind="stable")  # one area's points together: three times as fast
        points, rows = points[by_area], rows[by_area]
        within = shapely.intersects_xy(self._polygons[rows], lon_deg[points], lat_deg[points])
        found = np.full(len(lat_deg), len(self.area_ids), dtype=np.intp)
        np.minimum.at(found, points[within], rows[within])
        found[found == len(self.area_ids)] = NOWHERE
        return found

    def near(self, lat_deg: float, lon_deg: float) -> tuple[Near, ...]:
        """Measure from a position to every area, nearest first, ties by id."""
        frame = geodesy.Frame(lat_deg, lon_deg)
        here = shapely.Point(0, 0)
        measured = (
            Near(area_id, float(shapely.distance(shapes.lay(shape, frame), here)))
            for area_id, shape in zip(self.area_ids, self._shapes, strict=True)
        )
        return tuple(sorted(measured, key=operator.attrgetter("distance_m", "area_id")))


def _in_wgs84(area: Area) -> shapes.Shape:
    """Check an area, and bring its vertices to WGS-84."""
    shape = shapes.parse(area.geometry)
    if shape.kind is not shapes.Kind.polygon:
        raise shapes.BadGeometry(shapes.Fault.unknown_type)
    if area.datum is datums.Datum.wgs84:
        return shape
    return shapes.Shape(
        shape.kind,
        tuple(tuple(_ring_in_wgs84(ring, area.datum) for ring in part) for part in shape.parts),
    )


def _ring_in_wgs84(ring: shapes.Ring, datum: datums.Datum) -> shapes.Ring:
    converted = (
        datums.convert(float(lat_deg), float(lon_deg), source=datum, target=datums.Datum.wgs84)
        for lon_deg, lat_deg in ring
    )
    return np.array([(lon_deg, lat_deg) for lat_deg, lon_deg in converted])


def _drawn(shape: shapes.Shape) -> base.BaseGeometry:
    """Draw an area in plain degrees, mended if it crosses itself."""
    return shapes.enclosed([list(part) for part in shape.parts], area_min=0.0)
