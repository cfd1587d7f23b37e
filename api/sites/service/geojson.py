"""Places as GeoJSON features for maps: geometry in WGS-84, whatever datum it was given in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.sites.models import Area, Feeder, ServicePoint, Switch, Transformer
from schemas import sites as shapes
from schemas.rules import datums

_WGS84 = datums.Datum.wgs84


def of_areas(rows: Sequence[Area]) -> shapes.FeatureCollection:
    """Draw areas."""
    features = [
        shapes.Feature(
            id=row.id,
            geometry=in_wgs84(row.geometry, datum=datums.Datum(row.datum)),
            properties={"name": row.name, "area_class": row.area_class, "version": row.version},
        )
        for row in rows
    ]
    return shapes.FeatureCollection(features=features)


def of_feeders(rows: Sequence[Feeder], *, next_key: str | None) -> shapes.FeatureCollection:
    """Draw feeders whose lines are known."""
    features = [
        shapes.Feature(
            id=row.id,
            geometry=in_wgs84(row.geometry, datum=datums.Datum(row.datum)),
            properties={"name": row.name, "kv": row.kv, "station": row.station},
        )
        for row in rows
        if row.geometry is not None
    ]
    return shapes.FeatureCollection(features=features, next=next_key)


def of_transformers(
    rows: Sequence[Transformer], *, next_key: str | None
) -> shapes.FeatureCollection:
    """Draw transformers."""
    features = [
        _point(row, {"name": row.name, "feeder_id": row.feeder_id, "kva": row.kva}) for row in rows
    ]
    return shapes.FeatureCollection(features=features, next=next_key)


def of_switches(rows: Sequence[Switch], *, next_key: str | None) -> shapes.FeatureCollection:
    """Draw switches."""
    features = [
        _point(row, {"name": row.name, "feeder_id": row.feeder_id, "normally": row.normally})
        for row in rows
    ]
    return shapes.FeatureCollection(features=features, next=next_key)


def of_service_points(
    rows: Sequence[ServicePoint], *, next_key: str | None
) -> shapes.FeatureCollection:
    """Draw service points, without the names and phones of their customers."""
    features = [
        _point(
            row,
            {
                "number": row.number,
                "address": row.address,
                "care": row.care,
                "customer_class": row.customer_class,
                "feeder_id": row.feeder_id,
                "transformer_id": row.transformer_id,
            },
        )
        for row in rows
    ]
    return shapes.FeatureCollection(features=features, next=next_key)


def in_wgs84(geometry: Mapping[str, Any], *, datum: datums.Datum) -> dict[str, Any]:
    """Bring a geometry from its datum to that of GeoJSON."""
    return datums.convert_geometry(geometry, source=datum, target=_WGS84)


def _point(
    row: Transformer | Switch | ServicePoint, properties: dict[str, object]
) -> shapes.Feature:
    point = {"type": "Point", "coordinates": [row.lon_deg, row.lat_deg]}
    lifted = in_wgs84(point, datum=datums.Datum(row.datum))
    return shapes.Feature(id=row.id, geometry=lifted, properties=properties)
