"""Crews, their loans and shifts, through the doors of the office."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews as make

Json = dict[str, object]
REASON = "台风后三号馈线倒杆，人手不足"


@pytest.fixture
def office(sign_in: make.SignIn, database: db.Database) -> dict[str, str]:
    """Sign in a supervisor; there are three people in the district and one in the next."""
    with database.unit_of_work() as session:
        for person_id in ("li", "wu", "zhao"):
            make.person(session, person_id=person_id, name=person_id.title())
        make.person(session, person_id="far", unit_id="d2")
    return sign_in(Role.SUPERVISOR)


def _form(client: Client, office: dict[str, str], **draft: object) -> Json:
    body = {"name": "抢修一班", "skills": ["low_voltage"], "area_ids": ["a1"], **draft}
    formed = client.post("/v1/crews", json=body, headers=office)
    assert formed.status_code == 201, formed.text
    assert formed.json is not None
    return dict(formed.json)


def _code(answer: object) -> str:
    body = getattr(answer, "json", None)
    assert body is not None
    return str(body.get("code", "ok"))


def test_a_crew_is_formed_of_people_skills_and_areas(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office, member_ids=["wu", "li", "li"], skills=["pole", "low_voltage"])
    assert crew["members"] == [
        {"person_id": "li", "name": "Li"},
        {"person_id": "wu", "name": "Wu"},
    ]
    assert crew["skills"] == ["low_voltage", "pole"]
    assert crew["areas"] == [{"area_id": "a1", "lent": False, "reason": None, "until": None}]
    assert crew["on_duty"] is False
    assert crew["position"] is None
    assert client.get(f"/v1/crews/{crew['id']}", headers=office).json == crew


@pytest.mark.parametrize("stranger", ["far", "nobody", "gone"])
def test_only_active_people_of_the_district_are_members(
    client: Client,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
    stranger: str,
) -> None:
    with database.unit_of_work() as session:
        make.person(session, person_id="gone").left_at = clock.now()
    body = {"name": "抢修二班", "member_ids": ["li", stranger]}
    refused = client.post("/v1/crews", json=body, headers=office)
    assert _code(refused) == "not-found"
    crew = _form(client, office, member_ids=["wu"])
    url = f"/v1/crews/{crew['id']}"
    assert _code(client.patch(url, json={"member_ids": [stranger]}, headers=office)) == "not-found"
    assert client.get(url, headers=office).json == crew


def test_what_a_change_does_not_name_stays(client: Client, office: dict[str, str]) -> None:
    crew = _form(client, office, member_ids=["li"])
    url = f"/v1/crews/{crew['id']}"
    changed = client.patch(url, json={"member_ids": ["wu", "zhao"]}, headers=office)
    assert changed.json is not None
    assert [member["person_id"] for member in changed.json["members"]] == ["wu", "zhao"]
    kept = ("name", "skills", "areas")
    assert {name: changed.json[name] for name in kept} == {name: crew[name] for name in kept}
    assert changed.json["version"] == 2
    again = client.patch(url, json={"skills": ["pole", "pole"]}, headers=office).json
    assert again == {**changed.json, "skills": ["pole"], "version": 3}


def test_a_crew_changed_meanwhile_is_not_overwritten(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}"
    based = {**office, "If-Match": f'"{crew["version"]}"'}
    assert client.patch(url, json={"name": "甲"}, headers=based).status_code == 200
    assert _code(client.patch(url, json={"name": "乙"}, headers=based)) == "stale"
    assert _code(client.delete(url, headers=based)) == "stale"


def test_a_disbanded_crew_is_over(client: Client, office: dict[str, str]) -> None:
    crew = _form(client, office, member_ids=["li"])
    url = f"/v1/crews/{crew['id']}"
    client.post(f"{url}/shifts", json={"shifts": [_since(-1)]}, headers=office)
    assert client.delete(url, headers=office).status_code == 200
    shown = client.get(url, headers=office).json
    assert shown is not None
    assert (shown["on_duty"], shown["disbanded_at"]) == (False, "2026-11-23T00:00:00.000000Z")
    for refused in (
        client.delete(url, headers=office),
        client.patch(url, json={"name": "乙"}, headers=office),
        client.put(f"{url}/loans/a2", json={"reason": REASON}, headers=office),
        client.post(f"{url}/shifts", json={"shifts": [_since(1)]}, headers=office),
    ):
        assert _code(refused) == "crew-disbanded"


def test_living_crews_are_listed_and_all_when_asked(client: Client, office: dict[str, str]) -> None:
    ids = sorted(str(_form(client, office, area_ids=[area])["id"]) for area in ("a1", "a1", "a2"))
    client.delete(f"/v1/crews/{ids[0]}", headers=office)

    def listed(query: str) -> list[str]:
        seen: list[str] = []
        after = ""
        while True:
            page = client.get(f"/v1/crews?limit=1{query}{after}", headers=office).json
            assert page is not None
            seen += [crew["id"] for crew in page["items"]]
            if page["next"] is None:
                return seen
            after = f"&after={page['next']}"

    assert listed("") == ids[1:]
    assert listed("&show=all") == ids
    assert listed("&show=all&area_id=a2") == ids[2:]


def test_a_crew_is_lent_for_a_concrete_reason_and_called_back(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}/loans/a2"
    lent = client.put(url, json={"reason": REASON}, headers=office)
    assert lent.json is not None
    assert lent.json["areas"][1] == {
        "area_id": "a2",
        "lent": True,
        "reason": REASON,
        "until": None,
    }
    back = client.delete(url, headers=office)
    assert back.json is not None
    assert back.json["areas"] == crew["areas"]
    assert _code(client.delete(url, headers=office)) == "not-found"


def test_a_new_loan_takes_the_place_of_the_old(client: Client, office: dict[str, str]) -> None:
    crew = _form(client, office, area_ids=[])
    url = f"/v1/crews/{crew['id']}"
    client.put(f"{url}/loans/a2", json={"reason": REASON}, headers=office)
    newer = {"reason": "变压器烧毁，夜间抢修", "until": "2026-11-23T04:00:00.000000Z"}
    client.put(f"{url}/loans/a2", json=newer, headers=office)
    assert _areas(client, url, office) == [{"area_id": "a2", "lent": True, **newer}]


@pytest.mark.parametrize("reason", ["", "工作忙", "busy", "....", "忙"])
def test_busy_is_no_reason_to_lend(client: Client, office: dict[str, str], reason: str) -> None:
    crew = _form(client, office)
    refused = client.put(
        f"/v1/crews/{crew['id']}/loans/a2", json={"reason": reason}, headers=office
    )
    assert _code(refused) == "loan-reason-vague"


def test_a_loan_ends_by_itself(client: Client, office: dict[str, str], clock: HandClock) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}"
    until = "2026-11-23T00:10:00Z"
    client.put(f"{url}/loans/a2", json={"reason": REASON, "until": until}, headers=office)
    clock.advance(minutes=9)
    assert len(_areas(client, url, office)) == 2
    clock.advance(minutes=1)
    assert len(_areas(client, url, office)) == 1


def test_a_loan_that_is_over_or_at_home_is_refused(client: Client, office: dict[str, str]) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}/loans"
    over = {"reason": REASON, "until": "2026-11-22T04:00:00Z"}
    assert _code(client.put(f"{url}/a2", json=over, headers=office)) == "loan-over"
    own = client.put(f"{url}/a1", json={"reason": REASON}, headers=office)
    assert _code(own) == "area-its-own"
    assert _code(client.delete(f"{url}/a1", headers=office)) == "not-found"


def test_new_own_areas_leave_loans_as_they_are_but_take_in_what_was_lent(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}"
    for area_id in ("a2", "a3"):
        client.put(f"{url}/loans/{area_id}", json={"reason": REASON}, headers=office)
    client.patch(url, json={"area_ids": ["a2"]}, headers=office)
    shown = [(area["area_id"], area["lent"]) for area in _areas(client, url, office)]
    assert shown == [("a2", False), ("a3", True)]


def _areas(client: Client, url: str, headers: dict[str, str]) -> list[Json]:
    shown = client.get(url, headers=headers).json
    assert shown is not None
    return list(shown["areas"])


def _since(hours: int, until: int | None = None) -> Json:
    """Write a shift by hours of the test's day; negative hours are the day before."""

    def instant(hour: int) -> str:
        return f"2026-11-{23 + hour // 24}T{hour % 24:02}:00:00Z"

    return {"starts_at": instant(hours), "ends_at": None if until is None else instant(until)}


def test_a_shift_that_ends_first_is_refused_with_all_beside_it(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}/shifts"
    for wrong in (_since(3, 1), _since(3, 3)):
        refused = client.post(url, json={"shifts": [_since(1, 2), wrong]}, headers=office)
        assert _code(refused) == "shift-ends-first"
    listed = client.get(url, headers=office).json
    assert listed == {"items": [], "next": None}


def test_shifts_are_listed_in_pages_until_they_are_over(
    client: Client, office: dict[str, str]
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}/shifts"
    drafts = [_since(5, 6), _since(-9, -1), _since(5, 7), _since(1)]
    client.post(url, json={"shifts": drafts}, headers=office)
    first = client.get(f"{url}?limit=2", headers=office).json
    assert first is not None
    rest = client.get(f"{url}?limit=2&after={first['next']}", headers=office).json
    assert rest is not None
    starts = [shift["starts_at"][11:13] for shift in (*first["items"], *rest["items"])]
    assert starts == ["01", "05", "05"]
    assert rest["next"] is None


def test_a_shift_ends_now_or_never_begins(
    client: Client, office: dict[str, str], clock: HandClock
) -> None:
    crew = _form(client, office)
    url = f"/v1/crews/{crew['id']}"
    added = client.post(
        f"{url}/shifts", json={"shifts": [_since(-1), _since(9)]}, headers=office
    ).json
    assert added is not None
    clock.advance(minutes=5)
    for shift in added["items"]:
        gone = client.delete(f"{url}/shifts/{shift['id']}", headers=office)
        assert gone.status_code == 204
    assert client.get(f"{url}/shifts", headers=office).json == {"items": [], "next": None}
    shown = client.get(url, headers=office).json
    assert shown is not None
    assert shown["on_duty"] is False
    begun, never = (
        client.delete(f"{url}/shifts/{shift['id']}", headers=office) for shift in added["items"]
    )
    assert begun.status_code == 204
    assert _code(never) == "not-found"


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "a\0b"},
        {"name": "x", "skills": ["Low Voltage"]},
        {"name": "x", "skills": ["a"] * 33},
        {"name": "x", "member_ids": ["a b"]},
        {"name": "x", "area_ids": "a1"},
        {"name": "x", "version": 9},
        {"name": 7},
    ],
)
def test_an_odd_crew_is_refused(client: Client, office: dict[str, str], body: Json) -> None:
    refused = client.post("/v1/crews", json=body, headers=office)
    assert (refused.status_code, _code(refused)) == (422, "invalid")
