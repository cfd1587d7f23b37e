"""A file that a phone handed out comes into quarantine, and nothing of it counts twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import flask.testing
import pytest

from api import acts, db
from api.errors import NotFound
from api.sync import taking_in
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

Order = Callable[..., str]
Json = dict[str, Any]


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.SUPERVISOR)


@pytest.fixture
def phone(client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock) -> Phone:
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="phone-7")
    return Phone(client, headers, clock, device_id="phone-7")


TakeIn = Callable[..., taking_in.TakenIn]


@pytest.fixture
def take_in(database: db.Database, clock: HandClock) -> TakeIn:
    """Take in a file of some operations, from phone 7 unless another is named."""

    def taken(
        *wires: bytes, device_id: str = "phone-7", district_id: str = crews.DISTRICT
    ) -> taking_in.TakenIn:
        act = acts.system(district_id=district_id, now=clock.now(), job="operator")
        content = b"".join(wire + b"\n" for wire in wires)
        with database.unit_of_work() as session:
            return taking_in.take_in(session, act=act, device_id=device_id, content=content)

    return taken


def quarantined(phone: Phone, office: dict[str, str]) -> list[Json]:
    answer = phone.client.get("/v1/quarantine?reason=exported", headers=office).get_json()
    items: list[Json] = answer["items"]
    return items


def test_what_a_phone_never_brought_waits_for_the_office_and_counts_once(
    phone: Phone, order: Order, office: dict[str, str], take_in: TakeIn, clock: HandClock
) -> None:
    task_id = order()
    accepted = phone.operation("task.accept", task_id)
    phone.sync(accepted)
    clock.advance(seconds=600)
    set_out_at = clock.now()
    set_out = phone.operation("task.set_out", task_id)
    clock.advance(seconds=600)

    for _ in range(2):
        assert take_in(accepted, set_out) == taking_in.TakenIn(settled=1, waiting=1)
    (kept,) = quarantined(phone, office)
    assert (kept["type"], kept["person_id"], kept["state"]) == ("task.set_out", "li", "waiting")
    happened_at = dt.datetime.fromisoformat(kept["happened_at"])
    assert abs((happened_at - set_out_at).total_seconds()) <= kept["error_s"] + 0.001

    url = f"/v1/quarantine/{kept['id']}/accept"
    assert phone.client.post(url, headers=office).get_json()["state"] == "accepted"
    task = phone.client.get(f"/v1/tasks/{task_id}", headers=office).get_json()
    assert task["state"] == "en_route"
    assert phone.sync(set_out)["outcomes"][0]["status"] == "duplicate"


def test_a_phone_that_comes_by_itself_afterwards_leaves_nothing_to_decide(
    phone: Phone, order: Order, office: dict[str, str], take_in: TakeIn
) -> None:
    accepted = phone.operation("task.accept", order())
    assert take_in(accepted).waiting == 1
    phone.sync(accepted)
    assert [each["state"] for each in quarantined(phone, office)] == ["settled"]


def test_of_a_phone_that_never_spoke_the_moment_is_in_doubt(
    phone: Phone, order: Order, office: dict[str, str], take_in: TakeIn, clock: HandClock
) -> None:
    take_in(phone.operation("task.accept", order()))
    (kept,) = quarantined(phone, office)
    assert kept["clock_suspect"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "it is empty"),
        ([b" ", b""], "it is empty"),
        ([b"%PDF-1.7"], "no readable id and number"),
        ([b'{"id": "x"}'], "no readable id and number"),
        ([b'{"id": "x", "n": 1}', b'{"id": "y", "n": 1}'], "have the number 1"),
        ([b"1" * (taking_in.OUTBOX_BYTES_MAX + 1)], "more than"),
    ],
)
def test_what_is_no_outbox_is_refused(
    phone: Phone, take_in: TakeIn, content: list[bytes], reason: str
) -> None:
    with pytest.raises(taking_in.OutboxUnreadable) as refused:
        take_in(*content)
    assert reason in refused.value.words.en


def test_another_district_s_phone_does_not_exist(phone: Phone, take_in: TakeIn) -> None:
    for where in ({"device_id": "phone-8"}, {"district_id": "elsewhere"}):
        with pytest.raises(NotFound):
            take_in(b'{"id": "x", "n": 1}', **where)
