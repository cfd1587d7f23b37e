"""The OpenAPI page is true: hostile requests at every door are refused clearly, never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import hypothesis
import pytest
import schemathesis
import schemathesis.schemas
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
)

from api import db, ids
from api.feed import store as feed
from schemas.crews import Role
from tests.makers import crews
from tests.makers import tasks as make

EXAMPLES = hypothesis.settings().max_examples // 10
"""Requests of one person at one door: three at a landing, ten at a desk."""
OPEN = {
    ("post", "/v1/sessions"),
    ("post", "/v1/sessions/refresh"),
    ("options", "/v1/uploads"),
}
ENDS_THE_STORY = "DELETE /v1/sessions/current"
"""Signing out ends the token that every other door is tried with."""
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
Headers = dict[str, str]
Door = schemathesis.schemas.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]


@pytest.fixture
def people(database: db.Database, sign_in: crews.SignIn) -> dict[str, Headers]:
    """Make a district with an order, and sign in somebody of the office and of the field."""
    with database.unit_of_work() as session:
        make.district(session)
        make.task(session, task_id="task-1")
        feed.start_lineage(session, name=ids.new_id())
    return {
        "office": sign_in(Role.ADMINISTRATOR),
        "field": sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1"),
    }


@schemathesis.serializer("application/offset+octet-stream")
def write_bytes(_: schemathesis.SerializationContext, value: bytes) -> bytes:
    """Send a piece of a file as it is."""
    return value


def operations(app: flask.Flask) -> Iterator[Door]:
    """List every door that the app's own description names."""
    described = schemathesis.openapi.from_wsgi("/openapi.json", app)
    for result in described.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.label != ENDS_THE_STORY:
            yield operation


def knock(
    operation: Door,
    *,
    headers: Headers,
    checks: list[CheckFunction],
    examples: int,
) -> None:
    """Send generated requests, right and wrong ones, to one door."""

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def meet(case: Case) -> None:
        case.call_and_validate(headers={**headers, "Accept-Encoding": "identity"}, checks=checks)

    meet()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["office", "field"])
def test_no_door_breaks(
    app: flask.Flask, people: dict[str, Headers], who: str, subtests: pytest.Subtests
) -> None:
    for operation in operations(app):
        with subtests.test(operation.label):
            knock(operation, headers=people[who], checks=CHECKS, examples=EXAMPLES)


@pytest.mark.slow
def test_no_door_forgets_to_ask_who_is_there(
    app: flask.Flask, people: dict[str, Headers], subtests: pytest.Subtests
) -> None:
    for operation in operations(app):
        with subtests.test(operation.label):
            knock(operation, headers=people["office"], checks=[ignored_auth], examples=1)


def test_every_door_has_a_summary_and_says_whether_it_is_locked(
    client: flask.testing.FlaskClient,
) -> None:
    page = client.get("/openapi.json").get_json()
    assert page["openapi"] == "3.1.0"
    assert len(page["paths"]) > 50
    for path, doors in page["paths"].items():
        for method, door in doors.items():
            if method not in {"get", "post", "put", "patch", "delete", "head", "options"}:
                continue
            assert door.get("summary"), (method, path)
            assert "security" in door or (method, path) in OPEN, (method, path)
