"""Everybody walks to every door and every object: what is not theirs does not exist."""

from __future__ import annotations

import dataclasses
from typing import Final

import flask
import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from tests.makers import crews as make

REASON: Final = "台风后三号馈线倒杆，人手不足"
OFFICE: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
LEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
BOSS: Final = frozenset({Role.ADMINISTRATOR})
TODAY: Final = "2026-11-23T00:00:00Z"
NEW_PERSON: Final[dict[str, object]] = {
    "login": "new",
    "name": "新",
    "roles": ["reader"],
    "unit_id": "{district}",
}
LOOKS: Final = OFFICE | {Role.INTEGRATION}
ALL: Final = frozenset(Role)


@dataclasses.dataclass(frozen=True)
class Door:
    """A door of this capability: who may open it, and whether it leads to one object."""

    method: str
    path: str
    roles: frozenset[Role]
    body: dict[str, object] | None = None
    lists: bool = False


DOORS: Final = [
    Door("GET", "/v1/units", ALL, lists=True),
    Door("GET", "/v1/audit", LEADS, lists=True),
    Door("GET", "/v1/people", OFFICE, lists=True),
    Door("GET", "/v1/people?unit_id={district}", OFFICE),
    Door("POST", "/v1/people", BOSS, NEW_PERSON),
    Door("GET", "/v1/people/{person}", OFFICE),
    Door("PUT", "/v1/people/{person}/roles", BOSS, {"roles": ["reader"]}),
    Door("PUT", "/v1/people/{person}/password", BOSS, {"password": "another lamp"}),
    Door("GET", "/v1/crews", LOOKS, lists=True),
    Door("GET", "/v1/crews/geojson", LOOKS, lists=True),
    Door("POST", "/v1/crews", LEADS, {"name": "新", "member_ids": ["{person}"]}),
    Door("GET", "/v1/crews/{crew}", LOOKS),
    Door("PATCH", "/v1/crews/{crew}", LEADS, {"name": "新"}),
    Door("PUT", "/v1/crews/{crew}/loans/a9", OFFICE, {"reason": REASON}),
    Door("DELETE", "/v1/crews/{crew}/loans/a8", OFFICE),
    Door("GET", "/v1/crews/{crew}/shifts", OFFICE),
    Door("POST", "/v1/crews/{crew}/shifts", OFFICE, {"shifts": [{"starts_at": TODAY}]}),
    Door("DELETE", "/v1/crews/{crew}/shifts/shift-{crew}", OFFICE),
    Door("DELETE", "/v1/crews/{crew}", LEADS),
    Door("GET", "/v1/devices", OFFICE, lists=True),
    Door("POST", "/v1/devices", ALL, {"name": "新", "app": "x", "key": make.KEY}, lists=True),
    Door("GET", "/v1/devices/unsynced", OFFICE, lists=True),
    Door("GET", "/v1/devices/{device}", OFFICE),
    Door("DELETE", "/v1/devices/{device}", OFFICE),
    Door("DELETE", "/v1/people/{person}", BOSS),
]
"""Every door but signing in and setting up units; what ends a thing comes after what needs it."""


def _things(district_id: str) -> dict[str, str]:
    return {
        "district": district_id,
        "person": f"person-{district_id}",
        "crew": f"crew-{district_id}",
        "device": f"phone-{district_id}",
    }


@pytest.fixture
def districts(database: db.Database) -> None:
    """Make two districts of one city with the same things in each."""
    with database.unit_of_work() as session:
        for district_id in ("d1", "d2"):
            make.district(session, district_id=district_id)
            names = _things(district_id)
            make.person(session, person_id=names["person"], unit_id=district_id, name=district_id)
            make.crew(session, crew_id=names["crew"], district_id=district_id)
            make.area(
                session,
                crew_id=names["crew"],
                area_id="a8",
                district_id=district_id,
                reason=REASON,
            )
            make.device(
                session,
                person_id=names["person"],
                device_id=names["device"],
                district_id=district_id,
            )


def _knock(
    client: Client, door: Door, *, district_id: str, headers: dict[str, str]
) -> tuple[int, str, str]:
    """Knock at a door for the things of a district: status, code, and all that it said."""
    names = _things(district_id)
    answer = client.open(
        door.path.format(**names),
        method=door.method,
        json=_named(door.body, names),
        headers=headers,
    )
    code = "ok" if answer.status_code < 400 or answer.json is None else str(answer.json["code"])
    return answer.status_code, code, answer.text


def _named(value: object, names: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize("role", list(Role))
def test_a_door_opens_to_its_roles_only(
    client: Client, sign_in: make.SignIn, districts: None, role: Role
) -> None:
    headers = sign_in(role)
    for door in DOORS:
        _, code, _ = _knock(client, door, district_id="d1", headers=headers)
        assert (code == "not-allowed") == (role not in door.roles), (door, code)


def test_an_own_object_is_there(client: Client, sign_in: make.SignIn, districts: None) -> None:
    headers = sign_in(Role.ADMINISTRATOR)
    for door in DOORS:
        status, code, said = _knock(client, door, district_id="d1", headers=headers)
        assert (status < 300, code) == (True, "ok"), (door, said)


@pytest.mark.parametrize("role", list(Role))
def test_another_districts_object_does_not_exist(
    client: Client, sign_in: make.SignIn, districts: None, role: Role
) -> None:
    headers = sign_in(role)
    for door in DOORS:
        _, code, said = _knock(client, door, district_id="d2", headers=headers)
        if role not in door.roles:
            assert code == "not-allowed", (door, said)
        elif door.lists:
            assert not any(f'"{name}"' in said for name in _things("d2").values()), (door, said)
        else:
            assert code == "not-found", (door, said)


def test_naming_another_district_opens_nothing(
    client: Client, sign_in: make.SignIn, districts: None
) -> None:
    headers = {**sign_in(Role.ADMINISTRATOR), "X-District": "d2"}
    for door in DOORS:
        code = _knock(client, door, district_id="d2", headers=headers)[1]
        assert code == "not-found", door


def test_without_a_token_every_door_is_shut(client: Client, districts: None) -> None:
    for door in DOORS:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic bGk6bGk="}):
            status, code, _ = _knock(client, door, district_id="d1", headers=headers)
            assert (status, code) == (401, "not-signed-in"), door


def test_the_walk_goes_to_every_door(app: flask.Flask) -> None:
    addresses = app.url_map.bind("lamplighter")
    walked = set()
    for door in DOORS:
        path = door.path.partition("?")[0].format(**_things("d1"))
        rule, _ = addresses.match(path, method=door.method, return_rule=True)
        walked.add((door.method, rule.rule))
    ours = ("/v1/people", "/v1/crews", "/v1/devices", "/v1/audit")
    doors = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(ours)
    }
    assert doors - walked == set()
