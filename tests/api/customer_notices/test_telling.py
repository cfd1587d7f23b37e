"""Each kind of notice, through the doors: told once, in the customer's words, by a real gateway."""

from __future__ import annotations

import datetime as dt

import flask.testing
import pytest

from api import acts, db
from api.crews.models import Device
from api.customer_promises import jobs
from api.promises.models import DistrictPolicy
from schemas.crews import Role
from tests.api.customer_notices.conftest import NUMBER, Town
from tests.makers import crews, sites, sms
from tests.makers import tasks as work
from tests.makers.customer_promises import anew, hour, made

TUESDAY = 24.5
"""Hours from Monday 08:00 to Tuesday 08:30, where a slot begins."""
HERE = {"fix": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 5, "age_s": 1}}
SLOT = {
    "crew_id": "crew-1",
    "from_at": hour(TUESDAY),
    "customer": "Li Hua",
    "contact": "139 0000 0000",
    "words": "The crew comes on Tuesday morning.",
}


def test_a_report_is_confirmed_with_its_promise(town: Town) -> None:
    task_id = town.report()
    town.at(0.01)
    said = (
        f"您的报修（编号{task_id[-8:]}）已受理。"
        "抢修人员将于11月23日08:45前到达现场。咨询请拨95598。"
    )
    assert town.gateway.texts == [(NUMBER, said)]
    (notice,) = town.notices(task_id=task_id)
    assert (notice["state"], notice["words"], notice["channel"]) == ("sent", said, "message")


def test_a_report_heard_twice_is_confirmed_once(town: Town) -> None:
    first = town.report(key="hotline-7")
    town.desk.post(
        "/v1/repairs",
        {"key": "hotline-7", "description": "again", "contact": "139 0000 0000"}
        | {"position": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG}},
    )
    town.at(0.01)
    assert len(town.gateway.taken) == 1
    assert [each["subject_id"] for each in town.notices()] == [first]


def test_who_waits_hears_that_the_crew_comes_and_when(town: Town, database: db.Database) -> None:
    with database.unit_of_work() as session:
        device = session.get_one(Device, "device-li")
        device.lat_deg, device.lon_deg = sites.LAT_DEG + 0.09, sites.LON_DEG
        device.position_at = work.NOW
    town.phone.sync(town.phone.operation("task.accept", "t1"))
    town.phone.sync(town.phone.operation("task.set_out", "t1"))
    town.at(0.01)
    ((_, said),) = town.gateway.texts
    assert (
        said == "抢修人员已出发前往处理您的报修（编号t1），预计11月23日08:28前到达。咨询请拨95598。"
    )


def test_restored_is_told_once_and_ends_what_it_makes_pointless(town: Town) -> None:
    town.gateway.down = True
    town.phone.sync(town.phone.operation("task.set_out", "t1"))
    town.at(0.01)
    town.phone.sync(town.phone.operation("checkin.record", "t1", HERE))
    town.phone.sync(town.phone.operation("repair.restored", "t1"))
    town.gateway.down = False
    town.at(0.5)
    town.at(1)
    assert town.states() == [("on_the_way", "dropped"), ("restored", "sent")]
    ((_, said),) = town.gateway.texts
    assert said == "您报修（编号t1）的故障已于11月23日08:00恢复供电。如仍无电，请拨95598。"
    (dropped,) = town.notices(state="dropped")
    assert dropped["why"] == "overtaken"


def test_everybody_who_was_told_of_an_order_hears_that_it_is_over(town: Town) -> None:
    town.desk.post(
        "/v1/customer-promises",
        made(task_id="t1", contact="13800000000", customer="Wu", aim="restore"),
        status=201,
    )
    town.at(0.1)
    town.phone.sync(town.phone.operation("checkin.record", "t1", HERE))
    town.phone.sync(town.phone.operation("repair.restored", "t1"))
    town.at(0.2)
    told = [(each["kind"], each["number"]) for each in town.notices()]
    assert told == [
        ("promise_made", "+8613800000000"),
        ("restored", NUMBER),
        ("restored", "+8613800000000"),
    ]


def test_a_promise_is_told_in_its_window_and_words(town: Town) -> None:
    town.desk.give(task_id="t1", opens=2, ends=4)
    town.at(0.01)
    ((_, said),) = town.gateway.texts
    assert said == (
        "我们已向您承诺：11月23日10:00至12:00，We come back with the crane。咨询请拨95598。"
    )


def test_another_window_is_told_in_place_of_the_first(town: Town) -> None:
    promise = town.desk.give(task_id="t1", ends=4)
    town.desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=8))
    town.at(0.01)
    assert town.states() == [("promise_made", "dropped"), ("promise_reagreed", "sent")]
    ((_, said),) = town.gateway.texts
    assert said.startswith("已与您重新约定：11月23日16:00前，In the evening。")


def test_a_promise_that_is_taken_back_is_told_no_more(town: Town) -> None:
    promise = town.desk.give(task_id="t1", ends=4)
    town.desk.post(
        f"/v1/customer-promises/{promise['id']}/withdraw", {"why": "the neighbour has a key"}
    )
    town.at(0.01)
    assert town.states() == [("promise_made", "dropped")]
    assert not town.gateway.taken


def test_an_order_that_is_called_off_is_told_no_more(town: Town) -> None:
    town.gateway.down = True
    town.phone.sync(town.phone.operation("task.set_out", "t1"))
    town.at(0.01)
    town.desk.post("/v1/tasks/t1/cancel", {"reason": "reported twice, see order t2"})
    town.gateway.down = False
    town.at(0.5)
    assert town.states() == [("on_the_way", "dropped")]
    assert not town.gateway.taken


def test_an_appointment_is_confirmed_and_its_customer_reminded(town: Town) -> None:
    town.desk.post("/v1/appointments", {**SLOT, "from_at": hour(TUESDAY + 24)}, status=201)
    town.at(0.01)
    assert [text for _, text in town.gateway.texts] == [
        "您的预约时间为11月25日08:30至10:30，The crew comes on Tuesday morning。如需改期请拨95598。"
    ]
    town.local(24, "17:59")
    assert len(town.gateway.taken) == 1
    town.local(24, "18:00")
    assert town.gateway.texts[1][1].startswith("温馨提示：我们将于11月25日08:30至10:30上门。")


def test_an_appointment_that_is_moved_or_cancelled_reminds_of_nothing_else(town: Town) -> None:
    booked = town.desk.post("/v1/appointments", {**SLOT, "from_at": hour(TUESDAY + 24)}, status=201)
    moved = {
        "crew_id": "crew-1",
        "from_at": hour(TUESDAY + 48),
        "words": "On Thursday instead.",
        "consent": {"name": "Li Hua", "how": "spoken"},
        "why": "the customer is at the hospital",
    }
    town.at(0.01)
    town.desk.post(f"/v1/appointments/{booked['id']}/move", moved)
    town.at(1)
    town.local(24, "18:00")
    assert town.states(state="sent") == [
        ("appointment_booked", "sent"),
        ("appointment_moved", "sent"),
    ]
    cancel = {"why": "the customer moved away"}
    town.desk.post(f"/v1/appointments/{booked['id']}/cancel", cancel)
    town.local(24, "19:00")
    town.local(25, "18:00")
    assert town.states()[-1] == ("appointment_cancelled", "sent")
    assert [kind for kind, state in town.states() if state == "dropped"] == [
        "appointment_tomorrow",
        "appointment_tomorrow",
    ]


def test_a_request_is_confirmed_and_its_answer_told(town: Town) -> None:
    request = town.desk.post(
        "/v1/requests",
        {
            "key": "95598-1",
            "kind": "reading_dispute",
            "description": "The bill is twice as high.",
            "customer": "Wu Gang",
            "contact": "+86 139-0000-0000",
        },
        status=201,
    )
    town.at(0.01)
    ((_, said),) = town.gateway.texts
    assert "已受理，将于" in said
    body = {"words": "The meter was read anew: 18231 kWh."}
    town.desk.post(f"/v1/requests/{request['id']}/answer", body)
    town.at(1)
    assert town.states() == [("request_taken", "sent"), ("request_answered", "sent")]


def test_a_set_that_says_nothing_of_it_tells_nobody(town: Town, database: db.Database) -> None:
    with database.unit_of_work() as session:
        session.query(DistrictPolicy).update({"policy": "sgcc-2022"})
    town.report()
    town.desk.give(task_id="t1", ends=4)
    town.at(0.5)
    assert town.notices() == []


@pytest.mark.parametrize("contact", ["", "0898 6888 0000", "ask at the gate"])
def test_whom_no_message_reaches_is_told_by_telephone(town: Town, contact: str) -> None:
    town.desk.give(contact=contact, ends=4)
    town.at(0.01)
    (notice,) = town.notices(state="by_telephone")
    assert (notice["why"], notice["customer"], notice["number"]) == ("no_number", "Li Hua", "")
    path = f"/v1/customer-notices/{notice['id']}/told"
    told = town.desk.post(path, {"words": "Between ten and twelve, she knows."})
    assert (told["state"], told["channel"], told["remark"]) == (
        "told",
        "phone",
        "Between ten and twelve, she knows.",
    )
    assert town.notices(state="by_telephone") == []
    again = town.desk.post(path, {"words": "Again."}, status=409)
    assert again["code"] == "customer-notice-ended"
    town.desk.post("/v1/customer-notices/nobody/told", {"words": "Hello."}, status=404)


def test_an_order_without_a_customer_tells_nobody(town: Town) -> None:
    town.report(contact="")
    town.at(0.01)
    assert town.notices() == []


def test_the_gateway_is_told_our_id_and_nothing_is_said_of_its_secret(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    town.gateway.answers.append((200, b'{"result": {"code": 1005}}'))
    town.desk.give(task_id="t1", ends=4)
    town.at(0)
    (waiting,) = town.desk.get("/v1/notices")["items"]
    assert (waiting["state"], waiting["why"]) == (
        "waiting",
        "the gateway answered result.code=1005",
    )
    assert (waiting["number"], waiting["kind"]) == ("+86139******00", "customer")
    town.at(0.1)
    (taken,), (headers,) = town.gateway.taken, town.gateway.headers
    assert taken["msgId"] == headers["idempotency-key"] == waiting["id"]
    assert (taken["from"], headers["authorization"]) == ("LAMP", sms.SECRET)
    said = "".join(capfd.readouterr())
    assert sms.SECRET not in said
    assert "13900000000" not in said


def test_one_that_the_gateway_refuses_is_told_by_telephone(town: Town) -> None:
    town.gateway.answers.append((200, b'{"result": {"code": 2001, "blacklisted": true}}'))
    town.desk.give(task_id="t1", ends=4)
    town.at(0.01)
    (notice,) = town.notices()
    assert (notice["state"], notice["why"]) == ("by_telephone", "refused")
    assert notice["remark"] == "the gateway answered result.code=2001"
    (dead,) = town.desk.get("/v1/notices", state="dead")["items"]
    assert dead["number"] == "+86139******00"
    assert dt.datetime.fromisoformat(dead["ended_at"]) >= town.clock.now()


def test_a_refused_one_that_a_person_has_tried_again_is_sent_here_as_well(
    town: Town, client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    town.gateway.answers.append((400, b""))
    town.desk.give(task_id="t1", ends=4)
    town.at(0.01)
    (dead,) = town.desk.get("/v1/notices", state="dead")["items"]
    lead = sign_in(Role.SUPERVISOR, person_id="boss")
    assert client.post(f"/v1/notices/{dead['id']}/retry", headers=lead).status_code == 200
    town.at(0.1)
    town.at(0.2)
    assert town.states() == [("promise_made", "sent")]
    assert len(town.gateway.taken) == 1


def test_what_waits_is_not_told_by_a_set_that_tells_nobody_any_more(
    town: Town, database: db.Database
) -> None:
    town.at(15)
    town.desk.give(task_id="t1", ends=40)
    with database.unit_of_work() as session:
        session.query(DistrictPolicy).update({"policy": "sgcc-2022"})
    town.at(23.5)
    (notice,) = town.notices()
    assert (notice["state"], notice["why"]) == ("dropped", "turned_off")
    assert not town.gateway.taken


def test_what_customers_were_told_is_forgotten_after_a_month(
    town: Town, database: db.Database
) -> None:
    town.desk.give(task_id="t1", ends=4)
    town.at(0.1)
    for days, left in ((29, 1), (31, 0)):
        act = acts.system(
            district_id=work.DISTRICT, now=work.NOW + dt.timedelta(days=days), job="forget"
        )
        with database.unit_of_work() as session:
            jobs.forget(session, act=act)
        assert len(town.notices()) == left
