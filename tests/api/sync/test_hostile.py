"""Whatever bytes come: a refusal with a code, never a 500, and nothing that a crew did is lost."""

from __future__ import annotations

import random
from collections.abc import Mapping

import flask.testing
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api import db
from api.sync.models import Quarantined, Receipt
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import spoiling
from tests.makers.sync import Phone

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""One app and one database meet every example: what one leaves behind, the next one finds."""


def send(phone: Phone, body: bytes, headers: Mapping[str, str] | None = None) -> int:
    """Send a body that nobody should have made; a refusal has a code. Give the status."""
    response = phone.client.post(
        "/v1/sync", data=body, headers={**phone.headers, **(headers or {})}
    )
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.get_json()["code"], response.text
    return response.status_code


def go_on(phone: Phone) -> None:
    """Go on after the server's head, as a phone does whose numbers somebody has used."""
    head = phone.client.get("/v1/sync/ack", headers=phone.headers).get_json()
    phone.n, phone.prev = head["acked_through"], head["chain"]


def kept(database: db.Database) -> set[str]:
    """Tell the hashes of everything that the server keeps of phones."""
    with database.reading() as session:
        return {
            *session.scalars(select(Receipt.sha256)),
            *session.scalars(select(Quarantined.sha256)),
        }


@pytest.mark.slow
@SHARED
@given(st.integers(0, 2**32))
def test_a_spoilt_push_is_refused_by_name_and_the_next_good_one_settles(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, seed: int
) -> None:
    clock.advance(seconds=10)  # no phone may come as often as examples do
    task_id = order()
    go_on(phone)
    wires = [
        phone.operation("task.accept", task_id),
        phone.operation("task.note", task_id, {"text": "bridge closed, going round"}),
    ]
    send(phone, spoiling.spoilt(phone.request(wires), random.Random(seed)))
    answer = phone.sync(*wires)
    if answer["acked_through"] < phone.n:  # the spoilt one took a number: the phone goes behind it
        go_on(phone)
        answer = phone.sync(*(phone.again(wire, rebased=True) for wire in wires))
    assert answer["acked_through"] >= phone.n
    assert {phone.prev} <= kept(database)


@pytest.mark.slow
@SHARED
@given(st.integers(0, 2**32))
def test_a_body_that_is_not_what_its_encoding_says_is_refused(
    phone: Phone, order: Order, seed: int
) -> None:
    body = phone.request([phone.operation("task.accept", order())])
    encoding, packed = spoiling.badly_packed(body, random.Random(seed))
    assert send(phone, packed, {"Content-Encoding": encoding}) >= 400


@SHARED
@given(st.text(max_size=200) | st.binary(max_size=120).map(lambda raw: raw.hex()))
@example("eyJsaW5lYWdlIjoieCIsInNlZW4iOnsiYSI6MX19")
@example("=" * 19_999)
def test_a_cursor_that_no_server_wrote_is_refused_by_name_or_gets_a_fresh_start(
    phone: Phone, cursor: str
) -> None:
    assert send(phone, phone.request(cursor=cursor)) in {200, 422}


def test_a_refused_request_leaves_no_trace(phone: Phone, order: Order) -> None:
    wire = phone.operation("task.accept", order())
    flask_client: flask.testing.FlaskClient = phone.client
    refused = flask_client.post("/v1/sync", data=phone.request([wire])[:-1], headers=phone.headers)
    assert refused.status_code == 422
    assert phone.sync(wire)["outcomes"] == []


def test_an_operation_that_is_no_text_is_kept_and_its_neighbours_go_on(
    phone: Phone, order: Order
) -> None:
    task_id = order()
    accepted = phone.operation("task.accept", task_id)
    noted = phone.operation("task.note", task_id, {"text": "dog in the yard"})
    body = phone.request([accepted, noted]).replace(b"dog", b"\xddog")
    response = phone.client.post("/v1/sync", data=body, headers=phone.headers)
    assert response.status_code == 200, response.text
    outcomes = [(each["n"], each["code"]) for each in response.get_json()["outcomes"]]
    assert outcomes == [(2, "operation-unreadable")]


def test_a_late_copy_of_a_request_moves_no_time(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    """Worlds told it: a request that came again an hour later spoilt the clocks' comparison."""
    task_id = order()
    phone.sync()
    body = phone.request([phone.operation("task.accept", task_id)])
    for _ in range(2):
        phone.client.post("/v1/sync", data=body, headers=phone.headers)
        clock.advance(hours=1)
    done_at = clock.now()
    phone.sync(phone.operation("task.set_out", task_id))
    with database.reading() as session:
        newest = session.scalars(select(Receipt).order_by(Receipt.n.desc())).first()
    assert newest is not None
    assert abs((newest.happened_at - done_at).total_seconds()) <= newest.error_s < 60


def test_a_request_that_was_long_under_way_makes_its_error_wide(
    phone: Phone, order: Order, clock: HandClock, database: db.Database
) -> None:
    """Worlds told it: in a new boot a late request was held for a slow clock."""
    phone.sync()
    clock.advance(hours=1)
    phone.boot, phone.booted_at, phone.measured = "boot-2", clock.now(), None
    acted_at = clock.now()
    body = phone.request([phone.operation("task.accept", order())])
    clock.advance(hours=1)
    phone.client.post("/v1/sync", data=body, headers=phone.headers)
    with database.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
    assert abs((receipt.happened_at - acted_at).total_seconds()) <= receipt.error_s
