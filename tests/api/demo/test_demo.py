"""The demo district as the office, the phones and a newcomer find it."""

from __future__ import annotations

import collections
import datetime as dt
import itertools
import pathlib
from collections.abc import Iterator
from decimal import Decimal

import flask
import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import db, demo
from api.app import create_app
from api.crews import service as crews
from api.demo import people
from api.feed.models import FeedEntry
from api.readings.models import Reading, Stop, Unjudged
from api.settings import Settings
from api.sites import service as sites
from api.sites.models import Area, Feeder, Meter, ServicePoint, Switch, Transformer
from api.tasks.models import Task
from schemas.rules import areas, datums, geodesy, meter_reading
from schemas.rules.transitions import Kind, State
from tests.api.demo.conftest import Loaded
from tests.conftest import NOW, HandClock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@pytest.fixture
def office(loaded: Loaded) -> Iterator[Session]:
    with loaded.database.reading() as session:
        yield session


def test_the_whole_network_is_there(loaded: Loaded, office: Session) -> None:
    models = (ServicePoint, Transformer, Feeder, Switch, Area, Meter, Reading, Stop)
    counts = [office.scalar(select(func.count()).select_from(model)) for model in models]

    report = loaded.report
    assert counts == [
        report.service_points,
        report.transformers,
        report.feeders,
        report.switches,
        report.areas,
        report.meters,
        report.readings,
        report.stops,
    ]
    assert (report.service_points, report.transformers, report.feeders) == (8_772, 110, 9)
    open_ones = select(func.count()).select_from(Switch).where(Switch.normally == "open")
    assert office.scalar(open_ones) == 8


def test_progress_goes_up_to_the_whole(loaded: Loaded) -> None:
    done = [part for part, _ in loaded.progress]

    assert done == sorted(done)
    assert loaded.progress[-1][0] == loaded.progress[-1][1] > 210_000


def test_an_empty_database_is_empty_until_it_is_loaded(
    loaded: Loaded, database: db.Database
) -> None:
    assert demo.is_empty(database)
    assert not demo.is_empty(loaded.database)


def test_a_second_load_is_refused_and_changes_nothing(loaded: Loaded) -> None:
    with pytest.raises(sites.DistrictExists):
        demo.load(loaded.database, seed=8, now=NOW)

    with loaded.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ServicePoint)) == 8_772


def test_every_home_has_two_years_of_readings(office: Session) -> None:
    question = (
        select(Meter.service_point_id, func.count())
        .join(Reading, (Reading.district_id == Meter.district_id) & (Reading.meter_id == Meter.id))
        .group_by(Meter.service_point_id)
    )
    assert collections.Counter(count for _, count in office.execute(question)) == {24: 8_772}


def test_registers_tell_what_was_used_even_when_they_roll_over(office: Session) -> None:
    meters = {row.id: row for row in office.scalars(select(Meter).where(Meter.digits == 5))}
    last: dict[str, Decimal] = {}
    rolled = 0
    question = select(Reading.meter_id, Reading.total, Reading.used_kwh, Reading.quality).order_by(
        Reading.meter_id, Reading.read_at
    )
    for meter_id, total, used_kwh, quality in office.execute(question):
        meter = meters.get(meter_id)
        if meter is None or quality != "actual":
            continue
        register = meter_reading.Register(meter.digits, meter.decimals, meter.multiplier)
        before = last.get(meter_id, meter.installed_value)
        assert meter_reading.advance(before, total, register).used_kwh == used_kwh
        rolled += total < before
        last[meter_id] = total
    assert rolled > 10


def test_use_has_seasons_and_homes_that_stand_empty(office: Session) -> None:
    home = select(Meter.id).join(
        ServicePoint,
        (ServicePoint.district_id == Meter.district_id)
        & (ServicePoint.id == Meter.service_point_id),
    )
    question = select(Reading.read_at, Reading.used_kwh).where(
        Reading.meter_id.in_(home.where(ServicePoint.customer_class == "residential"))
    )
    by_month: dict[int, list[float]] = collections.defaultdict(list)
    for read_at, used_kwh in office.execute(question):
        by_month[read_at.month].append(float(used_kwh or 0))

    assert np.median(by_month[8]) > 1.25 * np.median(by_month[2])
    assert 0.002 < np.mean([used == 0 for month in by_month.values() for used in month]) < 0.05


def test_some_months_were_estimated_and_say_how(office: Session) -> None:
    counted = dict(
        office.execute(select(Reading.quality, func.count()).group_by(Reading.quality)).all()
    )
    unnamed = select(func.count()).where(
        Reading.quality == "estimated", Reading.estimator.is_(None)
    )

    assert 0.005 < counted["estimated"] / sum(counted.values()) < 0.02
    assert office.scalar(unnamed) == 0


def test_exchanged_meters_keep_their_history_by_rows(office: Session) -> None:
    former = office.scalars(select(Meter).where(Meter.removed_at.is_not(None))).all()

    assert 40 < len(former) < 160
    for meter in former[:5]:
        standing = sites.list_standing_meters(
            office, district_id=people.DISTRICT, service_point_ids=[meter.service_point_id]
        )
        assert [each.installed_at for each in standing] == [meter.removed_at]


def test_every_customer_lies_in_an_area_that_a_crew_on_duty_serves(office: Session) -> None:
    rows = sites.list_areas(office, district_id=people.DISTRICT)
    index = areas.Index(areas.Area(row.id, row.geometry) for row in rows)
    places = office.execute(select(ServicePoint.lat_deg, ServicePoint.lon_deg)).all()
    lat_deg, lon_deg = np.array(places).T
    served = crews.crews_by_area(office, district_id=people.DISTRICT, at=NOW)

    assert (index.locate_many(lat_deg, lon_deg) == areas.NOWHERE).mean() < 0.002
    assert {row.id for row in rows} == set(served)
    assert {row.area_class for row in rows} == {"urban", "rural", "remote"}


@pytest.mark.parametrize("days", [0, 1, 13, 40])
def test_twelve_crews_with_skills_are_on_duty_now_and_later(office: Session, days: int) -> None:
    at = NOW + dt.timedelta(days=days)

    on_duty = crews.on_duty(office, district_id=people.DISTRICT, at=at)

    assert len(on_duty) == 12
    assert all("low_voltage" in crew.skills for crew in on_duty)


def test_eight_readers_have_a_route_of_some_hundred_meters_today(office: Session) -> None:
    routes = office.scalars(select(Task).where(Task.kind == Kind.route)).all()
    sizes = dict(office.execute(select(Stop.route_id, func.count()).group_by(Stop.route_id)).all())

    assert len({route.person_id for route in routes}) == len(routes) == 8
    assert all(100 <= sizes[route.id] <= 500 for route in routes)
    assert office.scalar(select(func.count()).where(Stop.previous_at.is_(None))) == 0
    typical = select(func.count()).where(Stop.typical_kwh.is_not(None))
    assert office.scalars(typical).one() > 2_000


def test_readers_are_warned_of_dogs_told_of_keys_and_asked_for_photos(office: Session) -> None:
    routes = select(Stop.route_id)
    dogs, keys = (office.scalars(routes.where(told != "")).all() for told in (Stop.dogs, Stop.keys))
    district = sites.get_district(office, district_id=people.DISTRICT)

    assert len(set(dogs)) > 4
    assert len(set(keys)) > 4
    assert (district.photo_on_skip, district.photo_on_confirm) == (["locked"], True)


def test_a_route_is_walked_from_door_to_door(office: Session) -> None:
    stops = office.scalars(select(Stop).order_by(Stop.route_id, Stop.sequence)).all()
    steps_m = [
        geodesy.distance_m(*_place(one), *_place(other))
        for one, other in itertools.pairwise(stops)
        if one.route_id == other.route_id
    ]

    assert np.median(steps_m) < 60


def test_a_dozen_orders_stand_open_with_a_reason_and_a_clock(office: Session) -> None:
    orders = office.scalars(select(Task).where(Task.kind == Kind.repair)).all()
    states = {order.state for order in orders}

    assert len(orders) == 12
    assert states >= {State.dispatched, State.accepted, State.en_route}
    assert all(order.clocks for order in orders)
    assert all(order.why for order in orders if order.crew_id)
    assert sum(order.crew_id is None for order in orders) == 1
    assert any(order.care and order.urgency == 1 for order in orders)


def test_phones_find_it_all_in_their_feeds(loaded: Loaded, office: Session) -> None:
    question = select(FeedEntry.entity, func.count()).group_by(FeedEntry.entity)
    counted = dict(office.execute(question).all())

    assert counted.pop("feeder") >= loaded.report.feeders
    assert counted == {
        "district": 1,
        "area": loaded.report.areas,
        "stop": loaded.report.stops,
        "task": 8 + 11,
    }


def test_yesterdays_readings_wait_for_the_flagging_job(office: Session) -> None:
    oldest = office.scalar(select(func.min(Unjudged.read_at)))

    assert oldest is not None
    assert NOW - dt.timedelta(days=2) <= oldest < NOW


def test_no_reading_is_from_the_future(office: Session) -> None:
    assert office.scalars(select(func.max(Reading.received_at))).one() <= NOW


@pytest.mark.parametrize("login", [login for login, _ in demo.SIGN_INS])
def test_everybody_who_is_named_can_sign_in(
    loaded: Loaded, tmp_path: pathlib.Path, login: str
) -> None:
    client = _app(loaded, tmp_path).test_client()

    answer = client.post("/v1/sessions", json={"login": login, "password": demo.PASSWORD})

    assert answer.status_code == 201, answer.json


def test_positions_are_where_the_network_lies(office: Session) -> None:
    point = sites.get_service_point(office, district_id=people.DISTRICT, service_point_id="P00000")

    assert (point.lat_deg, point.lon_deg, point.datum) == (53.4189, 11.8029, datums.Datum.wgs84)


def _app(loaded: Loaded, tmp_path: pathlib.Path) -> flask.Flask:
    settings = Settings(data_dir=tmp_path, database_url=loaded.url)
    return create_app(settings, database=loaded.database, clock=HandClock(NOW))


def _place(stop: Stop) -> tuple[float, float]:
    lon_deg, lat_deg = stop.geometry["coordinates"]
    return lat_deg, lon_deg
