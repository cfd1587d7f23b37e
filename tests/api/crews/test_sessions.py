"""Signing in, refreshing and signing out, through the doors."""

from __future__ import annotations

import flask

from api import db
from tests.makers import crews as make


def _sign_in(client: flask.testing.FlaskClient, **asked: object) -> dict[str, str]:
    body = {"login": "li", "password": make.PASSWORD, **asked}
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return dict(answer.json)


def _made(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.person(session, password=make.PASSWORD)


def _refresh(client: flask.testing.FlaskClient, token: str) -> tuple[int, dict[str, str]]:
    answer = client.post("/v1/sessions/refresh", json={"refresh_token": token})
    assert answer.json is not None
    return answer.status_code, answer.json


def test_the_right_password_signs_in(
    client: flask.testing.FlaskClient, database: db.Database
) -> None:
    _made(database)
    tokens = _sign_in(client)
    assert tokens["person_id"] == "li"
