"""Each operation gets one outcome, once, whatever happens to its neighbours."""

from __future__ import annotations

import flask.testing
import pytest
from sqlalchemy import func, select

from api import db
from api.crews.models import Device
from api.sync.models import Quarantined, Receipt
from api.tasks.models import Task, TaskEvent
from schemas import tasks
from schemas.base import decode
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import readings as routes
from tests.makers.sync import Phone, changes

DISTRICT = crews.DISTRICT


def state(database: db.Database, task_id: str) -> str:
    with database.reading() as session:
        task = session.get(Task, (DISTRICT, task_id))
        assert task is not None
        return task.state


def count(database: db.Database, table: type[db.Base]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.rule("S10")
def test_operations_are_applied_in_their_order(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    answer = phone.sync(
        phone.operation("task.accept", task_id),
        phone.operation("task.set_out", task_id),
        phone.operation("task.note", task_id, {"text": "bridge closed, going round"}),
    )
    assert answer["acked_through"] == 3
    assert answer["outcomes"] == []
    assert state(database, task_id) == "en_route"


def test_the_answer_carries_the_consequences_of_the_push(phone: Phone, order: Order) -> None:
    task_id = order()
    answer = phone.sync(phone.operation("task.accept", task_id))
    assert changes(answer, "task")[task_id]["state"] == "accepted"


@pytest.mark.rule("S1")
def test_the_same_push_again_changes_nothing_and_answers_the_same(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    wires = [
        phone.operation("task.accept", task_id),
        phone.operation("task.accept", "no-such-task"),
        phone.operation("task.note", task_id, {"text": "dog in the yard"}),
    ]
    first = phone.sync(*wires)
    events = count(database, TaskEvent)
    again = phone.sync(*wires)
    assert again["acked_through"] == first["acked_through"] == 3
    assert again["outcomes"] == first["outcomes"]
    assert [outcome["n"] for outcome in first["outcomes"]] == [2]
    assert count(database, TaskEvent) == events
    assert count(database, Receipt) == 3


@pytest.mark.rule("S10")
def test_a_part_that_was_settled_and_a_part_that_was_not_are_told_apart(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    accept = phone.operation("task.accept", task_id)
    phone.sync(accept)
    set_out = phone.operation("task.set_out", task_id)
    answer = phone.sync(accept, set_out)
    assert answer["acked_through"] == 2
    assert state(database, task_id) == "en_route"


BAD_BODIES = [
    ("task.note", {"text": ""}, "operation-unreadable"),
    ("task.note", {"text": "x", "surprise": 1}, "operation-unreadable"),
    ("task.note", {"text": 5}, "operation-unreadable"),
    ("task.note", {"text": "a\x00b"}, "operation-unreadable"),
    ("checkin.record", {"fix": {"lat_deg": 120, "lon_deg": 0}}, "operation-unreadable"),
    ("task.paint", {}, "operation-unknown"),
]


@pytest.mark.rule("S3")
@pytest.mark.parametrize(("kind", "body", "code"), BAD_BODIES)
def test_one_bad_operation_never_blocks_the_rest(
    phone: Phone, order: Order, database: db.Database, kind: str, body: object, code: str
) -> None:
    task_id = order()
    answer = phone.sync(
        phone.operation("task.accept", task_id),
        phone.operation(kind, task_id, body),  # type: ignore[arg-type]  # bad on purpose
        phone.operation("task.set_out", task_id),
    )
    assert answer["acked_through"] == 3
    assert [(bad["n"], bad["code"]) for bad in answer["outcomes"]] == [(2, code)]
    assert answer["outcomes"][0]["detail"]["zh"]
    assert state(database, task_id) == "en_route"


@pytest.mark.rule("S8")
def test_a_newer_version_of_a_type_is_held(phone: Phone, order: Order) -> None:
    answer = phone.sync(phone.operation("task.accept", order(), v=2))
    assert answer["outcomes"][0]["status"] == "held"


@pytest.mark.rule("S8")
def test_a_phone_that_was_off_for_a_year_still_delivers(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order(state=State.accepted)
    reason = "gate locked, the owner has the key"
    wire = phone.operation("task.suspend", task_id, {"reason": reason}, v=1)
    assert phone.sync(wire)["outcomes"] == []
    assert state(database, task_id) == "suspended"
    with database.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
        assert receipt.wire == wire


def test_an_older_version_with_a_newer_field_is_unreadable(phone: Phone, order: Order) -> None:
    body = {"reason": "gate locked, key away", "until": "2026-11-23T07:00:00Z"}
    answer = phone.sync(
        phone.operation("task.suspend", order(state=State.accepted), body, v=1),
        phone.operation("task.suspend", order(state=State.accepted), body, v=2),
    )
    assert [(each["n"], each["code"]) for each in answer["outcomes"]] == [
        (1, "operation-unreadable")
    ]


@pytest.mark.rule("S7")
def test_what_cannot_be_read_is_kept_whole(
    phone: Phone, order: Order, client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    phone.sync(phone.operation("task.note", order(), {"text": "", "lost": "never"}))
    listed = client.get("/v1/sync/receipts", headers=sign_in(Role.DISPATCHER)).get_json()
    kept = listed["items"][0]
    assert kept["status"] == "rejected"
    assert kept["operation"]["body"] == {"text": "", "lost": "never"}
    assert kept["operation"]["type"] == "task.note"


@pytest.mark.rule("S2")
def test_receipts_are_listed_page_by_page(
    phone: Phone,
    order: Order,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
) -> None:
    task_id = order()
    for _ in range(3):
        phone.sync(*(phone.operation("task.paint", task_id) for _ in range(3)))
        clock.advance(minutes=1)
    office = sign_in(Role.DISPATCHER)
    seen: list[int] = []
    address = "/v1/sync/receipts?limit=2"
    following: str | None = ""
    while following is not None:
        page = client.get(f"{address}{following and '&after='}{following}", headers=office)
        seen += [kept["n"] for kept in page.get_json()["items"]]
        following = page.get_json()["next"]
        assert len(seen) <= 9, "a page came twice"
    assert seen == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_another_crews_order_looks_as_one_that_is_not_there(
    other_phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    answer = other_phone.sync(
        other_phone.operation("task.accept", task_id), other_phone.operation("task.accept", "none")
    )
    told = [(each["status"], each["code"]) for each in answer["outcomes"]]
    assert told == [("held", "waits-for-order")] * 2
    assert state(database, task_id) == "dispatched"
    assert changes(answer, "task") == {}


@pytest.mark.rule("S5")
def test_a_gap_in_the_numbers_waits_for_what_is_missing(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    missing = phone.operation("task.accept", task_id)
    later = phone.operation("task.set_out", task_id)
    answer = phone.sync(later)
    assert answer["acked_through"] == 0
    assert answer["outcomes"][0]["code"] == "sequence-gap"
    assert answer["outcomes"][0]["fields"]["expected"] == 1
    assert count(database, Receipt) == 0
    assert phone.sync(missing, later)["acked_through"] == 2


@pytest.mark.rule("S6")
def test_a_number_used_twice_is_named_and_both_records_are_kept(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    phone.sync(phone.operation("task.accept", task_id))
    phone.n, phone.prev = 0, ""
    answer = phone.sync(phone.operation("task.note", task_id, {"text": "from the copy"}))
    assert answer["outcomes"][0]["code"] == "sequence-fork"
    assert answer["acked_through"] == 1
    assert count(database, Quarantined) == 1


@pytest.mark.rule("S6")
def test_what_does_not_follow_the_last_operation_takes_no_number(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    accepted = phone.operation("task.accept", task_id)
    end = phone.prev
    phone.prev = "0" * 64
    note = phone.operation("task.note", task_id, {"text": "who said this"})
    set_out = phone.operation("task.set_out", task_id)
    answer = phone.sync(accepted, note, set_out)
    assert [bad["code"] for bad in answer["outcomes"]] == ["sequence-fork", "sequence-fork"]
    assert answer["acked_through"] == 1
    assert count(database, Receipt) == 1
    assert count(database, Quarantined) == 2

    phone.n, phone.prev = 1, end
    anew = [phone.again(wire, rebased=True) for wire in (note, set_out)]
    assert phone.sync(*anew)["outcomes"] == []
    assert state(database, task_id) == "en_route"


@pytest.mark.rule("S4")
def test_the_same_operation_from_two_devices_counts_once(
    phone: Phone,
    order: Order,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
) -> None:
    task_id = order()
    wire = phone.operation("task.note", task_id, {"text": "restored on a second phone"})
    phone.sync(wire)
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="device-li-second")
    events = count(database, TaskEvent)
    answer = Phone(client, headers, clock).sync(wire)
    assert answer["outcomes"][0]["status"] == "duplicate"
    assert count(database, TaskEvent) == events


@pytest.mark.rule("S11")
def test_a_lost_answer_is_asked_for_in_less_than_a_kilobyte(
    phone: Phone, order: Order, client: flask.testing.FlaskClient
) -> None:
    task_id = order()
    phone.sync(
        *(phone.operation("task.note", task_id, {"text": f"pole {pole}"}) for pole in range(200))
    )
    response = client.get("/v1/sync/ack", headers=phone.headers)
    assert response.get_json()["acked_through"] == 200
    assert response.get_json()["chain"] == phone.prev
    assert len(response.data) < 1_000


@pytest.mark.rule("S11")
def test_asking_after_a_lost_answer_tells_what_was_not_applied(
    phone: Phone, order: Order, client: flask.testing.FlaskClient
) -> None:
    task_id = order()
    phone.sync(phone.operation("task.accept", task_id), phone.operation("task.paint", task_id))
    told = client.get("/v1/sync/ack?after=0", headers=phone.headers).get_json()
    assert [outcome["code"] for outcome in told["outcomes"]] == ["operation-unknown"]
    told = client.get("/v1/sync/ack?after=2", headers=phone.headers).get_json()
    assert told["outcomes"] == []


@pytest.mark.rule("S3")
def test_a_poisonous_operation_is_held_and_its_neighbours_are_applied(
    phone: Phone, order: Order, database: db.Database
) -> None:
    """A constraint that only the database knows breaks the batch; then each is tried alone."""
    task_id = order()
    with database.unit_of_work() as session:
        event_id = session.scalars(select(TaskEvent.id)).first()
    answer = phone.sync(
        phone.operation("task.accept", task_id),
        phone.operation("task.note", task_id, {"text": "takes an id"}, id=event_id),
        phone.operation("task.set_out", task_id),
    )
    assert [(bad["n"], bad["code"]) for bad in answer["outcomes"]] == [(2, "operation-failed")]
    assert answer["outcomes"][0]["status"] == "held"
    assert state(database, task_id) == "en_route"


@pytest.mark.rule("S3")
def test_what_an_undone_batch_had_learnt_is_forgotten_with_it(
    phone: Phone, database: db.Database
) -> None:
    """The start of a route that moved on is kept once for a push; the first try kept nothing."""
    with database.unit_of_work() as session:
        route_id = routes.route(session, meter_ids=["M0001"]).id
        stop_id = routes.stop_of(session, meter_id="M0001").id
        event_id = session.scalars(select(TaskEvent.id)).first()
    phone.sync()
    with database.unit_of_work() as session:
        session.get_one(Task, (DISTRICT, route_id)).state = State.cancelled
    answer = phone.sync(
        phone.operation("reading.take", route_id, {"stop_id": stop_id, "total": "5"}),
        phone.operation("task.note", route_id, {"text": "takes an id"}, id=event_id),
    )
    assert [each["code"] for each in answer["outcomes"]] == ["route-moved-on", "operation-failed"]
    with database.reading() as session:
        bodies = session.scalars(select(TaskEvent.body).where(TaskEvent.task_id == route_id))
        events = [decode(body, tasks.Moment).event for body in bodies]
    assert events.count("start") == 1


def test_a_contact_tells_the_office_what_is_still_on_the_phone(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    order()
    phone.sync()
    since = phone.wall()
    clock.advance(hours=1)
    phone.sync(status={"queued": 4, "unsent_since": since.isoformat()})
    with database.reading() as session:
        device = session.get(Device, "device-li")
        assert device is not None
        assert device.queued == 4
        assert device.covered_until is not None
        assert abs((device.covered_until - since).total_seconds()) < 1
    phone.sync()
    with database.reading() as session:
        device = session.get(Device, "device-li")
        assert device is not None
        assert device.covered_until == clock.now()


@pytest.mark.rule("S34")
def test_a_request_that_comes_late_says_nothing_of_what_was_done_meanwhile(
    phone: Phone, client: flask.testing.FlaskClient, clock: HandClock, database: db.Database
) -> None:
    """World seed 40527: a crew was surely late by it, while its phone had the arrival in time."""
    phone.sync()
    clock.advance(minutes=10)
    sent_at, late = clock.now(), phone.request()
    clock.advance(hours=1)
    assert client.post("/v1/sync", data=late, headers=phone.headers).status_code == 200
    with database.reading() as session:
        covered_until = session.scalars(select(Device.covered_until)).one()
    assert abs((covered_until - sent_at).total_seconds()) < 1
