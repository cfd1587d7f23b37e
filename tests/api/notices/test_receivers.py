"""The doors of receivers: an administrator says who is told, and hears its secret once."""

from __future__ import annotations

import dataclasses
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.notices.service import receivers
from api.settings import Settings
from schemas.crews import Role
from tests.api.notices.conftest import Run
from tests.api.notices.test_addresses import ODD
from tests.conftest import HandClock
from tests.makers import crews, webhooks
from tests.makers.webhooks import System

HERE = "/v1/receivers"
CITY = "haikou"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let this server send mail."""
    return dataclasses.replace(
        settings, smtp_url="smtp://mail.example", smtp_from="lamps@utility.example"
    )


@pytest.fixture
def boss(sign_in: crews.SignIn) -> dict[str, str]:
    """Sign in an administrator."""
    return sign_in(Role.ADMINISTRATOR)


def told(answer: TestResponse, status: int = 200) -> Any:  # noqa: ANN401 - plain JSON
    assert answer.status_code == status, answer.text
    return answer.json


def draft(system: System, **more: object) -> dict[str, object]:
    return {"channel": "webhook", "name": "计费系统", "address": system.at("billing"), **more}


def mailbox(**more: object) -> dict[str, object]:
    return {"channel": "mail", "name": "值班室", "address": "duty@utility.example", **more}


def test_a_secret_is_shown_once_and_an_event_can_be_tried(
    client: Client, boss: dict[str, str], run: Run, system: System, clock: HandClock
) -> None:
    made = told(client.post(HERE, json=draft(system), headers=boss), 201)
    receiver, secret = made["receiver"], made["secret"]
    assert (receiver["state"], receiver["events"], receiver["earlier_until"]) == (
        "active",
        [],
        None,
    )
    one = f"{HERE}/{receiver['id']}"
    for answer in (client.get(HERE, headers=boss), client.get(one, headers=boss)):
        assert secret not in answer.text
    assert told(client.get(HERE, headers=boss))["items"] == [receiver]
    notice = told(client.post(f"{one}/test", headers=boss), 202)
    assert (notice["event"], notice["state"]) == ("receiver.test", "waiting")
    assert run() == {"sent": 1}
    (heard,) = system.heard
    assert webhooks.verifies(heard, secret, now_s=clock.now().timestamp())
    assert heard.event["id"] == notice["id"]
    (shown,) = told(client.get(f"/v1/notices?receiver={receiver['id']}", headers=boss))["items"]
    assert (shown["state"], shown["channel"]) == ("sent", "webhook")


def test_a_receiver_is_changed_paused_resumed_and_deleted(
    client: Client, boss: dict[str, str], run: Run, system: System
) -> None:
    receiver = told(client.post(HERE, json=draft(system), headers=boss), 201)["receiver"]
    one = f"{HERE}/{receiver['id']}"
    change = {"name": "账务", "events": ["order.ended", "order.ended"], "state": "paused"}
    changed = told(client.patch(one, json=change, headers=boss))
    assert (changed["name"], changed["events"], changed["state"]) == (
        "账务",
        ["order.ended"],
        "paused",
    )
    assert changed["address"] == receiver["address"], "what is left out stays"
    client.post(f"{one}/test", headers=boss)
    assert run() == {"later": 1}
    client.patch(one, json={"state": "active", "address": system.at("new")}, headers=boss)
    assert run() == {"sent": 1}, "it goes at once, and to where it is now"
    assert [heard.name for heard in system.heard] == ["new"]
    assert client.delete(one, headers=boss).status_code == 204
    assert client.get(one, headers=boss).status_code == 404
    assert client.delete(one, headers=boss).status_code == 404


def test_a_secret_is_rotated_and_every_act_is_on_record(
    client: Client, boss: dict[str, str], system: System
) -> None:
    made = told(client.post(HERE, json=draft(system), headers=boss), 201)
    one = f"{HERE}/{made['receiver']['id']}"
    rotated = told(client.post(f"{one}/rotate", json={"keep_h": 48}, headers=boss))
    assert rotated["secret"] != made["secret"]
    assert rotated["receiver"]["earlier_until"] == "2026-11-25T00:00:00.000000Z"
    leaked = told(client.post(f"{one}/rotate", json={"keep_h": 0}, headers=boss))
    assert leaked["receiver"]["earlier_until"] is None
    assert client.post(f"{one}/rotate", json={"keep_h": 169}, headers=boss).status_code == 422
    client.post(f"{one}/retry", headers=boss)
    client.delete(one, headers=boss)
    lines = told(client.get("/v1/audit", headers=boss))["items"]
    acts = [line["what"] for line in lines if line["what"].startswith("receiver.")]
    assert sorted(acts) == [
        "receiver.added",
        "receiver.removed",
        "receiver.retried",
        "receiver.rotated",
        "receiver.rotated",
    ]
    assert made["secret"] not in str(lines)


def test_a_webhook_goes_to_a_public_name_by_https(
    client: Client,
    app: flask.Flask,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
    boss: dict[str, str],
) -> None:
    strict = dataclasses.replace(settings, private_receivers=False)
    equip(app, strict, database=database, clock=clock)
    body = {"channel": "webhook", "name": "x"}
    for url in ODD:
        refused = told(client.post(HERE, json={**body, "address": url}, headers=boss), 422)
        assert refused["code"] in {"receiver-address-refused", "invalid"}, url
    made = {**body, "address": "https://billing.example/events"}
    receiver = told(client.post(HERE, json=made, headers=boss), 201)["receiver"]
    inside = {"address": "https://127.0.0.1/"}
    assert client.patch(f"{HERE}/{receiver['id']}", json=inside, headers=boss).status_code == 422


@pytest.mark.parametrize(
    "address",
    ["duty", "a@b", "a b@c.cn", "a@c.cn,b@c.cn", "<a@c.cn>", "a@c.cn\r\nBcc: x@y.cn", "值班@c.cn"],
)
def test_a_mailbox_is_one_mailbox(client: Client, boss: dict[str, str], address: str) -> None:
    answer = client.post(HERE, json=mailbox(address=address), headers=boss)
    assert answer.status_code == 422


def test_a_mailbox_has_no_secret_and_is_told_what_is_written_about(
    client: Client, boss: dict[str, str]
) -> None:
    made = told(client.post(HERE, json=mailbox(events=["report.issued"]), headers=boss), 201)
    assert made["secret"] == ""
    one = f"{HERE}/{made['receiver']['id']}"
    refused = told(client.patch(one, json={"events": ["order.ended"]}, headers=boss), 422)
    assert refused["code"] == "receiver-event-unfit"
    assert "supervision.climbed" in refused["detail"]["en"]
    refused = told(client.post(f"{one}/rotate", json={}, headers=boss), 409)
    assert refused["code"] == "receiver-unsigned"


def test_a_mailbox_of_a_unit_stands_above_its_district(
    client: Client, boss: dict[str, str]
) -> None:
    made = told(client.post(HERE, json=mailbox(unit_id=CITY), headers=boss), 201)
    assert made["receiver"]["unit_id"] == CITY
    refused = told(client.post(HERE, json=mailbox(unit_id="elsewhere"), headers=boss), 404)
    assert refused["code"] == "not-found"


def test_where_mail_is_off_no_mailbox_is_added(
    client: Client,
    app: flask.Flask,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
    boss: dict[str, str],
) -> None:
    equip(app, dataclasses.replace(settings, smtp_url=""), database=database, clock=clock)
    assert told(client.post(HERE, json=mailbox(), headers=boss), 409)["code"] == "mail-off"


def test_a_district_has_so_many_receivers_and_no_more(
    client: Client, boss: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "RECEIVERS_MAX", 2)
    for _ in range(2):
        told(client.post(HERE, json=mailbox(), headers=boss), 201)
    assert told(client.post(HERE, json=mailbox(), headers=boss), 409)["code"] == "receivers-full"
