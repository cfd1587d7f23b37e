"""A phone holds the map of the ground that it works on, and of no other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask.testing
import pytest
from sqlalchemy.orm import Session

from api import acts, db
from api.readings import service as readings
from api.sites import service
from api.sites.models import Feeder
from schemas import readings as reading_shapes
from schemas import sites as shapes
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import sites as make
from tests.makers.sync import Phone, changes, gone

HERE, THERE = "area-1", "area-2"
FAR_M = 5_000
REASON = "台风后支援灵山片区"
ACT = acts.system(
    district_id=make.DISTRICT, now=dt.datetime(2026, 11, 23, tzinfo=dt.UTC), job="test"
)


def line(*, north_m: float = 0, length_m: float = 10_000) -> dict[str, object]:
    """Draw a line from west to east, its middle in the middle of the district."""
    ends = [make.north_east(north_m=north_m, east_m=half * length_m / 2) for half in (-1, 1)]
    return {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in ends]}


def lay(session: Session) -> None:
    """Make two areas far from each other, and a feeder through the first."""
    make.district(session)
    make.area(session, area_id=HERE)
    make.area(session, area_id=THERE, geometry=make.square(north_m=FAR_M))
    feeder = make.feeder(session, geometry=line())
    service.draw_feeders(session, act=ACT, feeders=[feeder])


@pytest.fixture(autouse=True)
def ground(database: db.Database, phone: Phone) -> None:
    """Lay the ground; the crew of the phone serves the first area."""
    with database.unit_of_work() as session:
        lay(session)
        crews.area(session, crew_id="crew-1", area_id=HERE)


def held(answer: dict[str, Any]) -> set[str]:
    """Name the areas whose audience an answer has a page of."""
    found = (page["audience"] for page in answer["feeds"])
    return {name.removeprefix("area:") for name in found if name.startswith("area:")}


@pytest.mark.rule("S48")
def test_a_phone_gets_the_ground_of_its_crew_and_no_other(phone: Phone) -> None:
    answer = phone.sync()

    assert held(answer) == {HERE}
    assert changes(answer, "area")[HERE]["name"] == "灵山片区"
    (feeder,) = changes(answer, "feeder").values()
    assert (feeder["feeder_id"], feeder["area_id"]) == ("F01", HERE)


def test_of_a_line_a_phone_gets_what_lies_near_its_area(phone: Phone) -> None:
    (feeder,) = changes(phone.sync(), "feeder").values()

    assert feeder["geometry"]["type"] == "MultiLineString"
    ((west, east),) = feeder["geometry"]["coordinates"]
    _, edge_deg = make.north_east(east_m=1_200)
    assert east[0] == pytest.approx(edge_deg, abs=1e-4)
    assert west[0] < make.LON_DEG < east[0]


@pytest.mark.rule("S48")
def test_a_loan_brings_the_ground_and_its_end_takes_it(
    phone: Phone, database: db.Database, clock: HandClock
) -> None:
    phone.sync()
    with database.unit_of_work() as session:
        crews.area(
            session,
            crew_id="crew-1",
            area_id=THERE,
            reason=REASON,
            until=clock.now() + dt.timedelta(hours=1),
        )
    assert held(phone.sync()) == {THERE}

    clock.advance(seconds=3_601)

    assert phone.sync()["dropped"] == [f"area:{THERE}"]


@pytest.mark.rule("S48")
def test_a_reader_gets_the_ground_of_the_route(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
) -> None:
    lat_deg, lon_deg = make.north_east(north_m=FAR_M)
    reader = Phone(client, sign_in(Role.READER, person_id="wang"), clock)
    assert held(reader.sync()) == set()
    with database.unit_of_work() as session:
        make.service_point(session, lat_deg=lat_deg, lon_deg=lon_deg)
        make.meter(session)
        draft = reading_shapes.RouteDraft(name="北路", meter_ids=["M0001"], person_id="wang")
        readings.plan_route(session, act=ACT, draft=draft)

    assert held(reader.sync()) == {THERE}


def test_only_what_changed_of_the_ground_travels_again(phone: Phone, database: db.Database) -> None:
    phone.sync()
    with database.unit_of_work() as session:
        other = make.feeder(session, feeder_id="F02", geometry=line(north_m=300))
        service.draw_feeders(session, act=ACT, feeders=[other])

    answer = phone.sync()

    assert changes(answer, "area") == {}
    assert [each["feeder_id"] for each in changes(answer, "feeder").values()] == ["F02"]


def test_what_is_drawn_as_it_was_is_no_news(phone: Phone, database: db.Database) -> None:
    phone.sync()
    with database.unit_of_work() as session:
        feeder = session.get(Feeder, (make.DISTRICT, "F01"))
        assert feeder is not None
        service.draw_feeders(session, act=ACT, feeders=[feeder])

    assert phone.sync()["feeds"] == []


def test_a_line_that_was_moved_out_of_the_area_is_gone(phone: Phone, database: db.Database) -> None:
    (known,) = changes(phone.sync(), "feeder")
    with database.unit_of_work() as session:
        feeder = session.get(Feeder, (make.DISTRICT, "F01"))
        assert feeder is not None
        feeder.geometry = line(north_m=3_000)
        service.draw_feeders(session, act=ACT, feeders=[feeder])

    assert gone(phone.sync(), "feeder") == {known}


def test_an_area_that_is_drawn_larger_gets_more_of_the_line(
    phone: Phone, database: db.Database
) -> None:
    (small,) = changes(phone.sync(), "feeder").values()
    with database.unit_of_work() as session:
        draft = shapes.AreaDraft(
            name="灵山片区",
            area_class=shapes.AreaClass.URBAN,
            geometry=make.square(side_m=4_000),
        )
        service.redraw_area(session, act=ACT, area_id=HERE, draft=draft)

    answer = phone.sync()

    (large,) = changes(answer, "feeder").values()
    assert changes(answer, "area")[HERE]["version"] == 2
    assert (large["id"], large["version"]) == (small["id"], small["version"] + 1)
    assert large["geometry"]["coordinates"][0][0][0] < small["geometry"]["coordinates"][0][0][0]


def test_a_crew_of_very_many_areas_holds_so_many_as_its_cursor_has_room_for(
    phone: Phone, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        for number in range(70):
            area_id = f"{number:02}" + "x" * 62
            make.area(session, area_id=area_id)
            crews.area(session, crew_id="crew-1", area_id=area_id)

    answer = phone.sync()

    assert len(held(answer)) == 60
    assert len(answer["cursor"]) < 10_000
    assert phone.sync()["feeds"] == []
