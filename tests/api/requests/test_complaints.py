from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from api import db
from api.promises import service as promises
from api.requests.models import RequestEvent
from api.requests.service import taxonomy
from schemas.crews import Role
from schemas.rules.requests import Kind
from tests.conftest import NOW, HandClock
from tests.makers import crews, supervision
from tests.makers import promises as clocks
from tests.makers.supervision import Desk, minute, pass_time

COMPLAINT = {
    "key": "95598-1",
    "kind": "complaint",
    "item": "voltage",
    "description": "晚上七点后电压只有 180 伏",
    "customer": "王芳",
}
SAID = "she is at home at six, the voltage is measured then"
DONE = "tap of the transformer raised, 221 V at eight in the evening"
CAUSE = "the lamps still flicker when the pump starts"


def complain(office: Desk, **changed: object) -> str:
    """Complain and give the request's id."""
    return str(office.done("/v1/requests", **COMPLAINT | changed)["id"])


def state(office: Desk, request_id: str) -> str:
    return str(office.get(f"/v1/requests/{request_id}")["state"])


def test_the_taxonomy_has_five_classes_and_24_items_each_with_a_post() -> None:
    (known,) = taxonomy.list_taxonomies()
    assert (len(known.classes), len(known.items)) == (5, 24)
    assert {item.post for item in known.items} <= known.posts.keys()
    assert known.source
    assert known.default


def test_a_complaint_lands_with_who_holds_the_post_and_says_why(office: Desk) -> None:
    opened = office.done("/v1/requests", **COMPLAINT)
    assert (opened["state"], opened["person_id"], opened["post"]) == (
        "dispatched",
        "wang",
        "operations",
    )
    assert opened["why"]["zh"] == "d1的“运行管理”岗位由王强负责。"
    assert (opened["taxonomy"], opened["unit_id"], opened["turn"]) == ("95598-5-24", "d1", 1)
    due = {clock["kind"]: (clock["due_at"], clock["stopped_at"]) for clock in opened["clocks"]}
    at = [NOW + dt.timedelta(minutes=20), NOW, NOW + dt.timedelta(hours=24)]
    written = [moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for moment in at]
    assert due == {
        "complaint_dispatch": (written[0], written[1]),
        "complaint_contact": (written[2], None),
        "complaint_resolve": ("2026-11-27T15:59:59.000000Z", None),
    }


def test_what_nobody_answers_for_waits_and_its_clock_runs(
    office: Desk, database: db.Database, sign_in: crews.SignIn
) -> None:
    opened = office.done("/v1/requests", **COMPLAINT | {"item": "tariff"})
    assert (opened["state"], opened["person_id"]) == ("reported", None)
    assert "Nobody holds the post “Billing” of d1" in opened["why"]["en"]
    assert [each["id"] for each in office.get("/v1/requests", unassigned="true")["items"]] == [
        opened["id"]
    ]
    pass_time(database, 21)
    (case,) = office.get("/v1/supervision", subject_id=opened["id"])["items"]
    assert case["kind"] == "complaint_dispatch"
    given = office.done(
        f"/v1/requests/{opened['id']}/give", person_id="wang", reason="she worked in billing before"
    )
    assert (given["state"], given["person_id"]) == ("dispatched", "wang")


def test_the_duty_office_answers_for_what_nobody_else_does(
    office: Desk, sign_in: crews.SignIn
) -> None:
    boss = office.other(sign_in, Role.ADMINISTRATOR)
    boss.put("/v1/units/d1/posts/duty", person_id="li")
    opened = office.done("/v1/requests", **COMPLAINT | {"item": "tariff"})
    assert opened["person_id"] == "li"
    assert "值班室" in opened["why"]["zh"]


def test_a_complaint_goes_its_course_and_is_archived_after_the_call_back(
    office: Desk, clock: HandClock
) -> None:
    request_id = complain(office)
    path = f"/v1/requests/{request_id}"
    assert office.refused(f"{path}/answer", words=DONE) == (409, "request-not-possible")
    clock.set(minute(60))
    office.done(f"{path}/contact", words=SAID, at=minute(50).isoformat())
    clock.set(minute(600))
    office.done(f"{path}/answer", words=DONE)
    assert office.refused(f"{path}/archive") == (409, "request-not-called-back")
    office.done(f"{path}/call-back", result="satisfied")
    archived = office.done(f"{path}/archive")

    assert archived["state"] == "archived"
    kept = {clock["kind"]: clock["stopped_at"] for clock in archived["clocks"]}
    assert kept["complaint_contact"] == "2026-11-23T00:50:00.000000Z"
    assert None not in kept.values()
    assert set(kept) == {
        "complaint_dispatch",
        "complaint_contact",
        "complaint_resolve",
        "complaint_survey",
    }
    told = [each["event"] for each in office.get(f"{path}/timeline")["items"]]
    assert told == [
        "report",
        "dispatch",
        "contact",
        "answer",
        "call_back",
        "archive",
    ]
    assert office.get("/v1/requests")["items"] == []
    (settled,) = office.get("/v1/requests", settled="true")["items"]
    assert settled["id"] == request_id
    assert office.refused(f"{path}/withdraw", reason=CAUSE) == (409, "request-not-possible")


def test_a_dissatisfied_customer_brings_it_back_one_unit_up(
    office: Desk, clock: HandClock, database: db.Database
) -> None:
    path = f"/v1/requests/{complain(office)}"
    clock.set(minute(10))
    office.done(f"{path}/contact", words=SAID)
    office.done(f"{path}/answer", words=DONE)
    clock.set(minute(20))
    vague = office.refused(f"{path}/call-back", result="dissatisfied", cause="忙")
    assert vague == (422, "reason-not-concrete")
    again = office.done(f"{path}/call-back", result="dissatisfied", cause=CAUSE)

    where = (again["state"], again["unit_id"], again["person_id"])
    assert where == ("dispatched", "haikou", "zhao")
    assert (again["turn"], again["answer"], again["cause"]) == (2, "", CAUSE)
    assert {each["kind"] for each in again["clocks"]} == {
        "complaint_dispatch",
        "complaint_contact",
        "complaint_resolve",
    }
    pass_time(database, 20 + 24 * 60 + 1)
    (case,) = office.get("/v1/supervision", subject_id=again["id"])["items"]
    assert (case["kind"], case["level"], case["person_id"]) == ("complaint_contact", "city", "zhao")


def test_an_order_of_things_that_cannot_be_is_refused(office: Desk, clock: HandClock) -> None:
    path = f"/v1/requests/{complain(office)}"
    clock.set(minute(10))
    early = (minute(0) - dt.timedelta(seconds=1)).isoformat()
    assert office.refused(f"{path}/contact", words=SAID, at=early) == (422, "told-at-odd")
    late = minute(11).isoformat()
    assert office.refused(f"{path}/contact", words=SAID, at=late) == (422, "told-at-odd")
    assert office.refused(f"{path}/contact", words="忙") == (422, "reason-not-concrete")
    assert office.refused(f"{path}/call-back", result="satisfied")[1] == "request-not-possible"
    assert office.refused("/v1/requests/none/contact", words=SAID) == (404, "not-found")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"item": None}, (422, "item-needed")),
        ({"kind": "meter_test"}, (422, "item-needed")),
        ({"item": "weather"}, (422, "unknown-item")),
        ({"meter_id": "none"}, (404, "not-found")),
        ({"service_point_id": "none"}, (404, "not-found")),
        ({"task_id": "none"}, (404, "not-found")),
        ({"asked_at": "2026-11-24T00:00:00Z"}, (422, "asked-at-odd")),
        ({"asked_at": "2025-11-24T00:00:00Z"}, (422, "asked-at-odd")),
    ],
)
def test_what_cannot_be_asked_is_refused(
    office: Desk, changed: dict[str, object], refusal: tuple[int, str]
) -> None:
    assert office.refused("/v1/requests", **COMPLAINT | changed) == refusal


def test_the_same_key_opens_one_request(office: Desk) -> None:
    first = office.post("/v1/requests", **COMPLAINT)
    again = office.post("/v1/requests", **COMPLAINT)
    assert (first[0], again[0], again[1]["again"]) == (201, 200, True)
    assert first[1]["id"] == again[1]["id"]


def test_a_late_complaint_runs_from_when_it_was_told(office: Desk, clock: HandClock) -> None:
    clock.set(minute(30))
    told_at = minute(0).isoformat()
    opened = office.done("/v1/requests", **COMPLAINT, asked_at=told_at)
    (dispatch,) = [each for each in opened["clocks"] if each["kind"] == "complaint_dispatch"]
    assert dispatch["due_at"] < dispatch["stopped_at"]


def test_a_changed_timeline_is_named(office: Desk, database: db.Database) -> None:
    request_id = complain(office)
    path = f"/v1/requests/{request_id}"
    assert office.get(f"{path}/verify") == {
        "intact": True,
        "moments": 2,
        "broken_at": None,
        "event_id": None,
    }
    with database.unit_of_work() as session:
        body = session.query(RequestEvent).filter_by(number=2).one().body
        changed = body.replace(b"wang", b"zhou")
        session.execute(update(RequestEvent).where(RequestEvent.number == 2).values(body=changed))
    found = office.get(f"{path}/verify")
    assert (found["intact"], found["broken_at"]) == (False, 2)


def test_a_chase_is_on_the_timeline_and_in_its_cases(office: Desk, database: db.Database) -> None:
    request_id = complain(office)
    pass_time(database, 24 * 60 + 1)
    words = "the customer called a second time"
    office.done(f"/v1/requests/{request_id}/chase", words=words)
    (listed,) = office.get("/v1/supervision", subject_id=request_id)["items"]
    case = office.get(f"/v1/supervision/{listed['id']}")
    assert ("chased", words) in {(each["event"], each["remark"]) for each in case["moments"]}
    last = office.get(f"/v1/requests/{request_id}/timeline")["items"][-1]
    assert (last["event"], last["detail"]) == ("chase", {"words": words})


def test_a_withdrawn_complaint_is_promised_nothing(office: Desk, database: db.Database) -> None:
    path = f"/v1/requests/{complain(office)}"
    assert office.refused(f"{path}/withdraw", reason="忙") == (422, "reason-not-concrete")
    gone = office.done(f"{path}/withdraw", reason="the customer took it back by phone")
    assert gone["state"] == "withdrawn"
    pass_time(database, 10 * 24 * 60)
    assert office.get("/v1/supervision")["items"] == []
    assert office.refused(f"{path}/chase", words="and now?") == (409, "request-not-possible")


def test_a_complaint_leads_to_a_corrective_action(office: Desk, sign_in: crews.SignIn) -> None:
    request_id = complain(office)
    lead = office.other(sign_in, Role.SUPERVISOR)
    action = {
        "what": "voltage recorder at transformer 7",
        "owner_id": "wang",
        "due_on": "2026-12-01",
    }
    made = lead.done(f"/v1/requests/{request_id}/actions", **action)
    assert (made["case_id"], made["subject_id"]) == (None, request_id)
    assert office.get("/v1/actions", subject_id=request_id)["items"] == [made]
    lead.done(f"/v1/actions/{made['id']}/done", words="recorder has stood there since Monday")


def test_posts_are_set_by_administrators_of_the_unit(
    office: Desk, sign_in: crews.SignIn, database: db.Database
) -> None:
    boss = office.other(sign_in, Role.ADMINISTRATOR)
    with database.unit_of_work() as session:
        crews.person(session, person_id="gone").left_at = minute(0)

    def refused(unit: str, post: str, person_id: str) -> tuple[int, str]:
        answer = boss.sends("PUT", f"/v1/units/{unit}/posts/{post}", person_id=person_id)
        return answer.status_code, str(answer.json["code"])  # type: ignore[index]  # a refusal

    assert refused("haikou", "duty", "wang") == (404, "not-found")
    assert refused("d1", "cook", "wang") == (422, "post-unknown")
    assert refused("d1", "duty", "nobody") == (404, "not-found")
    assert refused("d1", "duty", "gone") == (409, "holder-gone")
    shown = office.get("/v1/units/d1/posts")
    assert [(each["post"], each["person_id"]) for each in shown["items"]] == [
        ("operations", "wang")
    ]
    assert office.sees("/v1/units/haikou/posts") == 404


def test_a_list_of_requests_goes_on_where_its_page_ended(office: Desk) -> None:
    ids = [complain(office, key=f"k-{number}") for number in range(3)]
    first = office.get("/v1/requests", limit=2, kind="complaint", item="voltage", person_id="wang")
    rest = office.get("/v1/requests", limit=2, after=first["next"])
    assert sorted(each["id"] for each in [*first["items"], *rest["items"]]) == sorted(ids)
    assert rest["next"] is None


def test_every_kind_is_promised_by_every_set_that_names_it() -> None:
    asked = {kind.value for kind in Kind}
    for policy in promises.list_sets():
        promised = {row.subject for row in policy.rows if row.subject != "repair"}
        assert promised == asked


def test_a_stale_answer_is_refused(office: Desk) -> None:
    path = f"/v1/requests/{complain(office)}"
    answer = office.sends("POST", f"{path}/contact", if_match='"1"', words=SAID)
    assert (answer.status_code, answer.json["code"]) == (412, "stale")  # type: ignore[index]  # a refusal


def test_its_clocks_are_settled_by_when_things_happened(
    office: Desk, database: db.Database, clock: HandClock
) -> None:
    request_id = complain(office)
    pass_time(database, 24 * 60 + 1)
    clock.set(minute(25 * 60))
    told_at = minute(23 * 60).isoformat()
    office.done(f"/v1/requests/{request_id}/contact", words=SAID, at=told_at)
    with database.reading() as session:
        contact = clocks.clock(session, request_id, kind="complaint_contact")
        assert contact.state == "kept"
    (case,) = office.get("/v1/supervision")["items"]
    assert case["state"] == "cleared"
    assert supervision.at(case["due_at"]) == minute(24 * 60)
