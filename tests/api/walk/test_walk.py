"""Everybody walks to every door and every object: what is not theirs does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import flask
import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from schemas.crews import FIELD, Role
from tests.api.walk import doors
from tests.api.walk.conftest import Grounds, Walker
from tests.api.walk.doors import Door, To
from tests.api.walk.table import DOORS, OPEN
from tests.makers import crews, neighbours
from tests.makers.neighbours import Names, Owner

Headers = Mapping[str, str]
OF_ALL_THE_DISTRICT = {"district", "area"}
NOTED_OF_A_CONTACT = {"device_contacts", "device_ledgers", "devices"}
"""A phone that asks for changes leaves a comparison of clocks, of itself and nobody else."""


def knock(client: Client, door: Door, names: Names, headers: Headers) -> TestResponse:
    """Knock at a door for somebody's things."""
    asked = door.asked(names)
    told_of = {**headers, **asked["headers"]}
    return client.open(**{**asked, "headers": told_of}, buffered=True)


def code(answer: TestResponse) -> str:
    if answer.status_code < 400:
        return "ok"
    if answer.request.method == "HEAD":
        return {401: "not-signed-in", 403: "not-allowed", 404: "not-found"}[answer.status_code]
    assert answer.json is not None, answer.text
    return str(answer.json["code"])


def told(door: Door, answer: TestResponse) -> str:
    return f"{door.method} {door.path}: {answer.status_code} {answer.text[:300]}"


def tells_of(answer: TestResponse, names: Names) -> set[str]:
    """List the things of somebody that an answer names."""
    return {name for name in names.values() if f'"{name}"' in answer.text}


def written(database: db.Database, before: Mapping[str, list[str]]) -> set[str]:
    """List the tables that are not what they were, but for how often who walks has asked."""
    after = neighbours.rows(database, db.Base.metadata)
    changed = {table for table, rows in after.items() if rows != before[table]}
    return changed - {"sign_in_buckets"}


def of_another(database: db.Database) -> dict[str, list[str]]:
    """Read every row that has to do with the other district."""
    rows = neighbours.rows(database, db.Base.metadata)
    about = ("'d2'", f"-{Owner.BEYOND}'")
    return {
        table: [row for row in each if any(name in row for name in about)]
        for table, each in rows.items()
    }


def is_hidden(door: Door, answer: TestResponse, names: Names) -> bool:
    """Tell whether a door keeps somebody's things from who may enter and does not own them."""
    if door.to is To.MANY:
        return answer.status_code == 200 and not tells_of(answer, names)
    return (answer.status_code, code(answer)) == (404, "not-found")


def leading_to(*kinds: To) -> Iterator[Door]:
    return (door for door in DOORS if door.to in kinds)


@pytest.mark.parametrize("role", list(Role))
def test_a_door_opens_to_its_roles_only(
    client: Client, grounds: Grounds, walker: Walker, role: Role
) -> None:
    headers = walker(role)
    odd = []
    for door in DOORS:
        answer = knock(client, door, grounds[Owner.MINE], headers)
        if (code(answer) == "not-allowed") != (role not in door.roles):
            odd.append(told(door, answer))
    assert odd == []


def test_an_own_thing_is_there_and_nobody_elses_is_touched(
    client: Client, grounds: Grounds, walker: Walker, database: db.Database
) -> None:
    headers = {role: walker(role) for role in (Role.ADMINISTRATOR, Role.LINEMAN)}
    before = of_another(database)
    odd = []
    for door in DOORS:
        answer = knock(client, door, grounds[Owner.MINE], headers[door.shown_to])
        if answer.status_code >= 300 and answer.status_code != door.found:
            odd.append(told(door, answer))
    assert odd == []
    assert of_another(database) == before


@pytest.mark.parametrize("role", list(Role))
def test_another_districts_thing_does_not_exist(
    client: Client, grounds: Grounds, walker: Walker, role: Role, database: db.Database
) -> None:
    headers = walker(role)
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in leading_to(To.ONE, To.MANY):
        answer = knock(client, door, grounds[Owner.BEYOND], headers)
        if role in door.roles:
            is_shut = is_hidden(door, answer, grounds[Owner.BEYOND])
        else:
            is_shut = (answer.status_code, code(answer)) == (403, "not-allowed")
        if not is_shut:
            odd.append(told(door, answer))
    assert odd == []
    assert written(database, before) <= NOTED_OF_A_CONTACT


@pytest.mark.parametrize("role", sorted(FIELD))
def test_another_crews_thing_does_not_exist_in_the_field(
    client: Client, grounds: Grounds, walker: Walker, role: Role, database: db.Database
) -> None:
    headers = walker(role)
    beside = {k: v for k, v in grounds[Owner.BESIDE].items() if k not in OF_ALL_THE_DISTRICT}
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in leading_to(To.ONE, To.MANY):
        if role in door.roles and not door.shared:
            answer = knock(client, door, grounds[Owner.BESIDE], headers)
            if not is_hidden(door, answer, beside):
                odd.append(told(door, answer))
    assert odd == []
    assert not written(database, before)


@pytest.mark.parametrize("role", list(Role))
def test_naming_another_district_opens_nothing(
    client: Client, grounds: Grounds, walker: Walker, role: Role, database: db.Database
) -> None:
    headers = {**walker(role), "X-District": Owner.BEYOND.district}
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in DOORS:
        if not door.anywhere:
            answer = knock(client, door, grounds[Owner.BEYOND], headers)
            if (answer.status_code, code(answer)) != (404, "not-found"):
                odd.append(told(door, answer))
    assert odd == []
    assert not written(database, before)


def test_who_stands_above_works_in_the_district_that_they_name(
    client: Client, grounds: Grounds, sign_in: crews.SignIn, database: db.Database
) -> None:
    headers = sign_in(Role.ADMINISTRATOR, unit_id="haikou")
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in leading_to(To.ONE, To.MANY):
        if Role.ADMINISTRATOR in door.roles and not door.tree:
            answer = knock(client, door, grounds[Owner.BEYOND], headers)
            if not is_hidden(door, answer, grounds[Owner.BEYOND]):
                odd.append(told(door, answer))
    assert odd == []
    assert not written(database, before)


def test_who_stands_above_does_not_exist_below(
    client: Client, grounds: Grounds, walker: Walker, sign_in: crews.SignIn, database: db.Database
) -> None:
    sign_in(Role.ADMINISTRATOR, unit_id="haikou", person_id="chief")
    chief = {"person": "chief", "district": "haikou"}
    headers = walker(Role.ADMINISTRATOR)
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in leading_to(To.ONE, To.MANY):
        if door.tree and Role.ADMINISTRATOR in door.roles:
            answer = knock(client, door, chief, headers)
            if not is_hidden(door, answer, {"person": "chief"}):
                odd.append(told(door, answer))
    assert odd == []
    assert not written(database, before)


def test_without_a_token_every_door_is_shut(
    client: Client, grounds: Grounds, database: db.Database
) -> None:
    before = neighbours.rows(database, db.Base.metadata)
    for door in DOORS:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic bGk6bGk="}):
            answer = knock(client, door, grounds[Owner.MINE], headers)
            assert (answer.status_code, code(answer)) == (401, "not-signed-in"), door
    assert not written(database, before)


def test_a_door_without_a_token_has_a_reason_and_tells_of_nobody(
    client: Client, grounds: Grounds, database: db.Database
) -> None:
    before = neighbours.rows(database, db.Base.metadata)
    for door in OPEN:
        assert door.why, door
        answer = knock(client, door, grounds[Owner.MINE], {})
        assert answer.status_code < 500, (door, answer.text)
        assert (door.method == "POST") == (answer.status_code >= 400), (door, answer.text)
        for names in grounds.values():
            assert not tells_of(answer, names), (door, answer.text)
    assert not written(database, before)


def test_the_walk_goes_to_every_door(app: flask.Flask, grounds: Grounds) -> None:
    addresses = app.url_map.bind("lamplighter")
    walked = set()
    for door in (*DOORS, *OPEN):
        path = door.path.partition("?")[0].format(**grounds[Owner.MINE])
        rule, _ = addresses.match(path, method=door.method, return_rule=True)
        walked.add((door.method, rule.rule))
    assert walked == set(doors.every_door(app))
