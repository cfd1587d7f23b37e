"""Doors asked in an odd way: by HEAD and OPTIONS, by a verb that is none, by an id that is none."""

from __future__ import annotations

import itertools

import flask
import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from tests.api.walk.conftest import Grounds, Walker
from tests.api.walk.doors import To
from tests.api.walk.table import DOORS, OPEN
from tests.api.walk.test_walk import knock, told, written
from tests.makers import neighbours
from tests.makers.neighbours import Owner

VERBS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"}
ODD_IDS = [
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%00",
    "mine%00",
    "%ff",
    "%ed%a0%80",
    "%F0%9F%94%A6",
    "%0d%0aX-Evil:1",
    "'",
    "'%20OR%201=1--",
    "%22%3B%20DROP%20TABLE%20tasks",
    "%25",
    "*",
    "x" * 65,
    "x" * 5_000,
    "{upper}",
    "%20{id}",
    "{id}%20",
    "{id}%2f",
    "{id};v=1",
    "{id}%e2%80%8b",
]
"""`{id}` is one that is there, `{upper}` the same in capitals."""


@pytest.mark.parametrize("owner", [Owner.MINE, Owner.BEYOND])
def test_head_tells_what_get_tells_and_nothing_more(
    client: Client, grounds: Grounds, walker: Walker, owner: Owner, database: db.Database
) -> None:
    headers = {role: walker(role) for role in (Role.ADMINISTRATOR, Role.LINEMAN)}
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in DOORS:
        if door.method == "GET":
            who = headers[door.shown_to]
            got = knock(client, door, grounds[owner], who)
            head = knock(client, door.asked_by("HEAD"), grounds[owner], who)
            if (head.status_code, head.data) != (got.status_code, b""):
                odd.append(told(door, head))
    assert odd == []
    assert not written(database, before)


def test_options_says_the_verbs_of_a_door_and_tells_of_nothing(
    client: Client, grounds: Grounds, database: db.Database
) -> None:
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for door in (*DOORS, *OPEN):
        answers = [knock(client, door.asked_by("OPTIONS"), names, {}) for names in grounds.values()]
        told_alike = {(each.status_code, each.data, each.headers.get("Allow")) for each in answers}
        if len(told_alike) > 1 or answers[0].status_code not in {200, 204} or answers[0].data:
            odd.append(told(door, answers[0]))
    assert odd == []
    assert not written(database, before)


def test_a_verb_that_a_door_does_not_have_does_nothing(
    client: Client, app: flask.Flask, grounds: Grounds, walker: Walker, database: db.Database
) -> None:
    headers = walker(Role.ADMINISTRATOR)
    before = neighbours.rows(database, db.Base.metadata)
    known: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        known.setdefault(rule.rule, set()).update(rule.methods or ())
    addresses, odd = app.url_map.bind("lamplighter"), []
    for door in DOORS:
        path = door.path.partition("?")[0].format(**grounds[Owner.MINE])
        rule, _ = addresses.match(path, method=door.method, return_rule=True)
        for verb in sorted(VERBS - known[rule.rule]):
            answer = knock(client, door.asked_by(verb), grounds[Owner.MINE], headers)
            if not 400 <= answer.status_code < 500:
                odd.append(told(door.asked_by(verb), answer))
    assert odd == []
    assert not written(database, before)


@pytest.mark.slow
def test_an_odd_id_is_nobodys_and_breaks_nothing(
    client: Client, grounds: Grounds, walker: Walker, database: db.Database
) -> None:
    headers = {role: walker(role) for role in (Role.ADMINISTRATOR, Role.LINEMAN)}
    mine = grounds[Owner.MINE]
    before = neighbours.rows(database, db.Base.metadata)
    odd = []
    for odd_id, door in itertools.product(ODD_IDS, DOORS):
        path, query, rest = door.path.partition("?")
        if door.to is To.ONE and "{" in path:
            names = {key: odd_id.format(id=name, upper=name.upper()) for key, name in mine.items()}
            asked = door.asked(mine) | {"path": path.format(**names) + query + rest.format(**mine)}
            asked["headers"] |= headers[door.shown_to]
            answer = client.open(**asked, buffered=True)
            if not 400 <= answer.status_code < 500 or answer.status_code in {401, 403}:
                odd.append((odd_id, told(door, answer)))
    assert odd == []
    assert not written(database, before)
