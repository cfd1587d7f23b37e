"""Whoever audits sees the checkpoints and the public keys; nobody else does."""

from __future__ import annotations

import base64

import flask.testing
import pytest

from api import db
from api.custody import keys
from api.settings import Settings
from schemas import signatures
from schemas.crews import DeviceKey, Role
from tests.api.custody.conftest import Checkpoint, Grow, Order
from tests.makers.crews import SignIn

Client = flask.testing.FlaskClient


@pytest.fixture
def books(order: Order, grow: Grow, checkpoint: Checkpoint) -> None:
    order(task_id="t1")
    checkpoint()
    for _ in range(2):
        grow("t1")
        checkpoint()


def test_checkpoints_are_listed_the_newest_first_page_by_page(
    books: None, client: Client, sign_in: SignIn, settings: Settings
) -> None:
    headers = sign_in(Role.SUPERVISOR)
    first = client.get("/v1/custody/checkpoints?limit=2", headers=headers).json
    assert first is not None
    rest = client.get(
        "/v1/custody/checkpoints", query_string={"after": first["next"]}, headers=headers
    ).json
    assert rest is not None
    shown = first["items"] + rest["items"]
    assert [each["number"] for each in shown] == [3, 2, 1]
    assert rest["next"] is None
    public = keys.opened(settings).public
    for each in shown:
        statement = each["statement"].encode()
        assert signatures.has_signed(public, statement=statement, signature=each["signature"])


def test_public_keys_are_listed_and_the_private_ones_are_not(
    books: None, client: Client, sign_in: SignIn, settings: Settings
) -> None:
    answer = client.get("/v1/custody/keys", headers=sign_in(Role.ADMINISTRATOR))
    assert answer.json is not None
    (shown,) = answer.json["items"]
    key = keys.opened(settings)
    assert shown["kid"] == key.kid
    assert DeviceKey(**shown["key"]) == key.public
    assert set(shown["key"]) == {"kty", "crv", "x", "y"}


@pytest.mark.parametrize("role", [Role.LINEMAN, Role.READER, Role.DISPATCHER, Role.INTEGRATION])
@pytest.mark.parametrize("door", ["checkpoints", "keys"])
def test_others_do_not_see_them(client: Client, sign_in: SignIn, role: Role, door: str) -> None:
    assert client.get(f"/v1/custody/{door}", headers=sign_in(role)).status_code == 403


@pytest.mark.parametrize("key", ["x", '["7"]', "[-1]", "[1,2]", "[null]", "[1e400]", "[true]"])
def test_a_page_key_of_another_is_refused(client: Client, sign_in: SignIn, key: str) -> None:
    after = base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    answer = client.get(
        "/v1/custody/checkpoints",
        query_string={"after": after},
        headers=sign_in(Role.SUPERVISOR),
    )
    assert answer.status_code == 422


def test_another_district_has_its_own(
    books: None, client: Client, sign_in: SignIn, database: db.Database
) -> None:
    headers = sign_in(Role.SUPERVISOR, district_id="d2")
    assert client.get("/v1/custody/checkpoints", headers=headers).json == {
        "items": [],
        "next": None,
    }
