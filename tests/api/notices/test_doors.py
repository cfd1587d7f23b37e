"""The doors of notices: a phone subscribes, the office looks and tries again."""

from __future__ import annotations

import dataclasses
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.crews.identity import Identity
from api.notices.models import Subscription
from api.settings import Settings
from schemas.crews import Role
from tests.api.notices.conftest import Run, Street
from tests.api.notices.test_addresses import ODD
from tests.conftest import HandClock
from tests.makers import crews, push

HERE = "/v1/push/subscription"


def kept(database: db.Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.device_id: row.endpoint for row in session.query(Subscription)}


def told(answer: TestResponse) -> Any:  # noqa: ANN401 - plain JSON
    assert answer.json is not None, answer.text
    return answer.json


def test_a_phone_subscribes_and_the_last_word_counts(
    client: Client, sign_in: crews.SignIn, database: db.Database, post: push.PushService
) -> None:
    li = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
    key = client.get("/v1/push/key", headers=li)
    assert len(push.unb64(told(key)["key"])) == 65
    assert client.get("/v1/push/key", headers=li).json == key.json, "it is made once"
    for name in ("first", "second"):
        own = post.subscribe(name)
        answer = client.put(HERE, json=own.subscription(), headers=li)
        assert answer.status_code == 200, answer.text
    assert kept(database) == {"device-li": f"{post.url}/p/second"}


def test_a_browser_that_another_device_had_is_the_new_ones_alone(
    client: Client, sign_in: crews.SignIn, database: db.Database, post: push.PushService
) -> None:
    body = post.subscribe("shared").subscription()
    for person_id in ("li", "chen"):
        headers = sign_in(Role.LINEMAN, person_id=person_id, device_id=f"device-{person_id}")
        assert client.put(HERE, json=body, headers=headers).status_code == 200
    assert kept(database) == {"device-chen": f"{post.url}/p/shared"}


def test_a_phone_unsubscribes_as_often_as_it_likes(
    client: Client, sign_in: crews.SignIn, database: db.Database, post: push.PushService
) -> None:
    li = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
    client.put(HERE, json=post.subscribe("li").subscription(), headers=li)
    for _ in range(2):
        assert client.delete(HERE, headers=li).status_code == 204
    assert kept(database) == {}


def test_only_a_device_can_be_sent_notices(
    client: Client,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
    post: push.PushService,
) -> None:
    """Somebody who has signed in and enrolled no phone yet."""
    with database.unit_of_work() as session:
        crews.district(session)
        somebody = crews.person(session, person_id="li", roles=[Role.LINEMAN])
        identity = Identity(settings)
        tokens = identity.issue(session, person=somebody, device_id=None, now=clock.now())
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    body = post.subscribe("nobody").subscription()
    for answer in (
        client.put(HERE, json=body, headers=headers),
        client.delete(HERE, headers=headers),
    ):
        assert (answer.status_code, told(answer)["code"]) == (403, "push-needs-device")


@pytest.fixture
def strict(
    app: flask.Flask, settings: Settings, database: db.Database, clock: HandClock
) -> flask.Flask:
    """Keep the server from its own network, as it is by default."""
    outside = dataclasses.replace(settings, private_receivers=False)
    equip(app, outside, database=database, clock=clock)
    return app


def test_an_odd_address_is_refused_with_words(
    client: Client, strict: flask.Flask, sign_in: crews.SignIn, database: db.Database
) -> None:
    li = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
    own = push.browser("https://push.example/1").subscription()
    for url in ODD:
        answer = client.put(HERE, json={**own, "endpoint": url}, headers=li)
        assert answer.status_code == 422, url
        assert told(answer)["code"] in {"push-address-refused", "invalid"}
    assert kept(database) == {}
    assert client.put(HERE, json=own, headers=li).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("p256dh", "A" * 87),
        ("p256dh", "B" + "A" * 86),
        ("p256dh", ""),
        ("p256dh", "é" * 87),
        ("auth", "x"),
        ("auth", None),
        ("lang", "fr"),
        ("endpoint", None),
        ("endpoint", "x" * 5_000),
        ("more", "x"),
    ],
)
def test_what_no_browser_gives_is_refused_with_words(
    client: Client, sign_in: crews.SignIn, post: push.PushService, field: str, value: object
) -> None:
    li = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
    body = {**post.subscribe("li").subscription(), field: value}
    answer = client.put(HERE, json=body, headers=li)
    assert answer.status_code == 422
    assert told(answer)["code"] in {"push-key-wrong", "invalid"}


def test_where_push_is_off_a_phone_is_told_so(
    client: Client,
    app: flask.Flask,
    settings: Settings,
    database: db.Database,
    clock: HandClock,
    sign_in: crews.SignIn,
    post: push.PushService,
) -> None:
    equip(app, dataclasses.replace(settings, push_contact=""), database=database, clock=clock)
    li = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
    body = post.subscribe("li").subscription()
    for answer in (
        client.get("/v1/push/key", headers=li),
        client.put(HERE, json=body, headers=li),
    ):
        assert (answer.status_code, told(answer)["code"]) == (409, "push-off")
    assert client.delete(HERE, headers=li).status_code == 204


def test_the_office_sees_a_dead_notice_and_has_it_tried_again(
    client: Client, sign_in: crews.SignIn, street: Street, run: Run, post: push.PushService
) -> None:
    post.answer("li", 400)
    street.tell("order-1", "order-2")
    run()
    run()
    chief = sign_in(Role.SUPERVISOR)
    listed = told(client.get("/v1/notices?state=dead", headers=chief))["items"]
    assert [(each["subject_id"], each["why"]) for each in listed] == [
        ("order-1", "the push service answered 400")
    ]
    others = client.get("/v1/notices?receiver=device-chen", headers=chief)
    assert told(others)["items"] == []

    where = f"/v1/notices/{listed[0]['id']}/retry"
    again = client.post(where, headers=chief)
    assert (again.status_code, told(again)["state"], told(again)["tries"]) == (200, "waiting", 0)
    twice = client.post(where, headers=chief)
    assert (twice.status_code, told(twice)["code"]) == (409, "notice-not-dead")
    assert run() == {"sent": 1}
    assert [message.subject_id for message in post.messages("li")] == ["order-2", "order-1"]
    lines = told(client.get("/v1/audit", headers=chief))["items"]
    assert [line["what"] for line in lines].count("notice.retried") == 1


def test_notices_are_paged_newest_first(
    client: Client, sign_in: crews.SignIn, street: Street
) -> None:
    street.tell("1", "2", "3")
    chief = sign_in(Role.DISPATCHER)
    first = told(client.get("/v1/notices?limit=2", headers=chief))
    rest = told(client.get(f"/v1/notices?limit=2&after={first['next']}", headers=chief))
    subjects = [each["subject_id"] for each in (*first["items"], *rest["items"])]
    assert subjects == ["3", "2", "1"]
    assert rest["next"] is None
