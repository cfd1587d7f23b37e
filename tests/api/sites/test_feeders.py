"""Feeders from other systems: their lines come as GeoJSON, and are drawn for their areas."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.sites.models import AreaFeeder, Feeder
from schemas.sites import Importable
from tests.api.sites.test_imports import take, told
from tests.makers import sites as make


def feeder(feeder_id: str, geometry: object, **more: str) -> dict[str, object]:
    facts = {"name": "灵山线", "kv": 10, "station": "灵山变电站", **more}
    return {"type": "Feature", "id": feeder_id, "geometry": geometry, "properties": facts}


def along(*places: tuple[float, float]) -> dict[str, object]:
    """Draw a line through steps (north_m, east_m) from the middle of the district."""
    drawn = [make.north_east(north_m=north, east_m=east) for north, east in places]
    return {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in drawn]}


def test_feeders_come_with_their_lines_and_are_drawn_in_their_areas(session: Session) -> None:
    make.district(session)
    make.area(session)
    features = [
        feeder("F1", along((0, -3_000), (0, 3_000))),
        feeder("F2", along((9_000, 0), (9_000, 500))),
        feeder("F3", None),
        feeder("F4", make.square()),
        feeder("F5", {"type": "LineString", "coordinates": [[200, 100], [1, 1]]}),
        feeder("F6", {"type": "LineString", "coordinates": [[10, 50], [10.1, 50]]}, datum="gcj02"),
    ]

    report = take(
        session,
        Importable.FEEDERS,
        json.dumps({"type": "FeatureCollection", "features": features}),
    )

    assert (report.taken, told(report)) == (
        3,
        [(4, "bad-lines"), (5, "bad-lines"), (6, "wrong-datum")],
    )
    drawn = session.scalars(select(AreaFeeder)).all()
    assert [(row.area_id, row.feeder_id) for row in drawn] == [("area-1", "F1")]


def test_a_feeder_that_comes_again_without_lines_keeps_them(session: Session) -> None:
    make.district(session)
    make.area(session)
    lines = along((0, -300), (0, 300))
    document = {"type": "FeatureCollection", "features": [feeder("F1", lines)]}
    take(session, Importable.FEEDERS, json.dumps(document))

    take(session, Importable.FEEDERS, "id,name,kv,station\nF1,新线,20,新站\n")

    kept = session.get(Feeder, (make.DISTRICT, "F1"))
    assert kept is not None
    assert (kept.name, kept.geometry) == ("新线", lines)
    (drawn,) = session.scalars(select(AreaFeeder)).all()
    assert (drawn.name, drawn.kv, drawn.version) == ("新线", 20.0, 2)


def test_an_imported_area_gets_the_feeders_that_stand(session: Session) -> None:
    make.district(session)
    make.feeder(session, geometry=along((0, -300), (0, 300)))
    features = [
        {"type": "Feature", "id": "A1", "geometry": make.square(),
         "properties": {"name": "灵山", "area_class": "rural"}},
    ]  # fmt: skip

    take(session, Importable.AREAS, json.dumps({"type": "FeatureCollection", "features": features}))

    (drawn,) = session.scalars(select(AreaFeeder)).all()
    assert (drawn.area_id, drawn.feeder_id) == ("A1", "F01")
