"""Districts, areas and what stands in them, as other capabilities ask for them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import acts, db, errors
from api.feed.models import FeedEntry
from api.sites import service
from api.sites.service import ground
from schemas import places
from schemas import sites as shapes
from schemas.rules import datums
from tests.makers import sites as make

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
ACT = acts.system(district_id=make.DISTRICT, now=NOW, job="test")


def position(*, north_m: float = 0, east_m: float = 0) -> places.Position:
    lat_deg, lon_deg = make.north_east(north_m=north_m, east_m=east_m)
    return places.Position(lat_deg=lat_deg, lon_deg=lon_deg)


def test_a_position_is_located_in_its_area(session: Session) -> None:
    make.district(session)
    make.area(session, area_id="west", geometry=make.square(east_m=-1_000))
    make.area(
        session,
        area_id="east",
        geometry=make.square(east_m=1_000),
        area_class=shapes.AreaClass.RURAL,
        name="东片",
    )

    found = service.locate(session, district_id=make.DISTRICT, position=position(east_m=500))

    assert (found.area_id, found.area_class, found.name) == (
        "east",
        shapes.AreaClass.RURAL,
        "东片",
    )
    assert [each.area_id for each in found.neighbours] == ["west"]
    assert found.neighbours[0].distance_m == pytest.approx(500, abs=5)


def test_a_position_outside_every_area_gets_the_distances(session: Session) -> None:
    make.district(session)
    make.area(session)

    found = service.locate(session, district_id=make.DISTRICT, position=position(north_m=3_000))

    assert found.area_id is None
    assert found.neighbours[0].distance_m == pytest.approx(2_000, abs=20)


def test_a_district_without_areas_locates_nothing(session: Session) -> None:
    make.district(session)

    found = service.locate(session, district_id=make.DISTRICT, position=position())

    assert found == shapes.Located(area_id=None, area_class=None, name="", neighbours=[])


def test_an_area_drawn_on_a_chinese_map_is_met_where_it_is(session: Session) -> None:
    make.district(session)
    make.area(session, datum=datums.Datum.gcj02, geometry=make.square(side_m=200))
    lat_deg, lon_deg = datums.convert(
        make.LAT_DEG, make.LON_DEG, source=datums.Datum.gcj02, target=datums.Datum.wgs84
    )

    drawn_there = service.locate(
        session,
        district_id=make.DISTRICT,
        position=places.Position(lat_deg=lat_deg, lon_deg=lon_deg),
    )
    taken_raw = service.locate(session, district_id=make.DISTRICT, position=position())

    assert drawn_there.area_id == "area-1"
    assert taken_raw.area_id is None


def test_a_redrawn_area_is_met_where_it_lies_now(session: Session) -> None:
    make.district(session)
    make.area(session)
    there = position(north_m=5_000)
    before = service.locate(session, district_id=make.DISTRICT, position=there)

    service.redraw_area(
        session,
        act=ACT,
        area_id="area-1",
        draft=shapes.AreaDraft(
            name="moved",
            area_class=shapes.AreaClass.REMOTE,
            geometry=make.square(north_m=5_000),
        ),
    )
    session.flush()

    after = service.locate(session, district_id=make.DISTRICT, position=there)
    assert (before.area_id, after.area_id, after.name) == (None, "area-1", "moved")


def test_two_databases_never_share_an_index(session: Session, database: db.Database) -> None:
    make.district(session)
    make.area(session, geometry=make.square(north_m=9_000))

    found = service.locate(session, district_id=make.DISTRICT, position=position())

    assert found.area_id is None


def test_a_stale_redraw_is_refused(session: Session) -> None:
    make.district(session)
    make.area(session)
    draft = shapes.AreaDraft(name="x", area_class=shapes.AreaClass.URBAN, geometry=make.square())

    with pytest.raises(errors.Stale):
        service.redraw_area(session, act=ACT._replace(based_on=7), area_id="area-1", draft=draft)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Point", "coordinates": [110.3, 20.0]}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "not_closed"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "Self-intersection",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, ""),
        ({"type": "Polygon", "coordinates": []}, "too_short"),
        ({"type": "Polygon", "coordinates": "everywhere"}, "malformed"),
        ({"type": "Polygon", "coordinates": [[[0, 91], [1, 91], [1, 92], [0, 91]]]}, "out_of"),
        ({}, "unknown_type"),
    ],
)
def test_a_shape_that_is_no_clean_polygon_is_refused(
    session: Session, geometry: dict[str, object], reason: str
) -> None:
    make.district(session)
    draft = shapes.AreaDraft(name="x", area_class=shapes.AreaClass.URBAN, geometry=geometry)

    with pytest.raises(ground.BadShape) as refused:
        service.create_area(session, act=ACT, draft=draft)

    assert reason in str(refused.value.fields["reason"])


def test_a_chinese_datum_outside_china_is_refused(session: Session) -> None:
    make.district(session)
    berlin: dict[str, object] = {
        "type": "Polygon",
        "coordinates": [[[13, 52], [14, 52], [14, 53], [13, 52]]],
    }
    draft = shapes.AreaDraft(
        name="x", area_class=shapes.AreaClass.URBAN, geometry=berlin, datum=datums.Datum.bd09
    )

    with pytest.raises(ground.WrongDatum):
        service.create_area(session, act=ACT, draft=draft)


def test_phones_of_the_district_hear_of_its_settings(database: db.Database) -> None:
    with database.unit_of_work() as session:
        service.create_district(
            session,
            act=ACT,
            district_id=make.DISTRICT,
            settings=shapes.DistrictSettings(
                name="美兰供电局", radius_m=80, dwell_s=60, originals=shapes.Originals.SEND
            ),
        )

    with database.reading() as session:
        audience, wire = session.execute(select(FeedEntry.audience, FeedEntry.wire)).one()
    assert audience == f"district:{make.DISTRICT}"
    assert b'"radius_m":80' in wire
    assert b'"dwell_s":60' in wire
    assert b'"originals":"send"' in wire


def test_a_district_with_no_such_time_zone_is_refused(session: Session) -> None:
    with pytest.raises(service.UnknownZone):
        service.create_district(
            session,
            act=ACT,
            district_id="x",
            settings=shapes.DistrictSettings(name="x", zone="Asia/Nowhere"),
        )


def test_a_district_is_created_once(session: Session) -> None:
    make.district(session)

    with pytest.raises(service.DistrictExists):
        service.create_district(
            session,
            act=ACT,
            district_id=make.DISTRICT,
            settings=shapes.DistrictSettings(name="x"),
        )


def test_what_another_district_has_does_not_exist(session: Session) -> None:
    make.district(session)
    make.service_point(session)
    make.meter(session)

    with pytest.raises(errors.NotFound):
        service.get_meter(session, district_id="elsewhere", meter_id="M0001")
    assert service.get_meter(session, district_id=make.DISTRICT, meter_id="M0001").digits == 5
