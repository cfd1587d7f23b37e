"""The ground: which positions and polygons are taken, and whose area a position lies in."""

from __future__ import annotations

import collections
import dataclasses
import math
import threading
from collections.abc import Mapping
from typing import Final

import shapely
from sqlalchemy.orm import Session

from api.sites import store
from api.sites.models import District
from schemas import places
from schemas import sites as shapes
from schemas.errors import Refused
from schemas.rules import areas, datums
from schemas.rules import shapes as figures

INDEXES_MAX: Final = 64
"""Revisions of areas whose index is kept in memory, the latest used."""
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
    zh = "供电服务区域不是有效的多边形：{reason}。"


class BadLines(Refused):
    """The feeder's lines cannot be drawn. Mend what `reason` names in the map editor."""

    code = "bad-lines"
    status = 422
    en = "The feeder is not a line, or many: {reason}."
    zh = "馈线不是有效的线：{reason}。"


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


def clean_lines(geometry: Mapping[str, object], *, datum: datums.Datum) -> dict[str, object]:
    """Give a line's type and coordinates and nothing else, or refuse what is no line.

    Raises:
        BadLines: not a line, single or multiple, or with odd numbers.
        WrongDatum: a Chinese map datum outside China.
    """
    try:
        figure = figures.parse(geometry)
    except figures.BadGeometry as error:
        raise BadLines(reason=error.fault.value) from error
    if figure.kind is not figures.Kind.line:
        raise BadLines(reason="not_a_line")
    _check_datum(*figures.centre(figure), datum)
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


def locate(session: Session, *, district: District, position: places.Position) -> shapes.Located:
    """Tell in which of the district's areas a position lies, and how far the others are."""
    drawn = _drawn(session, district)
    lat_deg, lon_deg = datums.convert(
        position.lat_deg, position.lon_deg, source=position.datum, target=datums.Datum.wgs84
    )
    area_id = drawn.index.locate(lat_deg, lon_deg)
    name, area_class = drawn.facts[area_id] if area_id is not None else ("", None)
    others = [near for near in drawn.index.near(lat_deg, lon_deg) if near.area_id != area_id]
    return shapes.Located(
        area_id=area_id,
        area_class=area_class,
        name=name,
        neighbours=[
            shapes.Neighbour(area_id=near.area_id, distance_m=near.distance_m)
            for near in others[:NEIGHBOURS_MAX]
        ],
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Drawn:
    """One revision of a district's areas: the index, and each area's name and class."""

    index: areas.Index
    facts: Mapping[str, tuple[str, shapes.AreaClass]]


_drawings: Final[collections.OrderedDict[str, _Drawn]] = collections.OrderedDict()
"""Indexes by revision, the latest used last; a revision is never drawn twice."""
_drawing: Final = threading.Lock()


def _drawn(session: Session, district: District) -> _Drawn:
    """Give the index of the district's present areas, built once for each revision."""
    with _drawing:
        found = _drawings.get(district.revision)
        if found is not None:
            _drawings.move_to_end(district.revision)
            return found
    rows = store.list_areas(session, district_id=district.id)
    made = _Drawn(
        index=areas.Index(
            areas.Area(row.id, row.geometry, datums.Datum(row.datum)) for row in rows
        ),
        facts={row.id: (row.name, shapes.AreaClass(row.area_class)) for row in rows},
    )
    with _drawing:
        _drawings[district.revision] = made
        while len(_drawings) > INDEXES_MAX:
            _drawings.popitem(last=False)
    return made


def _check_datum(lat_deg: float, lon_deg: float, datum: datums.Datum) -> None:
    if datum is not datums.Datum.wgs84 and not datums.in_china(lat_deg, lon_deg):
        raise WrongDatum(datum=datum.value)
