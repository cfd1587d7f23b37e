"""Import of places from other systems: good rows go in, each refused row is told with its reason.

A row with a known id replaces what stands there, so the same file may be sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.crews import service as crews
from api.sites import store
from api.sites.models import Area, Feeder, Meter, ServicePoint, Switch, Transformer
from api.sites.service import files, get_district, reference
from api.sites.service.rowchecks import CHECKS, Known
from schemas import sites as shapes
from schemas.base import Shape
from schemas.errors import FieldValue, Refused
from schemas.rules import datums
from schemas.sites import Importable

REFUSED_SHOWN_MAX: Final = 500
_SHAPES: Final[Mapping[Importable, type[Shape]]] = {
    Importable.AREAS: shapes.ImportedArea,
    Importable.FEEDERS: shapes.ImportedFeeder,
    Importable.TRANSFORMERS: shapes.Transformer,
    Importable.SWITCHES: shapes.Switch,
    Importable.SERVICE_POINTS: shapes.ServicePoint,
    Importable.METERS: shapes.Meter,
}
_MODELS: Final[Mapping[Importable, type[store.Place]]] = {
    Importable.AREAS: Area,
    Importable.FEEDERS: Feeder,
    Importable.TRANSFORMERS: Transformer,
    Importable.SWITCHES: Switch,
    Importable.SERVICE_POINTS: ServicePoint,
    Importable.METERS: Meter,
}
_LIST_MARK: Final = "|"
_DRAWN: Final = frozenset({Importable.AREAS, Importable.FEEDERS, Importable.SERVICE_POINTS})
"""What comes as GeoJSON; all but areas comes as CSV as well."""
_OF_GEOJSON: Final = frozenset({"geometry", "datum"})
"""What only the rows of GeoJSON have of a shape with a geometry."""


class BadRow(Refused):
    """A column of the row is missing, unknown, or not of its kind. Mend the row as told."""

    code = "bad-row"
    status = 422
    en = "The row is not valid: {reason}"
    zh = "该行无效：{reason}"


class DoubledRow(Refused):
    """An earlier row of the same file has this id. Keep one of them."""

    code = "doubled-row"
    status = 422
    en = "The id {id} stands in an earlier row of this file."
    zh = "编号 {id} 在本文件前面的行中已出现。"


def take_csv(
    session: Session,
    *,
    act: Act,
    what: Importable,
    data: bytes,
    datum: datums.Datum,
    all_or_nothing: bool,
) -> shapes.ImportReport:
    """Import a CSV file.

    Args:
        session: the unit of work.
        act: who imports, into which district.
        what: what its rows are; areas come as GeoJSON only.
        data: UTF-8 CSV with a header of field names; lists are written `total|peak|valley`.
        datum: of the rows that name none.
        all_or_nothing: whether one refused row keeps every other out.

    Raises:
        BadFile: the file as a whole cannot be read.
    """
    if what is Importable.AREAS:
        raise files.BadFile(reason="areas come as GeoJSON")
    columns = set(_SHAPES[what].__struct_fields__)
    if "geometry" in columns:
        columns -= _OF_GEOJSON
    rows = files.read_csv(data, columns=columns)
    return _take(session, act, what, rows, datum=datum, all_or_nothing=all_or_nothing)


def take_geojson(
    session: Session,
    *,
    act: Act,
    what: Importable,
    data: bytes,
    datum: datums.Datum,
    all_or_nothing: bool,
) -> shapes.ImportReport:
    """Import a GeoJSON file of areas, feeders or service points.

    Args:
        session: the unit of work.
        act: who imports, into which district.
        what: areas (polygons), feeders (lines) or service points (points).
        data: a FeatureCollection; properties are named as the fields are.
        datum: of the features that name none.
        all_or_nothing: whether one refused feature keeps every other out.

    Raises:
        BadFile: the file as a whole cannot be read.
    """
    if what not in _DRAWN:
        raise files.BadFile(reason=f"{what} come as CSV")
    rows = files.read_geojson(data)
    if what is Importable.SERVICE_POINTS:
        rows = (files.Row(row.line, _at_its_point(row.values)) for row in rows)
    return _take(session, act, what, rows, datum=datum, all_or_nothing=all_or_nothing)


def _take(
    session: Session,
    act: Act,
    what: Importable,
    rows: Iterable[files.Row],
    *,
    datum: datums.Datum,
    all_or_nothing: bool,
) -> shapes.ImportReport:
    """Check every row against its shape, the ground and the others; put the good ones in."""
    district = get_district(session, district_id=act.district_id)
    shaped, refused, count = _shaped(rows, what, datum)
    known = Known.of(session, district_id=act.district_id, what=what, rows=shaped.values())
    good: dict[str, Shape] = {}
    for line, row in shaped.items():
        try:
            good[_fresh_id(row, good)] = CHECKS[what](row, known)
        except Refused as error:
            refused.append((line, error))
    takes = not (all_or_nothing and refused)
    if takes:
        placed = _put(session, _MODELS[what], good, act=act)
        if what is Importable.AREAS and good:
            district.revision = act.new_id()
        _draw(session, placed, act=act)
    report = shapes.ImportReport(
        what=what,
        rows=count,
        taken=len(good) if takes else 0,
        refused_count=len(refused),
        refused=[_told(line, error) for line, error in sorted(refused, key=lambda r: r[0])][
            :REFUSED_SHOWN_MAX
        ],
    )
    _audit(session, act, report)
    return report


def _audit(session: Session, act: Act, report: shapes.ImportReport) -> None:
    """Write one line for the whole file, with its counts."""
    detail: dict[str, FieldValue] = {
        "what": str(report.what),
        "rows": report.rows,
        "taken": report.taken,
        "refused": report.refused_count,
    }
    crews.audit(session, act=act, what="places.imported", subject_id=act.district_id, detail=detail)


def _shaped(
    rows: Iterable[files.Row], what: Importable, datum: datums.Datum
) -> tuple[dict[int, Shape], list[tuple[int, Refused]], int]:
    """Turn rows into shapes: those that have it by line, and those that have not."""
    shape = _SHAPES[what]
    shaped: dict[int, Shape] = {}
    refused: list[tuple[int, Refused]] = []
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last one is the count
        try:
            shaped[row.line] = _shape_of(row.values, shape, datum)
        except Refused as error:
            refused.append((row.line, error))
    return shaped, refused, count


def _shape_of(values: dict[str, Any], shape: type[Shape], datum: datums.Datum) -> Shape:
    fields = shape.__struct_fields__
    if "datum" in fields:
        values.setdefault("datum", datum.value)
    if isinstance(values.get("registers"), str):
        values["registers"] = values["registers"].split(_LIST_MARK)
    try:
        return msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        raise BadRow(reason=str(error)) from error


def _fresh_id(row: Shape, before: Mapping[str, Shape]) -> str:
    row_id: str = getattr(row, "id")  # noqa: B009 - every imported shape has one
    if row_id in before:
        raise DoubledRow(id=row_id)
    return row_id


def _put(
    session: Session, model: type[store.Place], rows: Mapping[str, Shape], *, act: Act
) -> Sequence[Area | Feeder]:
    """Insert what is new and replace what stands; give the areas and feeders among it."""
    standing = store.load(session, model, district_id=act.district_id, ids=rows)
    drawn: list[Area | Feeder] = []
    for row_id, row in rows.items():
        values = msgspec.structs.asdict(row)
        place = standing.get(row_id)
        if place is None and model not in {Area, Feeder}:
            db.append(session, model, {"district_id": act.district_id, **values})
            continue
        if place is None:
            more = {"version": 1} if model is Area else {}
            place = model(district_id=act.district_id, **values, **more)
            session.add(place)
        else:
            _replace(place, values)
        if isinstance(place, Area | Feeder):
            drawn.append(place)
    return drawn


def _replace(place: store.Place, values: dict[str, Any]) -> None:
    """Replace what stands; a feeder that comes without its lines keeps those that it has."""
    if isinstance(place, Feeder) and values["geometry"] is None:
        del values["geometry"], values["datum"]
    for name, value in values.items():
        setattr(place, name, value)
    if isinstance(place, Area):
        place.version += 1


def _draw(session: Session, placed: Sequence[Area | Feeder], *, act: Act) -> None:
    """Draw for phones what areas or feeders have come, or have changed."""
    session.flush()  # a drawing stands on both
    areas = [place for place in placed if isinstance(place, Area)]
    feeders = [place for place in placed if isinstance(place, Feeder)]
    if areas:
        reference.draw_areas(session, act=act, areas=areas)
    if feeders:
        reference.draw_feeders(session, act=act, feeders=feeders)


def _at_its_point(values: dict[str, Any]) -> dict[str, Any]:
    """Lay a point's coordinates into the row; what is no point is left for the shape to refuse."""
    match values.pop("geometry", None):
        case {"type": "Point", "coordinates": [lon_deg, lat_deg, *_]}:
            return {**values, "lat_deg": lat_deg, "lon_deg": lon_deg}
        case _:
            return values


def _told(line: int, error: Refused) -> shapes.RefusedRow:
    return shapes.RefusedRow(line=line, code=error.code, detail=error.words)
