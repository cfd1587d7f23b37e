"""A clock that is wrong moves no arrival: what happened at minute 31 happened at minute 31."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from api import db
from api.checkins.models import CheckIn
from api.promises.models import Clock
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import sites
from tests.makers.sync import Phone

THERE = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}


def arrive_late(phone: Phone, order: Order, clock: HandClock) -> tuple[str, dt.datetime]:
    """Arrive at minute 31 without signal, and sync at minute 190."""
    task_id = order()
    phone.sync(phone.operation("task.accept", task_id))
    clock.advance(minutes=31)
    arrived_at = clock.now()
    check_in = phone.operation("checkin.record", task_id, {"fix": THERE})
    clock.advance(minutes=159)
    phone.sync(check_in)
    return task_id, arrived_at


def check_arrival(database: db.Database, task_id: str, arrived_at: dt.datetime) -> None:
    with database.reading() as session:
        recorded = session.scalars(select(CheckIn).where(CheckIn.task_id == task_id)).one()
        clocks = session.scalars(
            select(Clock).where(Clock.subject_id == task_id, Clock.kind == "arrive")
        ).all()
    assert abs((recorded.happened_at - arrived_at).total_seconds()) <= recorded.error_s < 2
    assert [clock.state for clock in clocks] == ["kept"]


def test_a_phone_two_hours_slow_arrives_when_it_arrived(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    phone.ahead_s = -7_200
    check_arrival(database, *arrive_late(phone, order, clock))


def test_a_phone_two_years_fast_arrives_when_it_arrived(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    phone.ahead_s = 2 * 365 * 86_400
    check_arrival(database, *arrive_late(phone, order, clock))


def test_a_clock_set_by_hand_on_the_way_is_seen_and_moves_nothing(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    task_id = order()
    phone.sync()
    clock.advance(minutes=20)
    phone.ahead_s = -3_000
    arrived_at = clock.now()
    check_in = phone.operation("checkin.record", task_id, {"fix": THERE})
    phone.ahead_s = 0
    clock.advance(minutes=60)
    phone.sync(check_in)
    check_arrival(database, task_id, arrived_at)
    with database.reading() as session:
        assert session.scalars(select(CheckIn.clock_suspect)).all() == [True]


def test_an_act_before_the_first_contact_ever_is_measured_by_the_contact_that_brings_it(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    phone.ahead_s = -2 * 365 * 86_400
    task_id = order()
    clock.advance(minutes=31)
    arrived_at = clock.now()
    check_in = phone.operation("checkin.record", task_id, {"fix": THERE})
    clock.advance(minutes=20)
    phone.sync(check_in)
    with database.reading() as session:
        recorded = session.scalars(select(CheckIn)).one()
    away_s = abs((recorded.happened_at - arrived_at).total_seconds())
    assert (away_s <= recorded.error_s, recorded.clock_suspect) == (True, False)
