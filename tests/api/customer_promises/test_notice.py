"""A scripted day: trouble is seen before a promise breaks, and the customer is told first."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from api import db
from api.crews.models import Device
from api.promises import jobs
from api.tasks import jobs as work_jobs
from schemas.rules.transitions import State
from tests.conftest import HandClock
from tests.makers import promises, sites
from tests.makers import tasks as work
from tests.makers.customer_promises import Desk, Json, anew, made
from tests.makers.sync import Phone

HERE = {"fix": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 5, "age_s": 1}}
FAR_DEG = 0.45
"""50 km north: at 30 km/h by winding roads, two hours and twenty minutes away."""


@dataclasses.dataclass
class Day:
    """The office's day: its jobs look every five minutes, its dispatcher at what they found."""

    clock: HandClock
    database: db.Database
    desk: Desk
    tells: bool
    agrees_on: frozenset[str]

    def until(self, hours: float) -> None:
        """Let it become so many hours after 08:00."""
        end = work.NOW + dt.timedelta(hours=hours)
        while self.clock.now() < end:
            self.clock.advance(minutes=5)
            act = promises.job(at=self.clock.now())
            with self.database.unit_of_work() as session:
                jobs.run(session, act=act)
                work_jobs.foresee(session, act=act)
            self._work_through()

    def _work_through(self) -> None:
        """Call each customer whose promise is at risk, once; agree on another time where asked."""
        for clock in self.desk.get("/v1/promises", standing="at_risk")["items"]:
            if clock["kind"] != "promise" or clock["notice_at"] or not self.tells:
                continue
            path = f"/v1/customer-promises/{clock['promise_id']}"
            words = {"customer": "Li Hua", "words": clock["risk_en"] or "The crew is held up."}
            self.desk.post(f"{path}/tellings", words, status=201)
            if clock["promise_id"] in self.agrees_on:
                self.desk.post(f"{path}/agree", anew(ends=7))
                self.agrees_on -= {clock["promise_id"]}

    def broken_without_notice(self) -> list[str]:
        return [
            promise["task_id"]
            for promise in self.desk.get("/v1/customer-promises")["items"]
            if promise["ending"] == "broken" and not promise["told_before_due"]
        ]


def ledger(day: Day, promise: Json) -> list[tuple[str, str]]:
    """Write the ledger of a promise's first window: when in Haikou, and what."""
    clock_id = day.desk.get(f"/v1/customer-promises/{promise['id']}")["windows"][0]["clock_id"]
    lines = day.desk.get(f"/v1/promises/{clock_id}")["moments"]
    haikou = dt.timezone(dt.timedelta(hours=8))
    return [
        (f"{dt.datetime.fromisoformat(line['heard_at']).astimezone(haikou):%H:%M}", line["cause"])
        for line in lines
    ]


@pytest.fixture
def orders(database: db.Database, phone: Phone) -> None:
    """Give crew 1 an order that is near, and one that is far; nobody has a third."""
    far = {"type": "Point", "coordinates": [sites.LON_DEG, sites.LAT_DEG + FAR_DEG]}
    with database.unit_of_work() as session:
        device = session.get_one(Device, "device-li")
        device.lat_deg, device.lon_deg, device.position_at = sites.LAT_DEG, sites.LON_DEG, work.NOW
        there = work.site()
        there = msgspec.structs.replace(work.site(), geometry=far)
        work.task(session, task_id="far", state=State.dispatched, on_site=there)
        work.task(session, task_id="nobodys", state=State.reported)


def run(day: Day, phone: Phone) -> dict[str, Json]:
    """Play the day: two promises are kept, one of them late to be heard, and one is broken."""
    phone.sync()
    given = {
        "near": day.desk.give(task_id="t1", ends=2),
        "far": day.desk.post("/v1/customer-promises", made(task_id="far", ends=2), status=201),
        "nobodys": day.desk.give(task_id="nobodys", ends=4),
    }
    day.agrees_on = frozenset({given["far"]["id"]})
    day.until(1.5)
    arrived = phone.operation("checkin.record", "t1", HERE)
    day.until(3.5)
    phone.sync(arrived)
    day.until(5)
    there = {"fix": {**HERE["fix"], "lat_deg": sites.LAT_DEG + FAR_DEG}}
    phone.sync(phone.operation("task.accept", "far"), phone.operation("task.set_out", "far"))
    phone.sync(phone.operation("checkin.record", "far", there))
    day.until(8)
    return given


@pytest.fixture
def day(clock: HandClock, database: db.Database, desk: Desk, orders: None) -> Day:
    return Day(clock, database, desk, tells=True, agrees_on=frozenset())


def test_no_promise_is_broken_without_notice(day: Day, phone: Phone) -> None:
    given = run(day, phone)

    assert day.broken_without_notice() == []
    assert day.desk.endings(given["near"]["id"]) == ["kept"]
    assert day.desk.endings(given["far"]["id"]) == ["reagreed", "kept"]
    assert day.desk.endings(given["nobodys"]["id"]) == ["broken"]
    assert len(day.desk.cases()) == 1
    assert ledger(day, given["near"]) == [
        ("08:00", "promised"),
        ("09:00", "half_gone"),
        ("09:00", "told"),
        ("09:40", "most_gone"),
        ("10:05", "phone_dark"),
        ("11:30", "stopped"),
    ]
    assert ledger(day, given["far"]) == [
        ("08:00", "promised"),
        ("08:05", "cannot_be_met"),
        ("08:05", "told"),
        ("08:05", "reagreed"),
    ]
    assert ledger(day, given["nobodys"]) == [
        ("08:00", "promised"),
        ("10:00", "half_gone"),
        ("10:00", "told"),
        ("11:15", "most_gone"),
        ("12:05", "overdue"),
    ]


def test_an_office_that_tells_nobody_is_found_out(day: Day, phone: Phone) -> None:
    day.tells = False
    run(day, phone)
    assert sorted(day.broken_without_notice()) == ["far", "nobodys"]
