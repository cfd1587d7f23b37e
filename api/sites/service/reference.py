"""Reference data of areas: what of each feeder's lines the phones of an area have to draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.acts import Act
from api.sites import store
from api.sites.models import Area, AreaFeeder, Feeder
from schemas.rules import datums, outlines


def draw_areas(session: Session, *, act: Act, areas: Sequence[Area]) -> None:
    """Draw anew what runs through areas whose shape may have changed."""
    feeders = store.list_drawn_feeders(session, district_id=act.district_id)
    _draw(session, act, areas, feeders)


def draw_feeders(session: Session, *, act: Act, feeders: Sequence[Feeder]) -> None:
    """Draw anew in every area the feeders whose facts or lines may have changed."""
    areas = store.list_areas(session, district_id=act.district_id)
    _draw(session, act, areas, [feeder for feeder in feeders if feeder.geometry is not None])


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where a drawing belongs."""

    area_id: str
    feeder_id: str


def _draw(session: Session, act: Act, areas: Sequence[Area], feeders: Sequence[Feeder]) -> None:
    """Enter what is near, change what is otherwise now, and take away what is near no more."""
    by_id = {feeder.id: feeder for feeder in feeders}
    standing = {
        _Place(row.area_id, row.feeder_id): row
        for row in store.list_area_feeders(
            session,
            district_id=act.district_id,
            area_ids=[area.id for area in areas],
            feeder_ids=by_id,
        )
    }
    for place, geometry in _near(areas, feeders):
        values = _values(by_id[place.feeder_id], geometry)
        row = standing.pop(place, None)
        if row is None:
            session.add(_drawn(act, place, values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.version += 1
    for row in standing.values():
        session.delete(row)


def _near(areas: Sequence[Area], feeders: Sequence[Feeder]) -> list[tuple[_Place, dict[str, Any]]]:
    lines = outlines.Lines(
        outlines.Line(feeder.id, feeder.geometry, datums.Datum(feeder.datum))
        for feeder in feeders
        if feeder.geometry is not None
    )
    return [
        (_Place(area.id, feeder_id), geometry)
        for area in areas
        for feeder_id, geometry in lines.near(area.geometry, datum=datums.Datum(area.datum))
    ]


def _values(feeder: Feeder, geometry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": feeder.name,
        "kv": feeder.kv,
        "station": feeder.station,
        "geometry": geometry,
        "datum": feeder.datum,
    }


def _drawn(act: Act, place: _Place, values: dict[str, Any]) -> AreaFeeder:
    return AreaFeeder(
        district_id=act.district_id,
        id=act.new_id(),
        area_id=place.area_id,
        feeder_id=place.feeder_id,
        version=1,
        **values,
    )
