"""Showing a token at every kind of door: each refuses it with 401 and its code, never a 500."""

from __future__ import annotations

import json

from flask.testing import FlaskClient as Client

DOORS = [
    ("GET", "/v1/units"),  # a door, with a unit of work
    ("POST", "/v1/uploads"),  # a gate, without one
    ("HEAD", "/v1/uploads/none"),  # where a revoked device may come too
    ("DELETE", "/v1/sessions/current"),  # where the token is all that is looked at
]


def knock(client: Client, token: str, *, door: tuple[str, str] = DOORS[0]) -> tuple[int, str]:
    """Show a token at a door: the status and the code."""
    method, path = door
    answer = client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
    said = json.loads(answer.data or b"{}")
    return answer.status_code, str(said.get("code", ""))


def assert_refused(client: Client, token: str, *, why: object = "") -> None:
    for door in DOORS:
        status, said = knock(client, token, door=door)
        expected = "" if door[0] == "HEAD" else "not-signed-in"
        assert (status, said) == (401, expected), (why, door)
