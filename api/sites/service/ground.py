"""The ground: which positions and polygons are taken, and whose area a position lies in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import shapely
from sqlalchemy.orm import Session

from api.sites import store
from api.sites.models import Area, District
from schemas import places
from schemas import sites as shapes
from schemas.errors import Refused
from schemas.rules import datums, geodesy
from schemas.rules import shapes as figures

NEIGHBOURS_MAX: Final = 20
_NOWHERE_DEG: Final = 1e-9


class OddPosition(Refused):
    """The position cannot be a place of work.

    Give degrees, latitude -90 to 90, longitude -180 to 180, and not the 0/0 that a device without
    a fix writes.
    """

    code = "odd-position"
    status = 422
    en = "Latitude {lat_deg}, longitude {lon_deg} is not a place of work."
    zh = "纬度 {lat_deg}、经度 {lon_deg} 不是有效的作业位置。"


class WrongDatum(Refused):
    """The datum is unknown, or means nothing there: GCJ-02 and BD-09 exist in China only.

    Name the datum that the map was drawn in: wgs84, gcj02 or bd09.
    """

    code = "wrong-datum"
    status = 422
    en = "The datum {datum} does not apply to these coordinates."
    zh = "坐标系 {datum} 不适用于这些坐标。"


class BadShape(Refused):
    """The area is not a clean polygon. Mend what `reason` names in the map editor and try again."""

    code = "bad-shape"
    status = 422
    en = "The area is not a valid polygon: {reason}."
    zh = "区域不是有效的多边形：{reason}。"


def check_position(*, lat_deg: float, lon_deg: float, datum: datums.Datum) -> None:
    """Refuse what is no place of work.

    Raises:
        OddPosition: not finite, out of range, or 0/0.
        WrongDatum: a Chinese map datum outside China.
    """
    in_range = abs(lat_deg) <= 90 and abs(lon_deg) <= 180  # noqa: PLR2004 - degrees of the globe
    nowhere = math.hypot(lat_deg, lon_deg) < _NOWHERE_DEG
    if not in_range or nowhere:
        raise OddPosition(lat_deg=str(lat_deg), lon_deg=str(lon_deg))
    _check_datum(lat_deg, lon_deg, datum)


def clean_polygon(geometry: Mapping[str, object], *, datum: datums.Datum) -> dict[str, object]:
    """Give a polygon's type and coordinates and nothing else, or refuse what is no clean polygon.

    Raises:
        BadShape: not a polygon, not closed, crossing itself, empty, or with odd numbers.
        WrongDatum: a Chinese map datum outside China.
    """
    try:
        figure = figures.parse(geometry)
    except figures.BadGeometry as error:
        raise BadShape(reason=error.fault.value) from error
    if figure.kind is not figures.Kind.polygon:
        raise BadShape(reason="not_a_polygon")
    lat_deg, lon_deg = figures.centre(figure)
    drawn = shapely.MultiPolygon([(part[0], part[1:]) for part in figure.parts])
    if not drawn.is_valid or drawn.area == 0:
        raise BadShape(reason=shapely.is_valid_reason(drawn))
    _check_datum(lat_deg, lon_deg, datum)
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


def locate(session: Session, *, district: District, position: places.Position) -> shapes.Located:
    """Tell in which of the district's areas a position lies, and how far the others are."""
    rows = store.list_areas(session, district_id=district.id)
    distances = sorted((_distance_m(row, position), row.id, row) for row in rows)
    within = distances[0][2] if distances and distances[0][0] == 0 else None
    return shapes.Located(
        area_id=within.id if within else None,
        area_class=shapes.AreaClass(within.area_class) if within else None,
        name=within.name if within else "",
        neighbours=[
            shapes.Neighbour(area_id=area_id, distance_m=distance_m)
            for distance_m, area_id, row in distances
            if row is not within
        ][:NEIGHBOURS_MAX],
    )


def _distance_m(row: Area, position: places.Position) -> float:
    """Measure from a position to an area, in the area's datum; zero inside."""
    lat_deg, lon_deg = datums.convert(
        position.lat_deg,
        position.lon_deg,
        source=position.datum,
        target=datums.Datum(row.datum),
    )
    laid = figures.lay(figures.parse(row.geometry), geodesy.Frame(lat_deg, lon_deg))
    return float(shapely.distance(laid, shapely.Point(0, 0)))


def _check_datum(lat_deg: float, lon_deg: float, datum: datums.Datum) -> None:
    if datum is not datums.Datum.wgs84 and not datums.in_china(lat_deg, lon_deg):
        raise WrongDatum(datum=datum.value)
