from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api import db
from api.promises import service as promised
from api.supervision import jobs
from api.supervision.models import Case, CaseMoment
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.conftest import HandClock
from tests.makers import crews, promises, sites, supervision, tasks
from tests.makers.supervision import Desk, at, minute, pass_time

ORDERS = 25
WORKERS = 4
HOUR = 60
DAY = 24 * HOUR


def test_a_case_that_nobody_ends_climbs_level_by_level(
    office: Desk, case_id: str, database: db.Database
) -> None:
    stood = []
    case: dict[str, Any] = {}
    for passed in (47, 165, 166, 167, 46 + DAY, 46 + 3 * DAY, 46 + 30 * DAY):
        pass_time(database, passed)
        case = office.get(f"/v1/supervision/{case_id}")
        stood.append((case["level"], case["unit_id"], case["points"]))

    city, province = ("city", "haikou", 2), ("province", "hainan", 4)
    top = ("headquarters", "hq", 8)
    assert stood == [("district", "d1", 1), ("district", "d1", 1), city, city, province, top, top]
    assert case["climbs_at"] is None
    told = [(moment["event"], moment["level"]) for moment in case["moments"]]
    assert told == [
        ("opened", "district"),
        ("climbed", "city"),
        ("climbed", "province"),
        ("climbed", "headquarters"),
    ]
    assert case["moments"][1]["zh"] == "逾期未办结，升级至地市级督办。"


def test_a_server_that_slept_takes_every_step_at_its_own_time(
    office: Desk, case_id: str, database: db.Database
) -> None:
    assert pass_time(database, 46 + 2 * DAY) == {"looked": 1, "climbed": 2}
    moments = office.get(f"/v1/supervision/{case_id}")["moments"]
    assert [at(each["at"]) for each in moments[1:]] == [minute(166), minute(46 + DAY)]
    assert {at(each["heard_at"]) for each in moments[1:]} == {minute(46 + 2 * DAY)}


def test_what_came_late_climbs_no_more_and_waits_for_what_was_done(
    office: Desk, case_id: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        late = promises.act(at=minute(90))
        promised.prove(session, act=late, subject_id="order-1", event="arrive")
    pass_time(database, 46 + 5 * DAY)

    case = office.get(f"/v1/supervision/{case_id}")
    assert (case["level"], case["state"], at(case["ended_at"])) == ("district", "open", minute(90))
    assert [each["event"] for each in case["moments"]] == ["opened", "ended"]


def test_an_acknowledged_case_climbs_all_the_same(
    office: Desk, case_id: str, database: db.Database
) -> None:
    office.done(f"/v1/supervision/{case_id}/acknowledge", remark="van of crew 2 sent")
    pass_time(database, 170)
    case = office.get(f"/v1/supervision/{case_id}")
    assert (case["state"], case["level"]) == ("acknowledged", "city")


def test_late_evidence_ends_the_climb_and_clears_its_points(
    office: Desk, case_id: str, database: db.Database
) -> None:
    period = {"from_at": minute(0).isoformat(), "until_at": minute(DAY).isoformat()}
    pass_time(database, 170)
    counted = [
        office.get("/v1/supervision/points", by=by, **period)["items"]
        for by in ("unit", "crew", "person")
    ]
    with database.unit_of_work() as session:
        proof = promises.act(at=minute(38), heard_at=minute(200))
        promised.prove(session, act=proof, subject_id="order-1", event="arrive")
    pass_time(database, 46 + 5 * DAY)

    mine = {"cases": 1, "points": 2}
    assert counted == [[{"id": "d1", **mine}], [{"id": "crew-1", **mine}], []]
    for by in ("unit", "crew", "person"):
        assert office.get("/v1/supervision/points", by=by, **period)["items"] == []
    case = office.get(f"/v1/supervision/{case_id}")
    assert (case["state"], case["level"], case["climbs_at"]) == ("cleared", "city", None)


def test_a_person_answers_for_what_was_in_their_own_hands(
    office: Desk, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        task = tasks.task(
            session, task_id="order-2", crew_id=None, person_id="li", at=promises.OPENED_AT
        )
        assert task.person_id == "li"
    pass_time(database, 50)
    period = {"from_at": minute(0).isoformat(), "until_at": minute(46).isoformat()}
    people = office.get("/v1/supervision/points", by="person", **period)["items"]
    assert people == [{"id": "li", "cases": 2, "points": 2}]
    none = {"from_at": minute(46).isoformat(), "until_at": minute(DAY).isoformat()}
    assert office.get("/v1/supervision/points", by="person", **none)["items"] == []


@pytest.mark.parametrize(
    ("urgency", "level"), [(1, "city"), (2, "district")], ids=["life at risk", "urgent"]
)
def test_a_major_event_begins_higher(
    office: Desk, database: db.Database, urgency: int, level: str
) -> None:
    with database.unit_of_work() as session:
        supervision.late_order(session, "order-2", urgency=urgency)
    pass_time(database, 46)
    (case,) = office.get("/v1/supervision", subject_id="order-2")["items"]
    assert (case["level"], case["major"]) == (level, level == "city")
    assert office.get("/v1/supervision", major="true")["items"] == ([case] if case["major"] else [])


def test_a_major_event_climbs_on_by_the_time_between_the_rungs(
    office: Desk, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        supervision.late_order(session, "order-2", urgency=1)
    pass_time(database, 46)
    pass_time(database, 46 + 22 * HOUR)
    (case,) = office.get("/v1/supervision", subject_id="order-2")["items"]
    assert case["level"] == "province"


def test_many_customers_in_the_dark_make_it_major(office: Desk, database: db.Database) -> None:
    for number, customers in enumerate((499, 500)):
        report = {"key": f"alarm-{number}", "description": "feeder 7 tripped"}
        placed = office.done("/v1/repairs", **report, customers_out=customers)
        assert placed["task"]["state"] == "reported"
    pass_time(database, 46)
    cases = office.get("/v1/supervision", major="true")["items"]
    assert {case["level"] for case in cases} == {"city"}
    assert len({case["subject_id"] for case in cases}) == 1


def test_reopened_work_begins_a_step_up(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        made = tasks.task(session, task_id="order-2", state=State.finished)
        assert made.id == "order-2"
    clock.set(minute(5))
    cause = "the light went out again an hour later"
    body = {"result": "dissatisfied", "cause": cause}
    office.done("/v1/tasks/order-2/call-back", **body)
    pass_time(database, 60)
    levels = {
        case["kind"]: case["level"]
        for case in office.get("/v1/supervision", subject_id="order-2")["items"]
    }
    assert levels == {"dispatch": "city", "arrive": "city"}


def test_a_supervisor_raises_a_case_for_a_concrete_reason(
    office: Desk, case_id: str, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(50))
    path = f"/v1/supervision/{case_id}/raise"
    assert office.refused(path, reason="工作忙") == (422, "reason-not-concrete")
    reason = "the hospital runs on its generator"
    raised = office.done(path, reason=reason, level="province")
    assert (raised["level"], raised["unit_id"], raised["points"]) == ("province", "hainan", 4)
    assert raised["moments"][-1]["en"] == f"Raised to the level province: {reason}."
    assert office.refused(path, reason=reason, level="city") == (409, "at-the-top")
    pass_time(database, 46 + 3 * DAY)
    top = office.get(f"/v1/supervision/{case_id}")
    assert top["level"] == "headquarters"
    assert office.refused(path, reason=reason) == (409, "at-the-top")


def test_each_level_sees_what_stands_with_it(
    office: Desk, case_id: str, database: db.Database, sign_in: crews.SignIn
) -> None:
    with database.unit_of_work() as session:
        crews.district(session, district_id="d2")
    city_desk = office.other(sign_in, Role.SUPERVISOR, unit_id="haikou")
    assert city_desk.get("/v1/supervision", unit_id="haikou")["items"] == []
    pass_time(database, 170)
    (seen,) = city_desk.get("/v1/supervision", unit_id="haikou")["items"]
    assert seen["id"] == case_id
    assert city_desk.get("/v1/supervision", unit_id="d1")["items"] == []
    assert office.sees("/v1/supervision?unit_id=haikou") == 404


def test_workers_that_race_open_once_and_climb_once(database: db.Database) -> None:
    with database.unit_of_work() as session:
        tasks.district(session)
        for number in range(ORDERS):
            supervision.late_order(session, f"order-{number}")
    for passed, climbed in ((46, 0), (166, 1), (46 + 3 * DAY, 2)):
        together = threading.Barrier(WORKERS)

        def work(_: int, minutes: int = passed, start: threading.Barrier = together) -> int:
            start.wait(timeout=30)
            return pass_time(database, minutes)["climbed"]

        with ThreadPoolExecutor(WORKERS) as pool:
            # What a worker that came first held back, the next minute finds.
            steps = sum(pool.map(work, range(WORKERS)))
        steps += pass_time(database, passed)["climbed"]
        assert steps == climbed * ORDERS

    with database.reading() as session:
        counted = Counter(case.level for case in session.query(Case).filter_by(kind="arrive"))
        moments = Counter(moment.event for moment in session.query(CaseMoment))
    assert counted == {"headquarters": ORDERS}
    assert moments == {"opened": ORDERS, "climbed": 3 * ORDERS}


def test_a_run_costs_what_is_due(database: db.Database) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
        crews.district(session)
        for number in range(20):
            promises.opened(session, f"order-{number}")
    pass_time(database, 46)
    with database.unit_of_work() as session:
        assert jobs.run(session, act=promises.job(at=minute(60))) == {"looked": 0, "climbed": 0}
