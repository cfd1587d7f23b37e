"""The customer is told first: of danger, before the promise is due, and it stands on record."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec

from api import acts, db
from api.crews.models import Device
from api.customer_notices import service
from api.customer_promises import jobs
from schemas.customer_notices import CustomerNoticeKind
from schemas.rules.transitions import State
from tests.api.customer_notices.conftest import CONTACT, NUMBER, Json, Town
from tests.makers import sites
from tests.makers import tasks as work
from tests.makers.customer_promises import anew

WORKERS = 4
FAR_DEG = 0.45
"""50 km north: at 30 km/h by winding roads, two hours and twenty minutes away."""
HERE = {"fix": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 5, "age_s": 1}}


def far_order(town: Town) -> Json:
    """Promise the customer of an order far away that somebody comes within two hours."""
    far = {"type": "Point", "coordinates": [sites.LON_DEG, sites.LAT_DEG + FAR_DEG]}
    with town.database.unit_of_work() as session:
        device = session.get_one(Device, "device-li")
        device.lat_deg, device.lon_deg, device.position_at = sites.LAT_DEG, sites.LON_DEG, work.NOW
        there = msgspec.structs.replace(work.site(), geometry=far)
        work.task(session, task_id="far", state=State.accepted, on_site=there, area_class="remote")
    return town.desk.give(task_id="far", ends=2)


def dangers(town: Town) -> list[Json]:
    """List what was told of the danger of promises that somebody gave."""
    told = [each for each in town.notices() if each["kind"] == "promise_at_risk"]
    return [each for each in told if each["promise_id"]]


def test_a_danger_that_is_foreseen_is_told_at_once_and_stands_on_record(town: Town) -> None:
    promise = far_order(town)
    town.at(0.1)
    (notice,) = dangers(town)
    assert notice["state"] == "sent"
    assert (NUMBER, notice["words"]) in town.gateway.texts
    assert notice["words"].startswith("非常抱歉，原承诺的到达现场时间（11月23日10:00前）可能延迟")
    shown = town.desk.get(f"/v1/customer-promises/{promise['id']}")
    assert shown["told_before_due"]
    (telling,) = shown["tellings"]
    assert (telling["notice_id"], telling["channel"], telling["before_due"]) == (
        notice["id"],
        "message",
        True,
    )
    assert telling["at"] == notice["told_at"]
    assert town.desk.ledger(shown).count("told") == 1


def test_what_was_told_before_due_is_counted(town: Town) -> None:
    promise = far_order(town)
    town.at(0.1)
    for hours in (2.2, 6.5):
        town.at(hours)
    assert town.desk.endings(promise["id"]) == ["broken"]
    shown = town.desk.get(
        "/v1/figures/told_before_due", first_day="2026-11-23", last_day="2026-11-23"
    )
    assert (shown["whole"]["numerator"], shown["whole"]["denominator"]) == (1, 1)


def test_a_promise_near_its_end_is_told_without_any_outlook(town: Town) -> None:
    town.desk.give(ends=5)
    town.at(3.9)
    assert dangers(town) == []
    town.at(4)
    (notice,) = dangers(town)
    assert (notice["state"], notice["customer"]) == ("sent", "Li Hua")
    town.at(4.5)
    assert len(dangers(town)) == 1


def test_a_danger_that_is_over_before_it_went_out_is_not_told(town: Town) -> None:
    promise = town.desk.give(task_id="t1", ends=5)
    town.gateway.down = True
    town.at(4)
    assert [each["state"] for each in dangers(town)] == ["handed"]
    town.phone.sync(town.phone.operation("checkin.record", "t1", HERE))
    town.gateway.down = False
    town.at(4.3)
    town.at(4.6)
    (notice,) = dangers(town)
    assert (notice["state"], notice["why"]) == ("dropped", "overtaken")
    assert not town.desk.get(f"/v1/customer-promises/{promise['id']}")["told_before_due"]


def test_who_heard_it_from_the_office_is_not_told_again(town: Town) -> None:
    promise = town.desk.give(ends=5)
    path = f"/v1/customer-promises/{promise['id']}"
    told = {"customer": "Li Hua", "words": "The road is flooded."}
    town.desk.post(f"{path}/tellings", told, status=201)
    town.at(4.2)
    assert dangers(town) == []


def test_a_danger_by_telephone_stands_on_record_as_well(town: Town) -> None:
    promise = town.desk.give(contact="", ends=5)
    town.at(4)
    (notice,) = dangers(town)
    assert (notice["state"], notice["why"]) == ("by_telephone", "no_number")
    path = f"/v1/customer-notices/{notice['id']}/told"
    town.desk.post(path, {"words": "The crane is late, he knows."})
    town.at(4.1)
    shown = town.desk.get(f"/v1/customer-promises/{promise['id']}")
    (telling,) = shown["tellings"]
    (told,) = town.notices(state="told")
    assert telling["by"] == told["told_by"]
    assert (telling["channel"], telling["before_due"]) == ("phone", True)


def test_another_window_that_was_agreed_on_ends_the_danger_of_the_first(town: Town) -> None:
    promise = far_order(town)
    town.gateway.down = True
    town.at(0.1)
    town.desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=8))
    town.gateway.down = False
    town.at(1)
    assert [each["state"] for each in dangers(town)] == ["dropped"]
    assert ("promise_reagreed", "sent") in town.states()


def down_for_a_day(town: Town, *, until: float) -> None:
    """Promise three visits on a Monday morning while the gateway answers nothing."""
    town.gateway.down = True
    for number in range(3):
        town.at(number / 10)
        town.desk.give(ends=60 + number, words=f"Visit {number}.")
    for hours in (1, 4, 13.9, 14, 22, until):
        town.at(hours)
    assert not town.gateway.taken
    town.gateway.down = False


def test_a_gateway_that_comes_back_gets_each_of_them_once_and_in_order(town: Town) -> None:
    down_for_a_day(town, until=23)
    for hours in (23.1, 23.2, 23.4):
        town.at(hours)
    assert [text[21:28] for _, text in town.gateway.texts] == ["Visit 0", "Visit 1", "Visit 2"]
    assert [state for _, state in town.states()] == ["sent"] * 3


def test_what_a_gateway_did_not_take_in_time_is_told_by_telephone(town: Town) -> None:
    down_for_a_day(town, until=23.5)
    for hours in (24.4, 25.5):
        town.at(hours)
    assert not town.gateway.taken
    assert [each["why"] for each in town.notices(state="by_telephone")] == ["not_in_time"] * 3


def test_four_workers_tell_a_customer_once(town: Town, database: db.Database) -> None:
    start = threading.Barrier(WORKERS)
    event = service.Event(
        kind=CustomerNoticeKind.RESTORED,
        cause="restored:t1",
        subject_id="t1",
        at=work.NOW,
        contact=CONTACT,
    )

    def tell(_: int) -> None:
        start.wait()
        with database.unit_of_work() as session:
            service.tell(session, act=work.of_office(), event=event)
        act = acts.system(district_id=work.DISTRICT, now=work.NOW, job="tell_customers")
        for _ in range(3):
            with database.unit_of_work() as session:
                jobs.inform(session, act=act, settings=town.settings)
            town.send(act)

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(tell, range(WORKERS)))
    town.at(0.1)
    assert town.states() == [("restored", "sent")]
    assert len(town.gateway.taken) == 1


def test_without_a_gateway_it_shows_what_would_be_sent(town: Town) -> None:
    gateway = town.settings
    town.settings = dataclasses.replace(town.settings, sms_url="")
    town.desk.give(ends=4)
    town.at(0.1)
    (notice,) = town.notices()
    assert (notice["state"], notice["why"]) == ("no_gateway", "no_gateway")
    assert town.desk.get("/v1/notices")["items"] == []
    town.settings = gateway
    town.at(0.3)
    assert town.states() == [("promise_made", "sent")]
