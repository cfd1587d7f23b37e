"""What is no complaint: disputes, tests, reconnections, hazards, and visits without access."""

from __future__ import annotations

import datetime as dt

import pytest

from api import db
from api.promises import service as promises
from api.readings import service as readings
from api.requests.models import ServiceRequest
from schemas import readings as shapes
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers import crews, tasks
from tests.makers import promises as clocks
from tests.makers import readings as meters
from tests.makers.supervision import Desk, minute, pass_time

DONE = "the meter was read again together with the customer"
DAY = dt.timedelta(days=1)


def asked(office: Desk, kind: str, **about: object) -> dict[str, object]:
    """Ask for something and give the one clock that it has running."""
    body = {"key": f"{kind}-1", "kind": kind, "description": "表数不对"} | about
    opened = office.done("/v1/requests", **body)
    (clock,) = opened["clocks"]
    return {"id": opened["id"], **clock}


@pytest.mark.parametrize(
    ("kind", "about", "promise", "due_at"),
    [
        ("reading_dispute", {"meter_id": "M0001"}, "reading_dispute", "2026-11-30T15:59:59"),
        ("meter_test", {"meter_id": "M0001"}, "meter_test", "2026-11-30T15:59:59"),
        ("reconnection", {}, "reconnect", "2026-11-24T00:00:00"),
        ("hazard", {"urgency": 1}, "hazard", "2026-11-24T15:59:59"),
        ("hazard", {"urgency": 3}, "hazard", "2026-12-23T15:59:59"),
        ("no_access", {"meter_id": "M0001"}, "second_visit", "2026-11-30T15:59:59"),
    ],
)
def test_each_kind_has_its_clock_and_ends_with_its_answer(
    office: Desk,
    clock: HandClock,
    kind: str,
    about: dict[str, object],
    promise: str,
    due_at: str,
) -> None:
    running = asked(office, kind, **about)
    assert (running["kind"], running["due_at"]) == (promise, f"{due_at}.000000Z")
    clock.set(minute(60))
    path = f"/v1/requests/{running['id']}"
    assert office.refused(f"{path}/contact", words=DONE) == (409, "request-not-possible")
    ended = office.done(f"{path}/answer", words=DONE)
    assert (ended["state"], ended["answer"]) == ("archived", DONE)
    assert ended["clocks"][0]["stopped_at"] == "2026-11-23T01:00:00.000000Z"
    assert office.refused(f"{path}/answer", words=DONE) == (409, "request-not-possible")


def test_working_days_of_a_dispute_follow_the_calendar(
    office: Desk, clock: HandClock, sign_in: crews.SignIn
) -> None:
    office.other(sign_in, Role.ADMINISTRATOR).done("/v1/calendar/china")
    clock.set(dt.datetime(2026, 2, 13, 1, 0, tzinfo=dt.UTC))
    running = asked(office, "reading_dispute", meter_id="M0001")
    assert running["due_at"] == "2026-02-27T15:59:59.000000Z"


def test_a_promise_that_nobody_kept_opens_a_case_with_who_answers(
    office: Desk, database: db.Database
) -> None:
    running = asked(office, "hazard", urgency=1)
    pass_time(database, 2 * 24 * 60)
    (case,) = office.get("/v1/supervision", subject_id=running["id"])["items"]
    assert (case["kind"], case["person_id"]) == ("hazard", "wang")
    assert (case["level"], case["major"]) == ("city", True)


def test_an_answer_shows_a_file_that_is_there(office: Desk) -> None:
    running = asked(office, "meter_test", meter_id="M0001")
    path = f"/v1/requests/{running['id']}"
    assert office.refused(f"{path}/answer", words=DONE, evidence_id="none") == (404, "not-found")
    assert office.get(path)["state"] == "reported"


def skipped(database: db.Database, *, code: shapes.SkipCode, at: dt.datetime = NOW) -> str:
    """Plan a route over one meter and let its reader skip it; give the stop's id."""
    with database.unit_of_work() as session:
        meters.history(session)
        task = meters.route(session)
        stop = meters.stop_of(session)
        body = shapes.ReadingSkipped(stop_id=stop.id, code=code)
        readings.skip(session, act=tasks.of_crew(at=at), subject_id=task.id, body=body)
        return str(stop.id)


def waiting(database: db.Database) -> list[tuple[str, str, str | None]]:
    """List what waits for a second visit, or waited: state, meter, person."""
    with database.reading() as session:
        rows = session.query(ServiceRequest).filter_by(kind="no_access")
        return [(row.state, str(row.meter_id), row.person_id) for row in rows]


@pytest.mark.parametrize("code", ["no_access", "locked", "dog"])
def test_a_visit_without_access_asks_for_a_second_one(database: db.Database, code: str) -> None:
    skipped(database, code=shapes.SkipCode(code))
    assert waiting(database) == [("dispatched", "M0001", "li")]
    with database.reading() as session:
        request = session.query(ServiceRequest).one()
        clock = clocks.clock(session, request.id, kind="second_visit")
        assert (clock.person_id, clock.due_at) == (
            "li",
            dt.datetime(2026, 11, 30, 15, 59, 59, tzinfo=dt.UTC),
        )


def test_a_dead_display_asks_for_none(database: db.Database) -> None:
    skipped(database, code=shapes.SkipCode.DISPLAY_DEAD)
    assert waiting(database) == []


def test_a_second_skip_asks_no_second_time(database: db.Database) -> None:
    stop_id = skipped(database, code=shapes.SkipCode.LOCKED)
    with database.unit_of_work() as session:
        stop = meters.stop_of(session)
        body = shapes.ReadingSkipped(stop_id=stop_id, code=shapes.SkipCode.DOG)
        act = tasks.of_crew(at=NOW + DAY)
        readings.skip(session, act=act, subject_id=stop.route_id, body=body)
    assert len(waiting(database)) == 1


def test_the_reading_of_a_second_visit_keeps_the_promise(database: db.Database) -> None:
    skipped(database, code=shapes.SkipCode.LOCKED)
    with database.unit_of_work() as session:
        second = meters.route(session)
        stop = meters.stop_of(session, route_id=second.id)
        assert stop.awaited is True
        act = tasks.of_crew(at=NOW + 3 * DAY)
        readings.take(session, act=act, subject_id=second.id, body=meters.taken(stop, 52_000))
    assert [state for state, *_ in waiting(database)] == ["archived"]
    with database.unit_of_work() as session:
        promises.settle_due(session, act=clocks.job(at=NOW + 30 * DAY), limit=100)
        request = session.query(ServiceRequest).one()
        clock = clocks.clock(session, request.id, kind="second_visit")
        assert (clock.state, clock.stopped_at) == ("kept", NOW + 3 * DAY)


def test_the_same_visit_may_find_the_key_after_all(database: db.Database) -> None:
    stop_id = skipped(database, code=shapes.SkipCode.LOCKED)
    with database.unit_of_work() as session:
        stop = meters.stop_of(session)
        assert stop.id == stop_id
        act = tasks.of_crew(at=NOW + dt.timedelta(minutes=5))
        readings.take(session, act=act, subject_id=stop.route_id, body=meters.taken(stop, 52_000))
    assert [state for state, *_ in waiting(database)] == ["archived"]


def test_a_skip_heard_behind_the_reading_asks_for_nothing(database: db.Database) -> None:
    with database.unit_of_work() as session:
        meters.history(session)
        task = meters.route(session)
        stop = meters.stop_of(session)
        later = tasks.of_crew(at=NOW + dt.timedelta(minutes=5))
        readings.take(session, act=later, subject_id=task.id, body=meters.taken(stop, 52_000))
        body = shapes.ReadingSkipped(stop_id=stop.id, code=shapes.SkipCode.LOCKED)
        readings.skip(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    assert waiting(database) == []


def test_a_customers_own_reading_ends_the_wait(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    skipped(database, code=shapes.SkipCode.LOCKED)
    clock.set(NOW + DAY)
    body = {"meter_id": "M0001", "total": "52000", "method": "customer"}
    office.done("/v1/readings", **body)
    assert [state for state, *_ in waiting(database)] == ["archived"]
