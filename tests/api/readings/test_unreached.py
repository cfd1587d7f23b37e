"""Meters that nobody could reach: visited a second time, and their customers written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from api import db
from api.crews.models import Crew
from api.readings import service
from api.readings.models import Flag
from api.sites.models import ServicePoint
from schemas.readings import ReadingSkipped, SkipCode
from tests.conftest import HandClock
from tests.makers import readings as make
from tests.makers import tasks
from tests.makers.supervision import Desk

NOW, DAY, MONTH = make.NOW, dt.timedelta(days=1), make.MONTH
Night = Callable[..., dict[str, int]]


def skip(
    session: Session,
    *,
    at: dt.datetime = NOW,
    code: SkipCode = SkipCode.LOCKED,
    crew_id: str | None = None,
) -> str:
    """Plan a route over the meter, find its door closed, and settle the route; give its id."""
    person_id = None if crew_id else "li"
    route = make.route(session, person_id=person_id, crew_id=crew_id)
    stop = make.stop_of(session, route_id=route.id)
    body = ReadingSkipped(stop_id=stop.id, code=code)
    service.skip(session, act=tasks.of_crew(at=at), subject_id=route.id, body=body)
    session.flush()
    return route.id


@pytest.fixture(autouse=True)
def _there(database: db.Database) -> None:
    """Let Li have read the meter monthly until a month ago, and another lately, on a route."""
    with database.unit_of_work() as session:
        make.history(session)
        other = make.history(session, meter_id="M0002")
        route = make.route(session, meter_ids=["M0002"])
        body = make.taken(make.stop_of(session, meter_id="M0002"), other + 107)
        service.take(session, act=tasks.of_crew(at=NOW), subject_id=route.id, body=body)


def planned(desk: Desk) -> list[dict[str, object]]:
    items = desk.get("/v1/routes")["items"]
    return [each for each in items if str(each["name"]).startswith("补抄")]


def test_a_second_visit_is_planned_in_time_for_whoever_had_the_first(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        skip(session)
    assert "second_visit_routes" not in night(days=2)
    assert night(days=4)["second_visit_routes"] == 1
    (route,) = planned(desk)
    assert (route["person_id"], route["stops_open"]) == ("li", 1)
    assert "second_visit_routes" not in night(days=5)


def test_a_reading_on_the_second_visit_ends_it(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        skip(session)
    night(days=4)
    (route,) = planned(desk)
    with database.unit_of_work() as session:
        stop = make.stop_of(session, route_id=str(route["id"]))
        assert stop.awaited is True
        act = tasks.of_crew(at=NOW + 5 * DAY)
        body = make.taken(stop, 11_120)
        service.take(session, act=act, subject_id=stop.route_id, body=body)
    (request,) = desk.get("/v1/requests", kind="no_access", settled="true")["items"]
    assert request["state"] == "archived"
    assert "second_visit_routes" not in night(days=6)


def test_what_the_office_planned_is_not_planned_again(database: db.Database, night: Night) -> None:
    with database.unit_of_work() as session:
        skip(session)
        make.route(session)
    assert "second_visit_routes" not in night(days=4)


def test_a_disbanded_crews_second_visit_is_the_offices_choice(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        skip(session, crew_id="crew-1")
        session.query(Crew).filter_by(id="crew-1").one().disbanded_at = NOW + DAY
    assert night(days=4)["second_visit_routes"] == 1
    (route,) = planned(desk)
    assert (route["crew_id"], route["person_id"]) == (None, None)


def test_a_meter_that_was_removed_is_not_visited(database: db.Database, night: Night) -> None:
    with database.unit_of_work() as session:
        skip(session)
        make.meter(session).removed_at = NOW + DAY
    assert "second_visit_routes" not in night(days=4)


@pytest.mark.parametrize(("days", "flagged"), [(5, False), (10, True)])
def test_an_estimate_where_the_second_visit_did_not_come_is_flagged(
    desk: Desk, database: db.Database, night: Night, clock: HandClock, days: int, *, flagged: bool
) -> None:
    with database.unit_of_work() as session:
        skip(session)
    clock.set(NOW + days * DAY)
    desk.done("/v1/estimates", meter_id="M0001", estimator="mean_of_three")
    assert ("ER03" in night(days=days + 1)) is flagged
    (request,) = desk.get("/v1/requests", kind="no_access")["items"]
    assert request["state"] == "dispatched"  # an estimate is no visit
    with database.reading() as session:
        rows = session.query(Flag).filter_by(code="ER03").all()
        told = [(row.severity, row.cim, row.en) for row in rows]
    due = "Second visit was due 2026-11-30, and nobody came by then"
    assert told == ([("H", "3.5.259", due)] if flagged else [])


def test_three_months_without_access_propose_a_letter_once(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        session.query(ServicePoint).filter_by(id="P-M0001").one().customer_phone = ""
        for months in (0, 1):
            skip(session, at=NOW + months * MONTH)
    assert "visits_proposed" not in night(days=31)
    with database.unit_of_work() as session:
        skip(session, at=NOW + 2 * MONTH)
    assert night(days=61)["visits_proposed"] == 1
    (proposal,) = desk.get("/v1/visit-proposals", meter_id="M0001")["items"]
    assert (proposal["reason"], proposal["step"]) == ("no_access", "letter")
    assert proposal["inputs"] == {"months": ["2026-11", "2026-12", "2027-01"]}
    assert "visits_proposed" not in night(days=62)


def test_a_customer_with_a_phone_gets_an_appointment(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        session.query(ServicePoint).filter_by(id="P-M0001").one().customer_phone = "+86 555"
        for months in (0, 1, 2):
            skip(session, at=NOW + months * MONTH)
    night(days=61)
    (proposal,) = desk.get("/v1/visit-proposals", decided="false")["items"]
    assert proposal["step"] == "appointment"


def test_a_reading_between_begins_the_count_anew(database: db.Database, night: Night) -> None:
    with database.unit_of_work() as session:
        for months in (0, 1, 2):
            skip(session, at=NOW + months * MONTH)
        make.value(session, total=11_100, read_at=NOW + MONTH + DAY)
    assert "visits_proposed" not in night(days=61)


def test_a_dead_display_is_no_closed_door(database: db.Database, night: Night) -> None:
    with database.unit_of_work() as session:
        for months in (0, 1, 2):
            skip(session, at=NOW + months * MONTH, code=SkipCode.DISPLAY_DEAD)
    assert "visits_proposed" not in night(days=61)


def test_the_office_decides_once(desk: Desk, database: db.Database, night: Night) -> None:
    with database.unit_of_work() as session:
        for months in (0, 1, 2):
            skip(session, at=NOW + months * MONTH)
    night(days=61)
    (proposal,) = desk.get("/v1/visit-proposals")["items"]
    path = f"/v1/visit-proposals/{proposal['id']}/decision"
    decided = desk.done(path, decision="letter_sent", note="registered mail")
    assert (decided["decision"], decided["note"]) == ("letter_sent", "registered mail")
    assert decided["decided_by"]
    assert desk.refused(path, decision="declined") == (409, "visit-decided")
    assert desk.refused("/v1/visit-proposals/none/decision", decision="declined") == (
        404,
        "not-found",
    )
    assert desk.get("/v1/visit-proposals", decided="true")["items"] == [decided]
    assert "visits_proposed" not in night(days=62)
