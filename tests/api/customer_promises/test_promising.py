"""Stories of promises: given, kept, agreed anew, broken; at the door and at the desk."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.api.customer_promises.conftest import At
from tests.makers.customer_promises import Desk, anew, hour, made
from tests.makers.sync import Phone

ARRIVED = {"fix": {"lat_deg": 20.04, "lon_deg": 110.32, "accuracy_m": 5, "age_s": 1}}


def clocks(desk: Desk, task_id: str = "t1") -> list[dict[str, object]]:
    """List what the order shows its crew of promises to the customer."""
    task = desk.get(f"/v1/tasks/{task_id}")
    return [clock["promise"] for clock in task["clocks"] if clock["promise"]]


def test_a_promise_says_who_gave_what_to_whom(desk: Desk) -> None:
    given = desk.give(task_id="t1", opens=2, ends=4)

    promise = desk.get(f"/v1/customer-promises/{given['id']}")
    assert (promise["customer"], promise["contact"]) == ("Li Hua", "139 0000 0000")
    assert promise["given_by"] == "dispatcher-d1"
    (window,) = promise["windows"]
    assert window["words"] == "We come back with the crane."
    assert (window["ending"], promise["ending"]) == ("open", "open")
    assert [clock["id"] for clock in clocks(desk)] == [given["id"]]
    assert desk.ledger(promise) == ["promised"]
    timeline = desk.get("/v1/tasks/t1/timeline")["items"]
    assert timeline[-1]["detail"]["promise_id"] == given["id"]


def test_an_arrival_in_the_window_keeps_it_whenever_it_is_heard(
    desk: Desk, phone: Phone, at: At
) -> None:
    promise = desk.give(task_id="t1", opens=2, ends=4)
    phone.sync()
    at(3)
    arrived = phone.operation("checkin.record", "t1", ARRIVED)
    at(5)
    assert desk.endings(promise["id"]) == ["provisional"]
    phone.sync(arrived)
    assert desk.endings(promise["id"]) == ["kept"]
    assert desk.cases() == []


def test_an_arrival_before_the_window_keeps_nothing(desk: Desk, phone: Phone, at: At) -> None:
    promise = desk.give(task_id="t1", opens=2, ends=4)
    at(1)
    phone.sync(phone.operation("checkin.record", "t1", ARRIVED))
    assert desk.endings(promise["id"]) == ["open"]
    at(2.5)
    phone.sync(phone.operation("checkin.record", "t1", ARRIVED))
    assert desk.endings(promise["id"]) == ["kept"]


def test_an_arrival_far_from_the_site_proves_nothing(desk: Desk, phone: Phone, at: At) -> None:
    promise = desk.give(task_id="t1", ends=4)
    far = {"fix": {"lat_deg": 21.5, "lon_deg": 110.32, "accuracy_m": 5, "age_s": 1}}
    at(1)
    phone.sync(phone.operation("checkin.record", "t1", far))
    assert desk.endings(promise["id"]) == ["open"]
    assert desk.ledger(promise) == ["promised", "unproven"]


def test_a_promise_that_nobody_keeps_is_broken_once(desk: Desk, at: At) -> None:
    promise = desk.give(task_id="t2", ends=4)
    at(4.1)
    at(4.2)
    assert desk.endings(promise["id"]) == ["broken"]
    assert len(desk.cases()) == 1


def test_a_promise_is_agreed_anew_before_it_is_due_and_the_chain_is_seen(
    desk: Desk, at: At
) -> None:
    promise = desk.give(task_id="t2", ends=4)
    at(3)
    agreed = desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=8))
    at(5)
    again = desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=10))

    assert [window["ending"] for window in again["windows"]] == ["reagreed", "reagreed", "open"]
    assert again["windows"][1]["consent"] == agreed["windows"][1]["consent"]
    assert again["windows"][2]["why"] == "the crane is at the fallen pole on feeder 7"
    assert dt.datetime.fromisoformat(again["due_at"]) == dt.datetime.fromisoformat(hour(10))
    assert desk.ledger(again) == ["promised", "half_gone", "reagreed"]
    assert len(clocks(desk, "t2")) == 1


def test_after_it_is_due_nothing_is_agreed_anew(desk: Desk, at: At) -> None:
    promise = desk.give(task_id="t2", ends=4)
    at(4.1)
    refused = desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=8), status=409)
    assert refused["code"] == "promise-over"
    assert desk.endings(promise["id"]) == ["broken"]


@pytest.mark.parametrize("why", ["busy", "工作忙"])
def test_no_promise_is_agreed_anew_because_somebody_is_busy(desk: Desk, why: str) -> None:
    promise = desk.give(task_id="t2", ends=4)
    path = f"/v1/customer-promises/{promise['id']}/agree"
    assert desk.post(path, anew(why=why), status=422)["code"] == "reason-not-concrete"


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({"ends": -1}, "window-faulty"),
        ({"opens": 5, "ends": 4}, "window-faulty"),
        ({"ends": 24 * 400}, "window-faulty"),
    ],
)
def test_a_window_that_nobody_can_be_promised_is_refused(
    desk: Desk, window: dict[str, float], code: str
) -> None:
    body = made(task_id="t1", **window)
    assert desk.post("/v1/customer-promises", body, status=422)["code"] == code
    assert desk.get("/v1/customer-promises")["items"] == []


def test_what_has_happened_is_not_agreed_anew(desk: Desk, phone: Phone, at: At) -> None:
    promise = desk.give(task_id="t1", ends=4)
    at(1)
    phone.sync(phone.operation("checkin.record", "t1", ARRIVED))
    at(2)
    path = f"/v1/customer-promises/{promise['id']}/agree"
    assert desk.post(path, anew(), status=409)["code"] == "promise-settled"


def test_nothing_is_promised_on_an_order_that_is_done(desk: Desk) -> None:
    desk.post("/v1/tasks/t2/cancel", {"reason": "the customer found the fuse himself"})
    refused = desk.post("/v1/customer-promises", made(task_id="t2"), status=409)
    assert refused["code"] == "order-done"


def test_a_promise_made_offline_counts_from_when_the_word_was_given(
    desk: Desk, phone: Phone, at: At
) -> None:
    phone.sync()
    at(1)
    word = phone.operation("promise.make", "t1", made(opens=2, ends=4))
    at(3)
    arrived = phone.operation("checkin.record", "t1", ARRIVED)
    at(6)
    answer = phone.sync(word, arrived)

    assert answer["outcomes"] == []
    promise = desk.the_promise(task_id="t1")
    given_at = dt.datetime.fromisoformat(promise["given_at"])
    assert abs(given_at - dt.datetime.fromisoformat(hour(1))) < dt.timedelta(seconds=2)
    assert (promise["given_by"], promise["ending"]) == ("li", "kept")
    assert desk.cases() == []


def test_a_mate_may_have_told_of_the_arrival_first(
    desk: Desk, phone: Phone, at: At, mate: Phone
) -> None:
    phone.sync()
    at(1)
    word = phone.operation("promise.make", "t1", made(opens=2, ends=4))
    at(3)
    mate.sync(mate.operation("checkin.record", "t1", ARRIVED))
    at(6)
    phone.sync(word)
    assert desk.the_promise()["ending"] == "kept"


def test_consent_given_offline_before_it_was_due_clears_what_looked_broken(
    desk: Desk, phone: Phone, at: At
) -> None:
    phone.sync(phone.operation("promise.make", "t1", made(ends=4)))
    promise = desk.the_promise()
    at(3)
    agreed = phone.operation(
        "promise.reagree", "t1", {"promise_id": promise["id"], **anew(opens=5, ends=12)}
    )
    at(7)
    assert desk.endings(promise["id"]) == ["broken"]
    phone.sync(agreed)
    assert desk.endings(promise["id"]) == ["reagreed", "open"]
    assert [case["state"] for case in desk.cases()] == ["cleared"]


def test_a_phones_agreement_of_before_the_offices_is_kept_and_does_not_hold(
    desk: Desk, phone: Phone, at: At
) -> None:
    phone.sync(phone.operation("promise.make", "t1", made(ends=4)))
    promise = desk.the_promise()
    at(1)
    agreed = phone.operation("promise.reagree", "t1", {"promise_id": promise["id"], **anew(ends=6)})
    at(2)
    desk.post(f"/v1/customer-promises/{promise['id']}/agree", anew(ends=10))
    (outcome,) = phone.sync(agreed)["outcomes"]
    assert (outcome["status"], outcome["code"]) == ("merged", "agreed-meanwhile")
    assert desk.endings(promise["id"]) == ["reagreed", "open", "overtaken"]


def test_an_agreement_on_a_promise_that_has_not_come_yet_waits(desk: Desk, phone: Phone) -> None:
    body = {"promise_id": "not-here-yet", **anew()}
    (outcome,) = phone.sync(phone.operation("promise.reagree", "t1", body))["outcomes"]
    assert (outcome["status"], outcome["code"]) == ("held", "waits-for-promise")


def test_an_operation_that_comes_twice_promises_once(desk: Desk, phone: Phone) -> None:
    word = phone.operation("promise.make", "t1", made(ends=4))
    phone.sync(word)
    phone.sync(word)
    assert len(desk.the_promise()["windows"]) == 1


def test_told_before_it_is_due_is_a_notice_and_told_after_is_none(desk: Desk, at: At) -> None:
    promise = desk.give(task_id="t2", ends=4)
    path = f"/v1/customer-promises/{promise['id']}/tellings"
    words = {"customer": "Li Hua", "words": "The road is flooded; the crew comes tomorrow."}
    assert desk.get(f"/v1/customer-promises/{promise['id']}")["told_before_due"] is False
    at(3)
    assert desk.post(path, words, status=201)["told_before_due"] is True
    at(5)
    late = desk.post(path, words, status=201)
    assert [telling["before_due"] for telling in late["tellings"]] == [True, False]
    assert desk.ledger(late) == ["promised", "half_gone", "told", "overdue", "told"]


def test_a_promise_before_there_is_an_order_comes_to_its_crew_with_it(desk: Desk, at: At) -> None:
    promise = desk.give(service_point_id="p1", ends=4)
    at(1)
    assert (
        desk.post(f"/v1/customer-promises/{promise['id']}/order", {"task_id": "t1"}, by="PUT")[
            "task_id"
        ]
        == "t1"
    )
    again = desk.post(
        f"/v1/customer-promises/{promise['id']}/order", {"task_id": "t2"}, by="PUT", status=409
    )
    assert again["code"] == "about-another"
    assert [clock["id"] for clock in clocks(desk)] == [promise["id"]]
    clock = desk.get(f"/v1/promises/{promise['windows'][0]['clock_id']}")
    assert (clock["subject_id"], clock["crew_id"]) == ("t1", "crew-1")


def test_a_promise_without_an_order_is_broken_by_itself(desk: Desk, at: At) -> None:
    promise = desk.give(ends=4)
    at(5)
    assert desk.endings(promise["id"]) == ["broken"]


def test_a_promise_is_taken_back_before_it_is_due(desk: Desk, at: At) -> None:
    promise = desk.give(task_id="t2", ends=4)
    path = f"/v1/customer-promises/{promise['id']}/withdraw"
    assert desk.post(path, {"why": "busy"}, status=422)["code"] == "reason-not-concrete"
    why = {"why": "the customer repaired the fuse himself"}
    assert desk.post(path, why)["ending"] == "withdrawn"
    assert desk.post(path, why, status=409)["code"] == "promise-settled"
    assert clocks(desk, "t2") == []


def test_a_reopened_order_keeps_its_promise(desk: Desk, phone: Phone, at: At) -> None:
    promise = desk.give(task_id="t1", aim="finish", ends=20)
    at(1)
    phone.sync(
        phone.operation("checkin.record", "t1", ARRIVED),
        phone.operation("task.start", "t1"),
        phone.operation("repair.restored", "t1"),
    )
    assert desk.endings(promise["id"]) == ["open"]
    phone.sync(phone.operation("task.finish", "t1", {"cause": "blown fuse"}))
    assert desk.endings(promise["id"]) == ["kept"]
    at(2)
    desk.post("/v1/tasks/t1/reopen", {"cause": "the light flickers again"})
    at(3)
    second = desk.give(task_id="t1", aim="finish", ends=20)
    assert desk.endings(second["id"]) == ["open"]


def test_promises_are_listed_page_by_page(desk: Desk) -> None:
    ids = [desk.give(ends=ends)["id"] for ends in (4, 5, 6)]
    first = desk.get("/v1/customer-promises", limit=2)
    rest = desk.get("/v1/customer-promises", limit=2, after=first["next"])
    assert [each["id"] for each in first["items"] + rest["items"]] == ids
    soon = desk.get("/v1/customer-promises", due_before=hour(4.5))["items"]
    assert [each["id"] for each in soon] == ids[:1]


def test_a_promise_that_is_nobodys_does_not_exist(desk: Desk) -> None:
    for path, body in (
        ("agree", anew()),
        ("tellings", {"customer": "Li", "words": "late"}),
        ("withdraw", {"why": "the customer repaired it"}),
    ):
        refused = desk.post(f"/v1/customer-promises/nobody/{path}", body, status=404)
        assert refused["code"] == "not-found"
    unknown = made(service_point_id="nowhere")
    assert desk.post("/v1/customer-promises", unknown, status=404)["code"] == "not-found"
    at_door = {"promise_id": "nobody", **anew()}
    assert desk.post("/v1/tasks/t1/promises/reagree", at_door, status=404)["code"] == "not-found"
