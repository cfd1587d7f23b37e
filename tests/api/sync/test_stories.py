"""What becomes of an operation whose world has moved on: each story has its named outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import flask.testing
import pytest

from api import db
from schemas.crews import Role
from schemas.rules.transitions import Kind, State
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import crews, sites
from tests.makers import readings as routes
from tests.makers import tasks as make
from tests.makers.sync import Phone, changes, gone

Office = Callable[..., dict[str, Any]]
FIX = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}
AWAY = "crew 1 is cut off by the flood"
BACK = "the road to crew 1 is open again"


@pytest.fixture
def office(client: flask.testing.FlaskClient, sign_in: crews.SignIn) -> Office:
    """Let the office do something to an order at its desk; gives the answer."""
    headers = sign_in(Role.DISPATCHER)

    def did(task_id: str, act: str = "", **body: object) -> dict[str, Any]:
        place = f"/v1/tasks/{task_id}"
        if not act:
            found: dict[str, Any] = client.get(place, headers=headers).get_json()
            return found
        if act in {"timeline", "holders"}:
            listed: dict[str, Any] = client.get(f"{place}/{act}", headers=headers).get_json()
            return listed
        answer = client.post(f"{place}/{act}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.get_json()
        return done

    return did


def arrive(phone: Phone, task_id: str) -> bytes:
    return phone.operation("checkin.record", task_id, {"fix": FIX, "verdict": "inside"})


def work(phone: Phone, clock: HandClock, task_id: str) -> list[bytes]:
    """Do the whole job without signal: there after 31 minutes, light after 60, done after 70."""
    done = [phone.operation("task.accept", task_id)]
    clock.advance(minutes=31)
    done.append(arrive(phone, task_id))
    clock.advance(minutes=29)
    done.append(phone.operation("repair.restored", task_id))
    clock.advance(minutes=10)
    done.append(phone.operation("task.finish", task_id, {"cause": "blown fuse"}))
    clock.advance(minutes=1)
    return done


def told(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["status"], each["code"]) for each in answer["outcomes"]]


def kinds(answer: Mapping[str, Any]) -> list[str]:
    """Name the messages that an answer brings, oldest first."""
    found = sorted(changes(answer, "message").values(), key=lambda each: str(each["id"]))
    return [str(each["kind"]) for each in found]


def stopped_after_min(task: Mapping[str, Any], kind: str) -> float:
    clock = next(each for each in task["clocks"] if each["kind"] == kind)
    stopped_at = dt.datetime.fromisoformat(clock["stopped_at"])
    return (stopped_at - make.NOW).total_seconds() / 60


GIVEN_AWAY_BEFORE = [
    ("merged", "no-longer-yours"),
    ("merged", "no-longer-yours"),
    ("merged", "work-counted"),
]


def test_work_done_before_the_other_crew_arrived_counts_and_releases_it(
    phone: Phone, other_phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    done = work(phone, clock, task_id)
    assert kinds(other_phone.sync(other_phone.operation("task.accept", task_id))) == ["given"]
    answer = phone.sync(*done)
    assert told(answer) == GIVEN_AWAY_BEFORE
    assert changes(answer, "task")[task_id]["state"] == "finished"
    task = office(task_id)
    assert (task["state"], task["crew_id"], task["look"]) == ("finished", "crew-1", None)
    assert stopped_after_min(task, "arrive") == pytest.approx(31, abs=0.1)
    assert stopped_after_min(task, "restore") == pytest.approx(60, abs=0.1)
    others = other_phone.sync()
    assert gone(others, "task") == {task_id}
    assert kinds(others) == ["done_by_another"]
    assert [each["crew_id"] for each in office(task_id, "holders")["items"]] == [
        "crew-1",
        "crew-2",
        "crew-1",
    ]
    moments = office(task_id, "timeline")["items"]
    counted = next(each for each in moments if each["remark"] == "work_counted")
    assert counted["detail"]["released"] == {"crew_id": "crew-2", "person_id": None}


def test_work_done_while_the_order_was_held_counts_even_when_the_other_crew_works(
    phone: Phone, other_phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    done = work(phone, clock, task_id)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    other_phone.sync()
    clock.advance(minutes=20)
    there = [arrive(other_phone, task_id), other_phone.operation("task.start", task_id)]
    other_phone.sync(*there)
    assert told(phone.sync(*done)) == GIVEN_AWAY_BEFORE
    assert office(task_id)["crew_id"] == "crew-1"
    late = other_phone.sync(other_phone.operation("repair.restored", task_id))
    assert told(late) == [("merged", "done-twice")]
    assert office(task_id)["look"] == "done_twice"


def test_those_who_stand_at_the_site_end_what_another_crew_restored_unasked(
    phone: Phone, other_phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    done = work(phone, clock, task_id)
    other_phone.sync(arrive(other_phone, task_id))
    assert told(phone.sync(*done))[2:] == [("merged", "others-on-site")] * 2
    task = office(task_id)
    assert (task["state"], task["crew_id"]) == ("restored", "crew-2")
    assert stopped_after_min(task, "restore") == pytest.approx(60, abs=0.1)
    answer = other_phone.sync(other_phone.operation("task.finish", task_id))
    assert told(answer) == []
    assert kinds(answer) == ["restored_by_another"]
    assert office(task_id)["state"] == "finished"


def test_what_two_crews_finished_is_kept_twice_and_the_office_looks(
    phone: Phone,
    other_phone: Phone,
    order: Order,
    office: Office,
    clock: HandClock,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    task_id = order()
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    done = work(phone, clock, task_id)
    theirs = [
        arrive(other_phone, task_id),
        other_phone.operation("repair.restored", task_id),
        other_phone.operation("task.finish", task_id),
    ]
    assert told(other_phone.sync(*theirs)) == []
    assert told(phone.sync(*done))[2:] == [("merged", "done-twice")] * 2
    task = office(task_id)
    assert (task["crew_id"], task["look"]) == ("crew-2", "done_twice")
    assert stopped_after_min(task, "restore") == pytest.approx(60, abs=0.1)  # the earlier proof
    headers = sign_in(Role.DISPATCHER)
    listed = client.get("/v1/tasks?look=true", headers=headers).get_json()["items"]
    assert [each["id"] for each in listed] == [task_id]
    assert office(task_id, "looked", note="both were there")["look"] is None
    again = client.post(f"/v1/tasks/{task_id}/looked", json={}, headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing-to-look-at")
    assert client.get("/v1/tasks?look=true", headers=headers).get_json()["items"] == []
    assert client.get("/v1/tasks?look=false", headers=headers).get_json()["items"][0]["id"]


@pytest.mark.parametrize("act", ["task.accept", "task.set_out", "checkin.record"])
def test_who_only_came_near_moves_nothing_of_an_order_that_is_not_theirs(
    phone: Phone, order: Order, office: Office, act: str
) -> None:
    task_id = order()
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    assert told(phone.sync(phone.operation(act, task_id))) == [("merged", "no-longer-yours")]
    task = office(task_id)
    assert (task["state"], task["crew_id"]) == ("dispatched", "crew-2")


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("task.return", {"reason": "pole down, needs the crane crew"}),
        ("task.suspend", {"reason": "gate locked, key with the owner"}),
        ("task.finish", {}),
    ],
)
def test_what_gives_up_an_order_of_others_moves_nothing(
    phone: Phone, order: Order, office: Office, act: str, body: dict[str, object]
) -> None:
    task_id = order(state=State.accepted)
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    answer = phone.sync(phone.operation(act, task_id, body))
    assert told(answer) == [("merged", "no-longer-yours")]
    assert office(task_id)["state"] == "dispatched"


def test_two_members_of_one_crew_finish_the_same_order_once(
    phone: Phone,
    order: Order,
    office: Office,
    clock: HandClock,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    task_id = order()
    mate = Phone(client, sign_in(Role.LINEMAN, person_id="wang", crew_id="crew-1"), clock)
    mate.sync()
    hers = work(mate, clock, task_id)
    assert told(phone.sync(*work(phone, clock, task_id))) == []
    assert told(mate.sync(*hers)) == [
        ("merged", "overtaken"),
        ("merged", "overtaken"),
        ("merged", "overtaken"),
        ("merged", "overtaken"),
    ]
    task = office(task_id)
    assert (task["state"], task["look"]) == ("finished", None)
    assert stopped_after_min(task, "restore") == pytest.approx(60, abs=0.1)
    finished = [each for each in office(task_id, "timeline")["items"] if each["event"] == "finish"]
    assert [each["person_id"] for each in finished] == ["li", "wang"]


def test_a_mates_arrival_and_ones_own_restoration_are_one_crews_whole_work(
    phone: Phone,
    order: Order,
    office: Office,
    clock: HandClock,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    task_id = order()
    mate = Phone(client, sign_in(Role.LINEMAN, person_id="wang", crew_id="crew-1"), clock)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    mate.sync(arrive(mate, task_id))
    answer = phone.sync(phone.operation("repair.restored", task_id))
    assert told(answer) == [("merged", "work-counted")]


def test_work_on_a_cancelled_order_is_kept_and_the_office_looks(
    phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    office(task_id, "cancel", reason="the customer found his own fuse")
    answer = phone.sync(*work(phone, clock, task_id))
    assert told(answer) == [
        ("merged", "overtaken"),
        ("merged", "overtaken"),
        ("merged", "cancelled-meanwhile"),
        ("merged", "cancelled-meanwhile"),
    ]
    assert kinds(answer) == ["cancelled"]
    task = office(task_id)
    assert (task["state"], task["look"]) == ("cancelled", "cancelled_meanwhile")
    finish = office(task_id, "timeline")["items"][-1]
    assert finish["detail"]["cause"] == "blown fuse"


def test_an_order_given_away_and_back_takes_the_work_of_both_turns(
    phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    done = work(phone, clock, task_id)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    office(task_id, "reassign", crew_id="crew-1", why=BACK)
    answer = phone.sync(*done)
    assert told(answer) == []
    assert kinds(answer) == ["released", "given"]
    assert office(task_id)["state"] == "finished"


def test_giving_an_order_back_answers_no_later_giving_out(
    phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order(state=State.accepted)
    phone.sync()
    back = phone.operation("task.return", task_id, {"reason": "pole down, needs the crane crew"})
    clock.advance(minutes=10)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    office(task_id, "reassign", crew_id="crew-1", why=BACK)
    assert told(phone.sync(back)) == [("merged", "of-an-earlier-turn")]
    assert office(task_id)["state"] == "dispatched"
    again = phone.operation("task.return", task_id, {"reason": "pole down, needs the crane crew"})
    assert told(phone.sync(again)) == []


def test_work_from_before_a_reopening_does_not_end_the_order_again(
    phone: Phone,
    order: Order,
    office: Office,
    clock: HandClock,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    task_id = order()
    mate = Phone(client, sign_in(Role.LINEMAN, person_id="wang", crew_id="crew-1"), clock)
    mate.sync()
    hers = work(mate, clock, task_id)
    phone.sync(*work(phone, clock, task_id))
    cause = "lights went out again at dusk"
    office(task_id, "call-back", result="dissatisfied", cause=cause)
    assert kinds(phone.sync()) == ["reopened"]
    office(task_id, "assign", crew_id="crew-1", why="they know the place")
    assert told(mate.sync(*hers)) == [("merged", "of-an-earlier-turn")] * 4
    assert office(task_id)["state"] == "dispatched"
    assert told(phone.sync(*work(phone, clock, task_id))) == []
    assert office(task_id)["state"] == "finished"


def test_work_on_an_order_that_was_archived_meanwhile_is_kept_beside(
    phone: Phone, other_phone: Phone, order: Order, office: Office, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    done = work(phone, clock, task_id)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    there = [arrive(other_phone, task_id), other_phone.operation("repair.restored", task_id)]
    other_phone.sync(*there, other_phone.operation("task.finish", task_id))
    office(task_id, "call-back", result="satisfied")
    office(task_id, "archive")
    assert told(phone.sync(*done))[2:] == [("merged", "done-twice")] * 2
    task = office(task_id)
    assert (task["state"], task["look"]) == ("archived", "done_twice")


def test_readings_of_a_route_that_went_to_another_count_and_so_does_its_end(
    phone: Phone, database: db.Database, office: Office, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        task_id = routes.route(session, meter_ids=["M0001", "M0002"]).id
        stop_ids = [routes.stop_of(session, meter_id=meter).id for meter in ("M0001", "M0002")]
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    read = [
        phone.operation("reading.take", task_id, {"stop_id": stop_id, "total": "5"})
        for stop_id in stop_ids
    ]
    answer = phone.sync(*read, phone.operation("task.finish", task_id))
    assert told(answer) == [
        ("merged", "route-moved-on"),
        ("merged", "route-moved-on"),
        ("merged", "work-counted"),
    ]
    assert office(task_id)["state"] == "finished"
    kept = [each["event"] for each in office(task_id, "timeline")["items"] if each["remark"]]
    assert kept == ["start", "finish"]


def test_a_route_that_another_reader_walks_already_is_ended_by_that_reader(
    phone: Phone, other_phone: Phone, database: db.Database, office: Office
) -> None:
    with database.unit_of_work() as session:
        task_id = routes.route(session, meter_ids=["M0001", "M0002"]).id
        mine, theirs = (routes.stop_of(session, meter_id=meter).id for meter in ("M0001", "M0002"))
    phone.sync()
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    body = {"total": "5"}
    other_phone.sync(other_phone.operation("reading.take", task_id, {"stop_id": theirs, **body}))
    answer = phone.sync(
        phone.operation("reading.take", task_id, {"stop_id": mine, **body}),
        phone.operation("task.finish", task_id),
    )
    assert told(answer)[-1] == ("merged", "others-on-site")
    assert office(task_id)["state"] == "working"
    states = {each["state"] for each in changes(other_phone.sync(), "stop").values()}
    assert states == {"read"}


def test_messages_go_to_the_person_whose_work_it_is(
    phone: Phone, order: Order, office: Office, other_phone: Phone
) -> None:
    task_id = order(kind=Kind.route, crew_id=None, person_id="li")
    phone.sync()
    office(task_id, "reassign", person_id="chen", why="Li has gone home ill")
    answer = phone.sync()
    assert kinds(answer) == ["released"]
    (message,) = changes(answer, "message").values()
    assert message["words"]["zh"].endswith("Li has gone home ill。")
    assert kinds(other_phone.sync()) == ["given"]
