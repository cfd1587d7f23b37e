"""People, through the doors of an administrator."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews as make

Json = dict[str, object]
DRAFT: Json = {
    "login": "Wang.Fang",
    "name": "王芳",
    "roles": ["reader"],
    "password": make.PASSWORD,
}


@pytest.fixture
def boss(sign_in: make.SignIn) -> dict[str, str]:
    """Sign in an administrator of the district."""
    return sign_in(Role.ADMINISTRATOR)


def _create(client: Client, headers: dict[str, str], **change: object) -> tuple[int, Json]:
    answer = client.post("/v1/people", json={**DRAFT, **change}, headers=headers)
    assert answer.json is not None
    return answer.status_code, dict(answer.json)


def _sign_in(client: Client, password: str = make.PASSWORD) -> dict[str, str] | None:
    body = {"login": "wang.fang", "password": password}
    answer = client.post("/v1/sessions", json=body)
    return make.bearer(answer.json) if answer.status_code == 201 and answer.json else None


def test_a_new_person_can_sign_in(client: Client, boss: dict[str, str]) -> None:
    status, person = _create(client, boss)
    assert status == 201
    assert (person["login"], person["unit_id"], person["version"]) == ("wang.fang", "d1", 1)
    assert "password" not in str(person)
    assert _sign_in(client)


def test_a_login_belongs_to_one_person(client: Client, boss: dict[str, str]) -> None:
    _create(client, boss)
    status, problem = _create(client, boss, login="WANG.FANG")
    assert (status, problem["code"]) == (409, "login-taken")


@pytest.mark.parametrize(
    "change",
    [
        {"roles": []},
        {"roles": ["king"]},
        {"login": "with space"},
        {"login": ""},
        {"login": "li¨wei"},
        {"password": "short"},
        {"name": "a\0b"},
        {"unit_id": "a\0b"},
        {"version": 7},
    ],
)
def test_an_odd_person_is_refused(
    client: Client, boss: dict[str, str], change: dict[str, object]
) -> None:
    status, problem = _create(client, boss, **change)
    assert (status, problem["code"]) == (422, "invalid")


def test_other_roles_count_at_once(client: Client, boss: dict[str, str]) -> None:
    _, person = _create(client, boss)
    hers = _sign_in(client)
    assert hers
    assert client.get("/v1/people", headers=hers).status_code == 403
    url = f"/v1/people/{person['id']}/roles"
    changed = client.put(url, json={"roles": ["dispatcher", "reader"]}, headers=boss)
    assert changed.json is not None
    assert (changed.json["roles"], changed.json["version"]) == (["dispatcher", "reader"], 2)
    assert client.get("/v1/people", headers=hers).status_code == 200


def test_a_new_password_ends_what_the_old_one_began(client: Client, boss: dict[str, str]) -> None:
    _, person = _create(client, boss)
    hers = _sign_in(client)
    url = f"/v1/people/{person['id']}/password"
    assert client.put(url, json={"password": "another lamp"}, headers=boss).status_code == 200
    assert client.get("/v1/units", headers=hers).status_code == 401
    assert _sign_in(client) is None
    assert _sign_in(client, "another lamp")


def test_who_was_let_go_is_out_at_once_and_stays_on_record(
    client: Client, boss: dict[str, str], clock: HandClock
) -> None:
    _, person = _create(client, boss)
    hers = _sign_in(client)
    url = f"/v1/people/{person['id']}"
    gone = client.delete(url, headers=boss)
    assert gone.json is not None
    assert gone.json["left_at"] == "2026-11-23T00:00:00.000000Z"
    clock.advance(minutes=2)
    again = client.delete(url, headers=boss)
    assert again.json == gone.json
    assert client.get("/v1/units", headers=hers).status_code == 401
    assert _sign_in(client) is None
    assert client.get(url, headers=boss).json == gone.json


def test_nobody_locks_themselves_out(client: Client, boss: dict[str, str]) -> None:
    mine = "/v1/people/administrator-d1"
    for refused in (
        client.delete(mine, headers=boss),
        client.put(f"{mine}/roles", json={"roles": ["reader"]}, headers=boss),
    ):
        assert refused.json is not None
        assert refused.json["code"] == "own-rights"


def test_a_change_based_on_an_older_version_is_stale(client: Client, boss: dict[str, str]) -> None:
    _, person = _create(client, boss)
    url = f"/v1/people/{person['id']}"
    seen = client.get(url, headers=boss).headers["ETag"]
    roles = {"roles": ["supervisor"]}
    based = {**boss, "If-Match": seen}
    assert client.put(f"{url}/roles", json=roles, headers=based).status_code == 200
    stale = client.put(f"{url}/roles", json=roles, headers=based)
    assert (stale.status_code, stale.json and stale.json["code"]) == (412, "stale")
    assert client.delete(url, headers=based).status_code == 412
    password = {"password": make.PASSWORD}
    assert client.put(f"{url}/password", json=password, headers=based).status_code == 412


def test_an_unchanged_person_is_not_sent_again(client: Client, boss: dict[str, str]) -> None:
    _, person = _create(client, boss)
    url = f"/v1/people/{person['id']}"
    seen = client.get(url, headers=boss).headers["ETag"]
    assert client.get(url, headers={**boss, "If-None-Match": seen}).status_code == 304


def test_people_are_listed_by_unit_and_page(
    client: Client, sign_in: make.SignIn, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.district(session, district_id="d2")
        for number in range(5):
            make.person(session, person_id=f"p{number}", unit_id="d1" if number % 2 else "d2")
    headers = sign_in(Role.ADMINISTRATOR, unit_id="haikou")
    seen: list[str] = []
    after = ""
    while True:
        page = client.get(f"/v1/people?unit_id=haikou&limit=2{after}", headers=headers).json
        assert page is not None
        seen += [person["id"] for person in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ["administrator-haikou", "p0", "p1", "p2", "p3", "p4"]
    page = client.get("/v1/people", headers=headers).json
    assert page is not None
    assert [person["id"] for person in page["items"]] == ["p1", "p3"]


@pytest.mark.parametrize(
    "key",
    ["x", "W10", "WzFd", "WyJhIiwiYiJd", "WyJhXHUwMDAwIl0", "bnVsbA", "eyJhIjoxfQ", "é", "=" * 99],
)
def test_a_page_key_of_nobody_is_refused(client: Client, boss: dict[str, str], key: str) -> None:
    for url in ("/v1/people", "/v1/crews", "/v1/devices", "/v1/units", "/v1/audit"):
        refused = client.get(url, query_string={"after": key}, headers=boss)
        assert refused.status_code == 422, (url, refused.text)


def test_every_act_of_the_office_is_on_record(
    client: Client, boss: dict[str, str], clock: HandClock
) -> None:
    _, person = _create(client, boss)
    url = f"/v1/people/{person['id']}"
    clock.advance(minutes=1)
    client.put(f"{url}/roles", json={"roles": ["lineman"]}, headers=boss)
    clock.advance(minutes=1)
    client.put(f"{url}/password", json={"password": "another lamp"}, headers=boss)
    clock.advance(minutes=1)
    client.delete(url, headers=boss)
    lines: list[Json] = []
    after = ""
    while True:
        page = client.get(f"/v1/audit?limit=3{after}", headers=boss).json
        assert page is not None
        lines += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [line["what"] for line in lines] == [
        "person.deactivated",
        "person.password_changed",
        "person.roles_changed",
        "person.created",
    ]
    assert {line["subject_id"] for line in lines} == {person["id"]}
    assert {line["person_id"] for line in lines} == {"administrator-d1"}
    assert lines[2]["detail"] == {"roles": ["lineman"]}
    assert "lamp" not in str(lines)


def test_a_refused_act_leaves_no_line(client: Client, boss: dict[str, str]) -> None:
    _create(client, boss)
    _create(client, boss)
    page = client.get("/v1/audit", headers=boss).json
    assert page is not None
    assert [line["what"] for line in page["items"]] == ["person.created"]
