"""Trouble becomes an order that somebody has, at once, whatever is missing."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api.errors import NotFound
from api.repairs import service
from api.sites.service import ground
from api.tasks import service as tasks
from schemas import places, repairs
from schemas.crews import Role
from schemas.rules import placement
from schemas.rules.transitions import State
from schemas.sites import Care
from tests.makers import crews, sites
from tests.makers import repairs as make
from tests.makers import tasks as work

CALL_CENTRE = work.of_office(role=Role.INTEGRATION)
MINUTE = dt.timedelta(minutes=1)


def crew(session: Session, crew_id: str, *, serves: bool = True, **kind: object) -> None:
    area_ids = [make.AREA] if serves else []
    crews.crew(session, crew_id=crew_id, name=crew_id, area_ids=area_ids, **kind)  # type: ignore[arg-type]  # handed on by name


def test_a_report_goes_to_the_least_loaded_crew_of_its_area(session: Session) -> None:
    make.area(session)
    crew(session, "busy")
    crew(session, "idle")
    work.task(session, crew_id="busy")
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert (placed.task.state, placed.task.crew_id) == (State.dispatched, "idle")
    assert (placed.placement.code, placed.placement.area_id) == (placement.Why.area, make.AREA)
    assert (placed.placement.considered, placed.placement.open_tasks) == (2, 0)
    assert placed.placement.en == (
        "idle is on duty in 灵山片区 with the skill low_voltage; of 2 such crews it has the"
        " least to do (0 open)."
    )
    assert "2 个可选班组" in placed.placement.zh
    assert placed.placement.zh in placed.task.why


def test_a_crew_without_the_skill_is_passed_over(session: Session) -> None:
    make.area(session)
    crew(session, "readers", skills=["meter_reading"])
    crew(session, "linemen", serves=False)
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert placed.task.crew_id == "linemen"
    assert placed.placement.code == placement.Why.neighbour
    assert placed.placement.gap == placement.Gap.none_with_skill
    assert "has the skill low_voltage" in placed.placement.en


def test_a_sleeping_area_is_helped_by_the_nearest_neighbour(session: Session) -> None:
    make.area(session)
    for number, area_id in enumerate(("near", "far"), start=1):
        shape = sites.square(north_m=4_000 * number)
        sites.area(session, area_id=area_id, geometry=shape, district_id=work.DISTRICT)
    crews.crew(session, crew_id="asleep", area_ids=[make.AREA], on_duty=False)
    crews.crew(session, crew_id="a-far", area_ids=["far"])
    crews.crew(session, crew_id="near", name="北站班", area_ids=["near"])
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert placed.task.crew_id == "near"
    assert placed.placement.gap == placement.Gap.none_on_duty
    assert placed.placement.distance_m == pytest.approx(3_000, rel=0.01)
    assert placed.placement.en.startswith("No crew of 灵山片区 is on duty; of 2 neighbours")
    assert "北站班最近" in placed.placement.zh


def test_a_crew_is_as_near_as_it_was_last_heard_of(session: Session) -> None:
    make.area(session)
    for crew_id, north_m in (("a-away", 9_000), ("b-close", 1_200)):
        crews.person(session, person_id=f"of-{crew_id}")
        crews.crew(session, crew_id=crew_id, name=crew_id, member_ids=[f"of-{crew_id}"])
        device = crews.device(session, person_id=f"of-{crew_id}")
        device.lat_deg, device.lon_deg = sites.north_east(north_m=north_m)
        device.position_at = work.NOW
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert placed.task.crew_id == "b-close"
    assert placed.placement.distance_m == pytest.approx(1_200, rel=0.01)


def test_the_sentence_tells_a_crew_that_was_lent(session: Session) -> None:
    make.area(session)
    crews.crew(session, crew_id="lent", name="海甸班")
    crews.area(session, crew_id="lent", area_id=make.AREA, reason="flood in the east")
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert placed.placement.en.startswith("海甸班 (lent) is on duty")
    assert placed.placement.zh.startswith("海甸班（借调）")


def test_outside_every_area_it_is_the_duty_offices(session: Session) -> None:
    make.area(session)
    crew(session, "idle")
    away = make.position(north_m=50_000)
    placed = service.report(session, act=CALL_CENTRE, report=make.report(at=away))
    assert (placed.task.state, placed.task.crew_id) == (State.reported, None)
    assert placed.task.site is not None
    assert placed.placement.gap == placement.Gap.outside_areas
    assert placed.placement.zh == "该位置不在任何供电服务区域内：工单由值班室处理。"


def test_nobody_on_duty_leaves_it_with_the_duty_office(session: Session) -> None:
    make.area(session)
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    assert (placed.task.state, placed.placement.gap) == (State.reported, placement.Gap.no_crew)
    assert "duty office has the order" in placed.placement.en


def test_a_report_without_a_place_is_not_lost(session: Session) -> None:
    make.area(session)
    crew(session, "idle")
    told = repairs.Report(key="k", description="sparks somewhere near the market")
    placed = service.report(session, act=CALL_CENTRE, report=told)
    assert (placed.task.state, placed.task.site) == (State.reported, None)
    assert placed.placement.en.startswith("The report names no place")


def test_a_key_opens_one_order(session: Session) -> None:
    make.area(session)
    crew(session, "idle")
    first = service.report(session, act=CALL_CENTRE, report=make.report())
    again = service.report(session, act=CALL_CENTRE, report=make.report())
    assert (first.again, again.again) == (False, True)
    assert again.task == first.task
    assert again.placement == first.placement
    assert tasks.count_open_by_crew(session, district_id=work.DISTRICT) == {"idle": 1}


def test_another_reporters_key_is_another_report(session: Session) -> None:
    make.area(session)
    first = service.report(session, act=CALL_CENTRE, report=make.report())
    office = work.of_office(role=Role.DISPATCHER)
    second = service.report(session, act=office, report=make.report())
    assert first.task.id != second.task.id


def test_new_words_under_an_old_key_are_kept_on_the_timeline(session: Session) -> None:
    make.area(session)
    first = service.report(session, act=CALL_CENTRE, report=make.report())
    more = make.report(description="整栋楼没电，有焦味")
    again = service.report(session, act=CALL_CENTRE, report=more)
    assert again.task.id == first.task.id
    moments = tasks.list_moments(
        session, district_id=work.DISTRICT, task_id=first.task.id, after_number=0, limit=10
    )
    told = moments[-1].detail["reported_again"]
    assert isinstance(told, dict)
    assert told["description"] == "整栋楼没电，有焦味"


def test_clocks_run_from_the_report_not_from_its_receipt(session: Session) -> None:
    make.area(session)
    crew(session, "idle")
    told = make.report(reported_at=work.NOW - 10 * MINUTE)
    placed = service.report(session, act=CALL_CENTRE, report=told)
    due = {clock.kind: clock.due_at for clock in placed.task.clocks}
    assert due["arrive"] == work.NOW + 35 * MINUTE
    assert placed.task.opened_at == work.NOW - 10 * MINUTE
    assert placed.task.state_at == work.NOW


@pytest.mark.parametrize("off", [6 * MINUTE, -31 * dt.timedelta(days=1)])
def test_a_report_from_the_future_or_the_past_is_refused(
    session: Session, off: dt.timedelta
) -> None:
    make.area(session)
    told = make.report(reported_at=work.NOW + off)
    with pytest.raises(service.ReportedAtOdd):
        service.report(session, act=CALL_CENTRE, report=told)


def test_a_clock_that_is_a_little_fast_is_forgiven(session: Session) -> None:
    make.area(session)
    told = make.report(reported_at=work.NOW + 4 * MINUTE)
    placed = service.report(session, act=CALL_CENTRE, report=told)
    assert placed.task.opened_at == work.NOW


def test_a_service_point_lends_its_place_and_its_people(session: Session) -> None:
    make.area(session)
    sites.service_point(session, access_note="狗", district_id=work.DISTRICT)
    told = make.report(service_point_id="P0001")
    placed = service.report(session, act=CALL_CENTRE, report=told)
    assert placed.task.site is not None
    assert placed.task.site.access_note == "狗"
    assert placed.task.contact == "王秀英 +86 898 5555 0101"
    assert (placed.task.area_id, placed.task.care) == (make.AREA, False)


@pytest.mark.parametrize(
    ("care", "urgency"), [(Care.ELDERLY, 2), (Care.DISABLED, 2), (Care.LIFE_SUPPORT, 1)]
)
def test_care_raises_the_urgency(session: Session, care: Care, urgency: int) -> None:
    make.area(session)
    sites.service_point(session, care=care, district_id=work.DISTRICT)
    told = make.report(service_point_id="P0001")
    placed = service.report(session, act=CALL_CENTRE, report=told)
    assert (placed.task.urgency, placed.task.care) == (urgency, True)


def test_an_unknown_service_point_is_not_found(session: Session) -> None:
    make.area(session)
    with pytest.raises(NotFound):
        service.report(session, act=CALL_CENTRE, report=make.report(service_point_id="none"))


def test_a_position_that_no_device_has_is_refused(session: Session) -> None:
    make.area(session)
    nowhere = places.Position(lat_deg=0, lon_deg=0)
    with pytest.raises(ground.OddPosition):
        service.report(session, act=CALL_CENTRE, report=make.report(at=nowhere))


def test_the_reporter_can_ask_what_became_of_it(session: Session) -> None:
    make.area(session)
    placed = service.report(session, act=CALL_CENTRE, report=make.report())
    known = service.get_report(session, act=CALL_CENTRE, key="hotline-1")
    assert known.task == placed.task
    other = dataclasses.replace(CALL_CENTRE.principal, person_id="portal")
    with pytest.raises(NotFound):
        service.get_report(session, act=CALL_CENTRE._replace(principal=other), key="hotline-1")


def test_restored_stops_the_clock_when_it_happened(session: Session) -> None:
    task = work.task(session, state=State.working)
    at = work.NOW + 90 * MINUTE
    crew_act = work.of_crew(at=at, received_at=at + 60 * MINUTE)
    body = repairs.Restored(note="fuse replaced")
    assert service.restored(session, act=crew_act, subject_id=task.id, body=body) is None
    stopped = {clock.kind: clock.stopped_at for clock in task.task_clocks}
    assert (task.state, stopped["restore"]) == (State.restored, at)


def test_nothing_is_restored_before_an_arrival(session: Session) -> None:
    task = work.task(session)
    with pytest.raises(tasks.IllegalMove):
        service.restored(session, act=work.of_crew(), subject_id=task.id, body=repairs.Restored())
