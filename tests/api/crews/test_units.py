"""The organisation tree: who sees which part of it, and which district a request is about."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client

from api import acts, db
from api.crews import service
from api.crews.models import Unit
from api.crews.service import units
from schemas import crews as shapes
from schemas.crews import Level, Role
from tests.conftest import NOW
from tests.makers import crews as make


@pytest.fixture
def organisation(database: db.Database) -> None:
    """Make two cities: Haikou with two districts, Sanya with one."""
    with database.unit_of_work() as session:
        make.district(session, district_id="d1")
        make.district(session, district_id="d2")
        make.district(session, district_id="d3", city_id="sanya")


def _without_district(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "X-District"}


def _code(client: Client, headers: dict[str, str]) -> str:
    answer = client.get("/v1/crews", headers=headers)
    assert answer.json is not None
    return "ok" if answer.status_code == 200 else str(answer.json["code"])


def test_a_person_of_a_district_need_not_name_it(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = _without_district(sign_in(Role.DISPATCHER))
    assert _code(client, headers) == "ok"


def test_a_person_of_a_city_with_one_district_need_not_name_it(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = _without_district(sign_in(Role.DISPATCHER, unit_id="sanya", district_id="d3"))
    assert _code(client, headers) == "ok"


def test_a_person_with_several_districts_must_name_one(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = _without_district(sign_in(Role.DISPATCHER, unit_id="haikou"))
    assert _code(client, headers) == "district-needed"
    assert _code(client, {**headers, "X-District": "d2"}) == "ok"


def test_a_unit_without_a_district_says_so(
    client: Client, sign_in: make.SignIn, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.district(session)
        make.unit(session, unit_id="sanya", level=Level.CITY, parent=session.get(Unit, "hainan"))
    headers = _without_district(sign_in(Role.SUPERVISOR, unit_id="sanya"))
    assert _code(client, headers) == "no-district"


@pytest.mark.parametrize("unit_id", ["d1", "haikou", "sanya"])
def test_a_district_that_is_not_theirs_does_not_exist(
    client: Client, sign_in: make.SignIn, organisation: None, unit_id: str
) -> None:
    headers = sign_in(Role.ADMINISTRATOR, unit_id=unit_id)
    for asked in ("nowhere", "haikou", "hq", "%", "d_", "x" * 65, "d1/"):
        assert _code(client, {**headers, "X-District": asked}) == "not-found", asked


@pytest.mark.parametrize(
    ("unit_id", "seen"),
    [
        ("hq", {"d1", "d2", "d3"}),
        ("hainan", {"d1", "d2", "d3"}),
        ("haikou", {"d1", "d2"}),
        ("sanya", {"d3"}),
        ("d2", {"d2"}),
    ],
)
def test_everybody_sees_the_districts_beneath_their_unit(
    client: Client,
    sign_in: make.SignIn,
    organisation: None,
    unit_id: str,
    seen: set[str],
) -> None:
    for role in (Role.DISPATCHER, Role.INTEGRATION):
        headers = sign_in(role, unit_id=unit_id, person_id=role)
        found = {
            district_id
            for district_id in ("d1", "d2", "d3")
            if _code(client, {**headers, "X-District": district_id}) == "ok"
        }
        assert found == seen


def test_a_unit_whose_name_begins_alike_is_another_unit(
    client: Client, sign_in: make.SignIn, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.district(session, district_id="d1", city_id="haikou")
        make.district(session, district_id="d9", city_id="haikou-2")
    headers = sign_in(Role.DISPATCHER, unit_id="haikou")
    assert _code(client, {**headers, "X-District": "d9"}) == "not-found"


def test_units_are_listed_from_ones_own_downwards_in_pages(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = sign_in(Role.DISPATCHER, unit_id="haikou")
    seen, after = [], ""
    while True:
        page = client.get(f"/v1/units?limit=2{after}", headers=headers).json
        assert page is not None
        seen += [unit["id"] for unit in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ["haikou", "d1", "d2"]


def test_an_administrator_sets_up_units_beneath_their_own(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = sign_in(Role.ADMINISTRATOR, unit_id="hainan")
    draft = {"id": "danzhou", "parent_id": "hainan", "level": "city", "name": "儋州"}
    made = client.post("/v1/units", json=draft, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json is not None
    assert made.json["path"] == "/hq/hainan/danzhou"
    listed = client.get("/v1/units", headers=headers).json
    assert listed is not None
    assert made.json in listed["items"]


def test_a_district_is_begun_whole_or_not_at_all(
    client: Client, sign_in: make.SignIn, organisation: None
) -> None:
    headers = sign_in(Role.ADMINISTRATOR, unit_id="haikou")
    draft = {"id": "d4", "parent_id": "haikou", "level": "district", "name": "龙华"}
    refused = client.post("/v1/units", json=draft, headers=headers)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (422, "district-is-founded")
    assert "`lamplighter found`" in refused.json["detail"]["en"]
    assert _code(client, {**headers, "X-District": "d4"}) == "not-found"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parent_id": "sanya"}, "not-found"),
        ({"parent_id": "hainan", "level": "city"}, "not-found"),
        ({"parent_id": None, "level": "headquarters"}, "not-found"),
        ({"id": "d3"}, "unit-exists"),
        ({"level": "city"}, "wrong-level"),
        ({"parent_id": "d1"}, "wrong-level"),
        ({"level": "street"}, "invalid"),
        ({"id": "a/b"}, "invalid"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(
    client: Client,
    sign_in: make.SignIn,
    organisation: None,
    change: dict[str, object],
    code: str,
) -> None:
    headers = sign_in(Role.ADMINISTRATOR, unit_id="haikou")
    draft = {"id": "d4", "parent_id": "haikou", "level": "district", "name": "龙华", **change}
    refused = client.post("/v1/units", json=draft, headers=headers)
    assert refused.json is not None
    assert refused.json["code"] == code


def test_the_server_itself_sets_up_the_whole_tree(database: db.Database) -> None:
    act = acts.system(district_id="d1", now=NOW, job="set-up")
    parent_id = None
    with database.unit_of_work() as session:
        for level, unit_id in zip(Level, ("hq", "hainan", "haikou", "d1"), strict=True):
            draft = shapes.UnitDraft(id=unit_id, parent_id=parent_id, level=level, name=unit_id)
            service.create_unit(session, act=act, draft=draft)
            parent_id = unit_id
        assert session.get_one(Unit, "d1").path == "/hq/hainan/haikou/d1"
        with pytest.raises(units.WrongLevel):
            draft = shapes.UnitDraft(id="d5", level=Level.DISTRICT, name="孤")
            service.create_unit(session, act=act, draft=draft)
