"""What a crew cannot meet is seen before it is late, said with its numbers, and said once."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api.crews.models import Device
from api.promises import service as promises_service
from api.promises.models import Clock
from api.tasks import jobs, service
from schemas import tasks as shapes
from schemas.promises import Standing
from schemas.rules import datums
from schemas.rules.clocks import State as ClockState
from schemas.rules.transitions import State
from tests.makers import crews, promises, sites
from tests.makers import tasks as make

minute = promises.minute


def site(*, north_deg: float = 0.0) -> shapes.WorkSite:
    return shapes.WorkSite(
        geometry={"type": "Point", "coordinates": [sites.LON_DEG, sites.LAT_DEG + north_deg]},
        datum=datums.Datum.wgs84,
        radius_m=50,
    )


@pytest.fixture(autouse=True)
def near(session: Session) -> None:
    """Let crew 1 stand in the middle of the district."""
    make.district(session)
    place(session, "crew-1", "li")


def place(session: Session, crew_id: str, person_id: str, *, north_deg: float = 0.0) -> None:
    crews.device(session, person_id=person_id, device_id=f"phone-{crew_id}")
    session.flush()
    device = session.get_one(Device, f"phone-{crew_id}")
    device.lat_deg, device.lon_deg = sites.LAT_DEG + north_deg, sites.LON_DEG
    device.position_at = minute(0)


def look(session: Session, *, at: dt.datetime) -> int:
    return jobs.foresee(session, act=promises.job(at=at))["warned"]


def arrival(session: Session, task_id: str) -> Clock:
    return promises.clock(session, task_id, kind="arrive")


def at_risk(session: Session) -> set[str]:
    wanted = promises_service.Wanted(standing=Standing.at_risk)
    listed = promises_service.list_clocks(
        session, act=promises.job(at=minute(1)), wanted=wanted, after=None, limit=100
    )
    return {clock.subject_id for clock in listed if clock.kind == "arrive"}


def test_what_can_be_met_is_not_warned_of(session: Session) -> None:
    make.task(session, task_id="near", on_site=site(north_deg=0.02))
    assert look(session, at=minute(1)) == 0
    assert at_risk(session) == set()


def test_a_way_that_is_too_long_is_said_with_its_numbers(session: Session) -> None:
    make.task(session, task_id="far", on_site=site(north_deg=0.2))
    assert look(session, at=minute(1)) == 1

    clock = arrival(session, "far")
    assert clock.state == ClockState.running, "its time has hardly begun"
    assert at_risk(session) == {"far"}
    assert "22.1 km in a straight line, times 1.4 at 30 km/h (1 h 1 min)" in clock.risk_en
    assert "直线 22.1 公里" in clock.risk_zh
    assert promises.causes(session, clock)[-1] == "cannot_be_met"


def test_the_work_before_it_counts(session: Session) -> None:
    make.task(session, task_id="first", state=State.working, on_site=site())
    make.task(session, task_id="second", on_site=site(), urgency=2)
    make.task(session, task_id="third", on_site=site())
    assert look(session, at=minute(1)) == 1
    assert "2 orders come before it (1 h 19 min)" in arrival(session, "third").risk_en
    assert at_risk(session) == {"third"}


def test_it_is_said_once(session: Session) -> None:
    make.task(session, task_id="far", on_site=site(north_deg=0.2))
    assert look(session, at=minute(1)) == 1
    assert look(session, at=minute(6)) == 0
    assert promises.causes(session, arrival(session, "far")).count("cannot_be_met") == 1


def test_other_hands_are_foreseen_afresh(session: Session) -> None:
    task = make.task(session, task_id="far", on_site=site(north_deg=0.2))
    place(session, "crew-2", "chen", north_deg=0.2)
    assert look(session, at=minute(1)) == 1
    office = make.of_office(at=minute(2))
    service.reassign(
        session, act=office, task=task, crew_id="crew-2", person_id=None, why=make.REASON
    )
    session.flush()
    assert arrival(session, "far").risk_at is None
    assert look(session, at=minute(6)) == 0
    assert at_risk(session) == set()


def test_nobody_knows_the_way_of_a_crew_that_was_never_heard(session: Session) -> None:
    make.task(session, task_id="far", on_site=site(north_deg=0.2), crew_id="crew-2")
    assert look(session, at=minute(1)) == 0


def test_what_waits_or_is_done_is_nothing_to_foresee(session: Session) -> None:
    task = make.task(session, task_id="far", on_site=site(north_deg=0.2))
    act = make.of_crew(at=minute(1))
    service.accept(session, act=act, subject_id="far", body=shapes.Accepted())
    body = shapes.Suspended(reason="gate locked, key with the owner")
    service.suspend(session, act=act, subject_id="far", body=body)
    assert task.state == State.suspended
    session.flush()
    assert look(session, at=minute(2)) == 0
