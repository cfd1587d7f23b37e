"""Lists of places for the office, filtered, in pages by id."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.errors import Invalid
from api.sites import store
from api.sites.models import Feeder, Meter, ServicePoint, Switch, Transformer
from schemas.rules import datums


def feeders(session: Session, *, district_id: str, after: str, limit: int) -> Sequence[Feeder]:
    """List feeders after an id."""
    return store.list_feeders(session, district_id=district_id, after=after, limit=limit)


def drawn_feeders(
    session: Session, *, district_id: str, after: str, limit: int
) -> Sequence[Feeder]:
    """List feeders whose lines are known, after an id."""
    return store.page_of_drawn_feeders(session, district_id=district_id, after=after, limit=limit)


def transformers(
    session: Session,
    *,
    district_id: str,
    bbox: str | None,
    feeder_id: str | None,
    after: str,
    limit: int,
) -> Sequence[Transformer]:
    """List transformers after an id.

    Raises:
        Invalid: the box is none.
    """
    keep = store.Filter(boxes=_boxes(bbox), feeder_id=feeder_id)
    return store.list_transformers(
        session, district_id=district_id, keep=keep, after=after, limit=limit
    )


def switches(
    session: Session,
    *,
    district_id: str,
    bbox: str | None,
    feeder_id: str | None,
    after: str,
    limit: int,
) -> Sequence[Switch]:
    """List switches after an id.

    Raises:
        Invalid: the box is none.
    """
    keep = store.Filter(boxes=_boxes(bbox), feeder_id=feeder_id)
    return store.list_switches(
        session, district_id=district_id, keep=keep, after=after, limit=limit
    )


def service_points(
    session: Session,
    *,
    district_id: str,
    bbox: str | None,
    feeder_id: str | None,
    transformer_id: str | None,
    text: str | None,
    after: str,
    limit: int,
) -> Sequence[ServicePoint]:
    """List service points after an id; text is sought in number, address and meter serial.

    Raises:
        Invalid: the box is none.
    """
    keep = store.Filter(
        boxes=_boxes(bbox), feeder_id=feeder_id, transformer_id=transformer_id, text=text
    )
    return store.list_service_points(
        session, district_id=district_id, keep=keep, after=after, limit=limit
    )


def meters(
    session: Session,
    *,
    district_id: str,
    service_point_id: str | None,
    serial: str | None,
    after: str,
    limit: int,
) -> Sequence[Meter]:
    """List meters after an id, removed ones too."""
    return store.list_meters(
        session,
        district_id=district_id,
        service_point_id=service_point_id,
        serial=serial,
        after=after,
        limit=limit,
    )


def _boxes(bbox: str | None) -> list[store.Box] | None:
    """Read `west,south,east,north` in WGS-84, and say what it is in each datum.

    A box shifts and bends by metres between the datums; the straight box around its corners is
    good enough for a view of a map.
    """
    if bbox is None:
        return None
    try:
        west_deg, south_deg, east_deg, north_deg = map(float, bbox.split(","))
    except ValueError as error:
        raise Invalid(reason="bbox must be west,south,east,north in degrees") from error
    if not (-90 <= south_deg <= north_deg <= 90 and -180 <= west_deg <= 180 >= east_deg >= -180):  # noqa: PLR2004 - degrees of the globe
        raise Invalid(reason="bbox must lie on the globe, south before north")
    return [_box_in(datum, west_deg, south_deg, east_deg, north_deg) for datum in datums.Datum]


def _box_in(
    datum: datums.Datum, west_deg: float, south_deg: float, east_deg: float, north_deg: float
) -> store.Box:
    wgs84 = datums.Datum.wgs84
    sw_lat, sw_lon = datums.convert(south_deg, west_deg, source=wgs84, target=datum)
    nw_lat, nw_lon = datums.convert(north_deg, west_deg, source=wgs84, target=datum)
    se_lat, se_lon = datums.convert(south_deg, east_deg, source=wgs84, target=datum)
    ne_lat, ne_lon = datums.convert(north_deg, east_deg, source=wgs84, target=datum)
    return store.Box(
        datum=datum,
        west_deg=min(sw_lon, nw_lon),
        south_deg=min(sw_lat, se_lat),
        east_deg=max(se_lon, ne_lon),
        north_deg=max(nw_lat, ne_lat),
    )
