"""Held operations come, once, to a final outcome, as of when they happened."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
from collections.abc import Callable
from typing import Any

import flask.testing
import msgspec
import pytest
import werkzeug.test
from sqlalchemy import select, update

from api import acts, db
from api.sync import jobs
from api.sync.models import HeldOperation, Receipt
from api.tasks import service
from api.tasks.models import TaskEvent
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import readings as routes
from tests.makers import tasks as make
from tests.makers.sync import Phone, changes

Run = Callable[[], dict[str, int]]
Desk = Callable[[str], werkzeug.test.TestResponse]
REASON = "gate locked, the owner has the key"


@pytest.fixture
def run(database: db.Database, clock: HandClock) -> Run:
    """Run the job now."""

    def ran() -> dict[str, int]:
        with database.unit_of_work() as session:
            act = acts.system(district_id=make.DISTRICT, now=clock.now(), job="retry_held")
            return jobs.run(session, act=act)

    return ran


@pytest.fixture
def desk(client: flask.testing.FlaskClient, sign_in: crews.SignIn) -> Desk:
    """Ask at the office's doors: GET, or POST where something is tried."""
    headers = sign_in(Role.SUPERVISOR)

    def asked(path: str) -> werkzeug.test.TestResponse:
        door = client.post if path.endswith("/retry") else client.get
        return door(path, headers=headers)

    return asked


def held_by_an_older_server(database: db.Database, **operation: object) -> None:
    """Let the one held operation look as if this server had been older when it came."""
    with database.unit_of_work() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.status == "held")).one()
        receipt.wire = msgspec.json.encode({**msgspec.json.decode(receipt.wire), **operation})
        session.scalars(select(HeldOperation)).one().tried_by = "0.0.1+older"


def outcome_of(answer: dict[str, Any]) -> tuple[str, str]:
    (outcome,) = changes(answer, "outcome").values()
    return outcome["status"], outcome["code"]


def moments(database: db.Database, task_id: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.number)
        )
        return [msgspec.json.decode(row.body) for row in rows]


@pytest.mark.rule("S8")
def test_what_a_newer_phone_did_is_applied_after_the_servers_update(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    task_id = order(state=State.accepted)
    answer = phone.sync(phone.operation("task.suspend", task_id, {"reason": REASON}, v=9))
    assert [(each["status"], each["code"]) for each in answer["outcomes"]] == [
        ("held", "operation-unknown")
    ]
    happened_at = clock.now()
    clock.advance(hours=20)
    assert run() == {"tried": 1, "held": 1}
    held_by_an_older_server(database, v=2)
    assert run() == {"tried": 1, "applied": 1}
    assert run() == {"tried": 0}
    moment = moments(database, task_id)[-1]
    assert (moment["event"], moment["detail"]["reason"]) == ("suspend", REASON)
    at = dt.datetime.fromisoformat(moment["happened_at"])
    assert abs((at - happened_at).total_seconds()) <= 15  # no round trip was measured
    answer = phone.sync()
    assert outcome_of(answer) == ("applied", "applied")
    assert answer["feeds"][0]["audience"].startswith("device:")
    assert changes(answer, "task")[task_id]["state"] == "suspended"


def test_the_final_outcome_answers_whoever_asks_again(
    phone: Phone, order: Order, client: flask.testing.FlaskClient, clock: HandClock, run: Run
) -> None:
    wire = phone.operation("task.accept", "lost-order")
    assert phone.sync(wire)["outcomes"][0]["code"] == "waits-for-order"
    order(task_id="lost-order")
    clock.advance(minutes=2)
    assert run() == {"tried": 1, "applied": 1}
    told = client.get("/v1/sync/ack?after=0", headers=phone.headers).get_json()
    assert (told["acked_through"], told["outcomes"]) == (1, [])
    assert phone.sync(wire)["outcomes"] == []


def test_an_order_that_is_put_back_takes_the_work_that_waited_for_it(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    wires = [
        phone.operation("task.accept", "lost-order"),
        phone.operation("task.set_out", "lost-order"),
        phone.operation("task.note", "lost-order", {"text": "bridge closed"}),
    ]
    answer = phone.sync(*wires)
    assert (answer["acked_through"], len(answer["outcomes"])) == (3, 3)
    order(task_id="lost-order")
    clock.advance(minutes=2)
    assert run() == {"tried": 3, "applied": 3}
    events = [each["event"] for each in moments(database, "lost-order")]
    assert events[-3:] == ["accept", "set_out", "note"]


def test_a_reading_waits_for_its_stop(
    phone: Phone, database: db.Database, clock: HandClock, run: Run
) -> None:
    with database.unit_of_work() as session:
        route_id = routes.route(session).id
        stop_id = routes.stop_of(session).id
    body = {"stop_id": "lost-stop", "total": "5"}
    answer = phone.sync(phone.operation("reading.take", route_id, body))
    assert answer["outcomes"][0]["code"] == "waits-for-stop"
    held_by_an_older_server(database, body={**body, "stop_id": stop_id})
    assert run() == {"tried": 1, "applied": 1}


def test_nothing_waits_for_an_order_for_ever(
    phone: Phone,
    clock: HandClock,
    run: Run,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    phone.sync(phone.operation("task.accept", "no-such-order"))
    clock.advance(hours=24 * 29)
    assert run() == {"tried": 1, "held": 1}
    clock.advance(hours=24)
    assert run() == {"tried": 1, "rejected": 1}
    phone.headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    assert outcome_of(phone.sync()) == ("rejected", "not-found")
    told = client.get("/v1/sync/ack?after=0", headers=phone.headers).get_json()
    assert [each["code"] for each in told["outcomes"]] == ["not-found"]


def test_what_the_server_failed_on_is_applied_when_the_fault_is_mended(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    task_id = order()
    with database.reading() as session:
        event_id = session.scalars(select(TaskEvent.id)).first()
    wire = phone.operation("task.note", task_id, {"text": "takes an id"}, id=event_id)
    assert phone.sync(wire)["outcomes"][0]["code"] == "operation-failed"
    clock.advance(minutes=2)
    assert run() == {"tried": 1, "held": 1}
    with database.unit_of_work() as session:
        session.execute(update(TaskEvent).where(TaskEvent.id == event_id).values(id="another"))
    clock.advance(hours=7)
    assert run() == {"tried": 1, "applied": 1}
    assert moments(database, task_id)[-1]["event"] == "note"


def test_it_is_tried_less_and_less_often_and_at_once_by_another_release(
    phone: Phone, database: db.Database, clock: HandClock, run: Run
) -> None:
    phone.sync(phone.operation("task.paint", "t1"))
    tried = 0
    for _ in range(24 * 4):
        clock.advance(minutes=15)
        tried += run()["tried"]
    assert 8 <= tried <= 12
    held_by_an_older_server(database)
    assert run() == {"tried": 1, "held": 1}


def test_one_that_fails_again_harms_no_other(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    task_id = order()
    with database.reading() as session:
        event_id = session.scalars(select(TaskEvent.id)).first()
    phone.sync(
        phone.operation("task.note", task_id, {"text": "takes an id"}, id=event_id),
        phone.operation("task.accept", "lost-order"),
    )
    order(task_id="lost-order")
    clock.advance(minutes=2)
    assert run() == {"tried": 2, "held": 1, "applied": 1}


def test_the_office_sees_what_is_held_and_tries_it_by_hand(
    phone: Phone, order: Order, desk: Desk, clock: HandClock
) -> None:
    for task_id in ("lost-1", "lost-2", "lost-3"):
        phone.sync(phone.operation("task.accept", task_id))
        clock.advance(minutes=1)
    seen, place = [], "/v1/sync/held?limit=2"
    page = desk(place).get_json()
    seen += page["items"]
    page = desk(f"{place}&after={page['next']}").get_json()
    seen += page["items"]
    assert [each["subject_id"] for each in seen] == ["lost-3", "lost-2", "lost-1"]
    assert (page["next"], seen[0]["outcome"]) == (None, None)
    assert seen[0]["first"]["code"] == "waits-for-order"
    assert seen[0]["operation"]["type"] == "task.accept"
    door = f"/v1/sync/held/{seen[0]['operation_id']}/retry"
    still = desk(door).get_json()
    assert (still["tries"], still["outcome"]) == (1, None)
    order(task_id="lost-3")
    settled = desk(door).get_json()
    assert (settled["outcome"]["status"], settled["next_try_at"]) == ("applied", None)
    assert desk(door).get_json() == settled
    assert len(desk("/v1/sync/held").get_json()["items"]) == 2
    was = desk("/v1/sync/held?settled=true").get_json()["items"]
    assert was == [settled]
    assert desk("/v1/sync/held/none/retry").status_code == 404
    assert desk("/v1/sync/held?after=zzz").status_code == 422


@pytest.mark.rule("S9")
def test_an_outcome_is_told_to_its_own_device_alone(
    phone: Phone,
    order: Order,
    clock: HandClock,
    run: Run,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="second")
    second = Phone(client, headers, clock)
    phone.sync(phone.operation("task.accept", "lost-order"))
    order(task_id="lost-order")
    clock.advance(minutes=2)
    run()
    assert changes(second.sync(), "outcome") == {}
    assert outcome_of(phone.sync()) == ("applied", "applied")
    assert changes(phone.sync(), "outcome") == {}


def test_work_waits_until_the_order_has_been_in_its_crews_hands(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    phone.sync(phone.operation("task.accept", "lost-order"))
    order(task_id="lost-order", crew_id="crew-2")
    clock.advance(minutes=2)
    assert run() == {"tried": 1, "held": 1}
    with database.unit_of_work() as session:
        act = make.of_office(at=clock.now())
        task = service.get_to_change(session, act=act, task_id="lost-order")
        service.reassign(
            session, act=act, task=task, crew_id="crew-1", person_id=None, why=make.REASON
        )
    clock.advance(hours=7)
    assert run() == {"tried": 1, "applied": 1}


@pytest.mark.rule("S9")
def test_two_workers_at_once_apply_a_held_operation_once(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, run: Run
) -> None:
    phone.sync(phone.operation("task.accept", "lost-order"))
    order(task_id="lost-order")
    clock.advance(minutes=2)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(lambda _: run(), range(2)))
    assert sum(each.get("applied", 0) for each in ran) == 1
    events = [each["event"] for each in moments(database, "lost-order")]
    assert events.count("accept") == 1
