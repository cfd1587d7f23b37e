"""Work that waits for a reason of its policy set: its clocks stand still meanwhile."""

from __future__ import annotations

import datetime as dt

import flask.testing
import pytest

from api import db
from api.promises import jobs, service
from schemas.crews import Role
from schemas.promises import ReasonFor
from schemas.rules.clocks import State
from tests.conftest import HandClock
from tests.makers import crews, promises, supervision
from tests.makers.supervision import Desk, minute

WORDS = "the owner has the key and comes at six"


@pytest.fixture
def office(client: flask.testing.FlaskClient, sign_in: crews.SignIn, database: db.Database) -> Desk:
    """Seat a dispatcher in a district with one order, opened and accepted at minute 0."""
    with database.unit_of_work() as session:
        supervision.late_order(session)
    return Desk(client, sign_in, Role.DISPATCHER)


def settle(database: db.Database, at: float) -> dict[str, int]:
    with database.unit_of_work() as session:
        return jobs.run(session, act=promises.job(at=minute(at)))


def arrive_clock(database: db.Database) -> tuple[str, dt.datetime]:
    """Tell how the arrival's clock stands, and when it is due."""
    with database.reading() as session:
        clock = promises.clock(session, "order-1")
        return clock.state, clock.due_at


def test_a_clock_stands_still_while_work_waits_and_runs_on_after(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(40))
    waiting = office.done("/v1/tasks/order-1/suspend", reason=WORDS, code="no_access")["task"]
    (shown,) = [each for each in waiting["clocks"] if each["kind"] == "arrive"]
    assert supervision.at(shown["paused_at"]) == minute(40)
    settle(database, 100)
    assert arrive_clock(database) == (State.paused, minute(45))
    assert office.get("/v1/supervision")["items"] == []

    clock.set(minute(160))
    going = office.done("/v1/tasks/order-1/resume")["task"]
    (shown,) = [each for each in going["clocks"] if each["kind"] == "arrive"]
    assert (shown["paused_at"], supervision.at(shown["due_at"])) == (None, minute(165))
    settle(database, 161)
    assert arrive_clock(database) == (State.warned_80, minute(165))
    settle(database, 166)
    assert arrive_clock(database) == (State.breached, minute(165))

    (listed,) = [each for each in office.get("/v1/promises")["items"] if each["kind"] == "arrive"]
    ledger = office.get(f"/v1/promises/{listed['id']}")["moments"]
    assert [each["cause"] for each in ledger] == [
        "started",
        "handed_over",
        "paused",
        "resumed",
        "most_gone",
        "overdue",
    ]
    why = f"无法进入现场 / No access to the site: {WORDS}"
    assert ledger[2]["zh"] == f"工单挂起期间暂停计时：{why}。"
    assert ledger[3]["en"] == "Runs on; it stood still for 2:00."


def test_a_reason_that_holds_nothing_lets_the_clock_run(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(10))
    office.done("/v1/tasks/order-1/suspend", reason=WORDS, code="waits_for_material")
    settle(database, 46)
    assert arrive_clock(database) == (State.breached, minute(45))


def test_words_without_a_reason_of_the_policy_let_the_clock_run(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(10))
    office.done("/v1/tasks/order-1/suspend", reason=WORDS)
    settle(database, 46)
    assert arrive_clock(database) == (State.breached, minute(45))


@pytest.mark.parametrize(
    ("move", "body", "code"),
    [
        ("suspend", {"reason": "工作忙", "code": "no_access"}, "reason-not-concrete"),
        ("suspend", {"reason": "busy", "code": "no_access"}, "reason-not-concrete"),
        ("suspend", {"reason": WORDS, "code": "lunch"}, "reason-not-known"),
        ("suspend", {"reason": WORDS, "code": "vehicle_down"}, "reason-not-known"),
        ("return", {"reason": WORDS, "code": "severe_weather"}, "reason-not-known"),
        ("return", {"reason": "忙", "code": "no_access"}, "reason-not-concrete"),
    ],
)
def test_a_reason_that_the_policy_does_not_allow_is_refused(
    office: Desk, database: db.Database, move: str, body: dict[str, str], code: str
) -> None:
    assert office.refused(f"/v1/tasks/order-1/{move}", **body) == (422, code)
    assert office.get("/v1/tasks/order-1")["state"] == "accepted"
    assert arrive_clock(database) == (State.running, minute(45))


def test_work_is_returned_for_a_reason_of_the_policy(office: Desk) -> None:
    office.done("/v1/tasks/order-1/return", reason=WORDS, code="vehicle_down")
    moment = office.get("/v1/tasks/order-1/timeline")["items"][-1]
    assert moment["detail"] == {"reason": WORDS, "code": "vehicle_down"}


def test_a_pause_after_the_deadline_hides_no_breach(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    settle(database, 46)
    clock.set(minute(50))
    office.done("/v1/tasks/order-1/suspend", reason=WORDS, code="no_access")
    assert arrive_clock(database) == (State.breached, minute(45))


def test_a_new_crew_finds_the_clock_running_on(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(10))
    office.done("/v1/tasks/order-1/suspend", reason=WORDS, code="no_access")
    clock.set(minute(30))
    office.done("/v1/tasks/order-1/reassign", crew_id="crew-2", why=WORDS)
    assert arrive_clock(database)[1] == minute(65)


def test_an_arrival_ends_the_pause_of_its_clock(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(10))
    office.done("/v1/tasks/order-1/suspend", reason=WORDS, code="no_access")
    with database.unit_of_work() as session:
        act = promises.act(at=minute(90))
        service.prove(session, act=act, subject_id="order-1", event="arrive")
    assert arrive_clock(database) == (State.kept, minute(125))


def test_a_pause_heard_late_clears_what_was_called_a_breach(
    office: Desk, database: db.Database
) -> None:
    settle(database, 46)
    (case,) = office.get("/v1/supervision", state="open")["items"]
    with database.unit_of_work() as session:
        heard = promises.act(at=minute(30), heard_at=minute(60))
        reason = service.find_reason(
            session,
            act=heard,
            subject_id="order-1",
            code="no_access",
            given_for=ReasonFor.suspend,
        )
        assert service.pause(session, act=heard, subject_id="order-1", reason=reason, words=WORDS)
    assert office.get(f"/v1/supervision/{case['id']}")["state"] == "cleared"
    with database.unit_of_work() as session:
        service.go_on(session, act=promises.act(at=minute(40)), subject_id="order-1")
    settle(database, 56)
    (again,) = office.get("/v1/supervision")["items"]
    assert (again["id"], again["state"]) == (case["id"], "open")
    assert arrive_clock(database) == (State.breached, minute(55))
