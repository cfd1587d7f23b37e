"""Rotation: who has read which route for how long, and who might read it next."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api import db
from api.crews.models import Person
from api.readings import service
from api.readings.models import Flag, Route
from api.tasks.models import Task
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, tasks
from tests.makers import readings as make
from tests.makers.supervision import Desk

NOW, MONTH = make.NOW, dt.timedelta(days=31)
DOOR = "/v1/routes/rotation"


def walk(session: Session, months_ago: int, *, by: str, name: str, meter_id: str) -> str:
    """Plan a route some months ago and read its meter; give the reading's id."""
    at = NOW - months_ago * MONTH
    route = make.route(session, meter_ids=[meter_id], person_id=by)
    row = session.get_one(Route, (make.DISTRICT, route.id))
    row.name, row.planned_at = name, at
    stop = make.stop_of(session, meter_id=meter_id, route_id=route.id)
    crew_ids = ("crew-1",) if by == "li" else ("crew-2",)
    reading_id = f"R-{name}-{months_ago}"
    act = tasks.of_crew(person_id=by, crew_ids=crew_ids, at=at, operation_id=reading_id)
    body = make.taken(stop, 20_000 - 100 * months_ago)
    service.take(session, act=act, subject_id=route.id, body=body)
    session.flush()
    return reading_id


@pytest.fixture(autouse=True)
def _walked(database: db.Database, clock: HandClock) -> None:
    """Let Li read North for fourteen months behind one of Wu, and Chen read South for two."""
    clock.set(NOW + dt.timedelta(hours=1))
    with database.unit_of_work() as session:
        tasks.district(session)
        for months_ago in range(15):
            by = "chen" if months_ago == 14 else "li"
            walk(session, months_ago, by=by, name="North", meter_id="M0001")
        for months_ago in range(2):
            walk(session, months_ago, by="chen", name="South", meter_id="M0002")


def test_a_route_that_was_read_for_long_is_proposed_with_its_evidence(desk: Desk) -> None:
    (proposal,) = desk.get(DOOR)["items"]
    assert (proposal["route"], proposal["reader_id"], proposal["to_id"]) == ("North", "li", "chen")
    assert (proposal["months"], proposal["readings"], proposal["findings"]) == (14, 14, 0)
    assert proposal["since_on"] == "2025-10-16"
    assert proposal["en"] == (
        "li has read North since 2025-10-16 in 14 months: 0 findings in 14 readings. "
        "chen could read it next."
    )
    assert "li 自 2025-10-16 起已抄 North 共 14 个月" in proposal["zh"]


def test_it_changes_nothing(desk: Desk, database: db.Database) -> None:
    def hands() -> list[tuple[str, str | None]]:
        with database.reading() as session:
            return sorted((task.id, task.person_id) for task in session.query(Task))

    before = hands()
    assert desk.get(DOOR) == desk.get(DOOR)
    assert hands() == before


def test_findings_bring_it_on_earlier(desk: Desk, database: db.Database) -> None:
    with database.unit_of_work() as session:
        for months_ago in range(2, 6):
            walk(session, months_ago, by="chen", name="South", meter_id="M0002")
        for months_ago in range(6):
            session.add(finding(f"R-South-{months_ago}"))
    (_, south) = desk.get(DOOR)["items"]
    assert (south["route"], south["months"], south["findings"]) == ("South", 6, 6)
    assert south["to_id"] == "li"


def test_who_has_left_is_not_proposed_and_nobody_may_be_left(
    desk: Desk, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        session.query(Person).filter_by(id="chen").one().left_at = NOW
    (proposal,) = desk.get(DOOR)["items"]
    assert proposal["to_id"] is None
    assert "nobody else" in proposal["en"]


def test_names_come_page_by_page(desk: Desk, sign_in: crews.SignIn) -> None:
    first = desk.get(DOOR, limit=1)
    assert [each["route"] for each in first["items"]] == ["North"]
    second = desk.get(DOOR, limit=1, after=first["next"])
    assert second == {"items": [], "next": None}
    assert desk.sees(f"{DOOR}?after=WzFd") == 422
    assert desk.other(sign_in, Role.INTEGRATION).sees(DOOR) == 403


def finding(reading_id: str) -> Flag:
    return Flag(
        district_id=make.DISTRICT,
        id=f"flag-{reading_id}",
        reading_id=reading_id,
        meter_id="M0002",
        reader_id="chen",
        code="ER14",
        rule_version=1,
        severity="H",
        cim=None,
        inputs={},
        en="equal",
        zh="相等",
        found_at=NOW,
        told=[],
        outcome=None,
    )
