"""The doors of work: who may enter, what they answer, what they refuse."""

from __future__ import annotations

import flask.testing
import pytest

from api import db
from schemas.crews import Role
from schemas.rules.transitions import Kind, State
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import tasks as make


@pytest.fixture(autouse=True)
def work(database: db.Database) -> None:
    """Put two crews' work into the district."""
    with database.unit_of_work() as session:
        make.task(session, task_id="ours", urgency=2)
        make.task(session, task_id="theirs", crew_id="crew-2")
        make.task(session, task_id="waiting", state=State.reported, urgency=1)
        make.task(session, task_id="finished", state=State.finished, urgency=4)


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


@pytest.fixture
def crew(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")


def ids(answer: flask.testing.TestResponse) -> list[str]:  # type: ignore[name-defined]  # werkzeug's own name
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    return [item["id"] for item in body["items"]]


def test_the_office_lists_the_worklist_in_pages(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    first = client.get("/v1/tasks?limit=3", headers=office)
    assert ids(first) == ["waiting", "ours", "theirs"]
    after = first.get_json()["next"]
    second = client.get(f"/v1/tasks?limit=3&after={after}", headers=office)
    assert ids(second) == ["finished"]
    assert second.get_json()["next"] is None


def test_filters_stand_in_the_query(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    assert ids(client.get("/v1/tasks?unassigned=true", headers=office)) == ["waiting"]
    assert ids(client.get("/v1/tasks?crew_id=crew-2", headers=office)) == ["theirs"]
    assert ids(client.get("/v1/tasks?state=finished", headers=office)) == ["finished"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "state=lost", "after=x", "after=WzEsMiwzXQ", "urgency=9", "colour=red"],
)
def test_a_query_that_means_nothing_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str], query: str
) -> None:
    answer = client.get(f"/v1/tasks?{query}", headers=office)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")


def test_a_crew_sees_its_own_work(client: flask.testing.FlaskClient, crew: dict[str, str]) -> None:
    assert ids(client.get("/v1/tasks", headers=crew)) == ["ours", "finished"]
    assert client.get("/v1/tasks/ours", headers=crew).status_code == 200
    for path in ("theirs", "theirs/timeline", "none"):
        assert client.get(f"/v1/tasks/{path}", headers=crew).status_code == 404


def test_work_is_drawn_on_a_map(client: flask.testing.FlaskClient, office: dict[str, str]) -> None:
    answer = client.get("/v1/tasks/geojson?state=reported", headers=office)
    assert answer.mimetype == "application/geo+json"
    (feature,) = answer.get_json()["features"]
    assert feature["geometry"] == make.site().geometry
    assert feature["properties"]["state"] == "reported"
    assert "contact" not in feature["properties"]


def test_an_old_version_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    tag = client.get("/v1/tasks/waiting", headers=office).headers["ETag"]
    body = {"crew_id": "crew-2", "why": "nearest"}
    assigned = client.post(
        "/v1/tasks/waiting/assign", json=body, headers={**office, "If-Match": tag}
    )
    assert (assigned.status_code, assigned.get_json()["state"]) == (200, "dispatched")
    assert assigned.headers["ETag"] != tag
    again = client.post(
        "/v1/tasks/waiting/cancel",
        json={"reason": make.REASON},
        headers={**office, "If-Match": tag},
    )
    assert (again.status_code, again.get_json()["code"]) == (412, "stale")


def test_an_unchanged_task_is_not_sent_again(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    tag = client.get("/v1/tasks/ours", headers=office).headers["ETag"]
    answer = client.get("/v1/tasks/ours", headers={**office, "If-None-Match": tag})
    assert answer.status_code == 304


def test_work_changes_hands_for_a_concrete_reason_only(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    body = {"crew_id": "crew-2", "why": "工作忙"}
    refused = client.post("/v1/tasks/ours/reassign", json=body, headers=office)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "reason-not-concrete")
    body["why"] = "抢修车在大桥抛锚"
    answer = client.post("/v1/tasks/ours/reassign", json=body, headers=office)
    assert answer.get_json()["crew_id"] == "crew-2"
    held = client.get("/v1/tasks/ours/holders", headers=office).get_json()["items"]
    assert [each["crew_id"] for each in held] == ["crew-1", "crew-2"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"why": "nearest"}, 422, "nobody-named"),
        ({"crew_id": "none", "why": "nearest"}, 404, "not-found"),
        ({"person_id": "none", "why": "nearest"}, 404, "not-found"),
        ({"crew_id": "crew-1", "colour": "red"}, 422, "invalid"),
    ],
)
def test_work_is_given_to_hands_that_are_there(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    body: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = client.post("/v1/tasks/waiting/assign", json=body, headers=office)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_city_dispatcher_gives_no_work_to_people_of_another_district(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    sign_in(Role.LINEMAN, district_id="d2", person_id="zhao")
    city = sign_in(Role.DISPATCHER, district_id="d1", unit_id="haikou")
    body = {"person_id": "zhao", "why": "nearest"}
    answer = client.post("/v1/tasks/waiting/assign", json=body, headers=city)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_an_order_is_closed_by_its_call_back_and_audited(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    early = client.post("/v1/tasks/finished/archive", headers=office)
    assert (early.status_code, early.get_json()["code"]) == (409, "not-called-back")
    body = {"result": "satisfied", "note": "light is on"}
    called = client.post("/v1/tasks/finished/call-back", json=body, headers=office)
    assert called.get_json()["state"] == "called_back"
    archived = client.post("/v1/tasks/finished/archive", headers=office)
    assert archived.get_json()["state"] == "archived"
    checked = client.get("/v1/tasks/finished/verify", headers=office).get_json()
    assert checked["intact"] is True
    timeline = client.get("/v1/tasks/finished/timeline?limit=5", headers=office).get_json()
    assert [each["event"] for each in timeline["items"]][:3] == ["report", "dispatch", "accept"]
    more = client.get(
        f"/v1/tasks/finished/timeline?after={timeline['next']}", headers=office
    ).get_json()
    assert more["items"][-1]["event"] == "archive"


def test_a_crew_online_works_by_the_same_acts(
    client: flask.testing.FlaskClient, crew: dict[str, str]
) -> None:
    accepted = client.post("/v1/tasks/ours/accept", json={}, headers=crew)
    assert accepted.get_json()["task"]["state"] == "accepted"
    again = client.post("/v1/tasks/ours/accept", json={}, headers=crew).get_json()
    assert again["remark_code"] == "overtaken"
    assert client.post("/v1/tasks/ours/set-out", json={}, headers=crew).status_code == 200
    early = client.post("/v1/tasks/ours/start", json={}, headers=crew)
    assert (early.status_code, early.get_json()["code"]) == (409, "illegal-move")
    noted = client.post("/v1/tasks/ours/note", json={"text": "dog"}, headers=crew)
    assert noted.status_code == 200
    body = {"reason": "pole down, needs the crane crew"}
    returned = client.post("/v1/tasks/ours/return", json=body, headers=crew).get_json()
    assert returned["task"] is None
    late = client.post("/v1/tasks/ours/finish", json={}, headers=crew).get_json()
    assert late["remark_code"] == "no-longer-yours"


def test_a_crew_online_lets_work_wait_and_ends_it(
    client: flask.testing.FlaskClient, crew: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="route", kind=Kind.route, state=State.accepted)
    body = {"reason": "gate locked, key with the owner until 15:00"}
    steps: list[tuple[str, dict[str, str], str]] = [
        ("suspend", body, "suspended"),
        ("resume", {}, "accepted"),
        ("start", {}, "working"),
        ("finish", {"work_done": "read 40 meters"}, "finished"),
    ]
    for verb, sent, state in steps:
        answer = client.post(f"/v1/tasks/route/{verb}", json=sent, headers=crew)
        assert answer.get_json()["task"]["state"] == state


def test_work_is_not_given_to_hands_that_are_gone(
    client: flask.testing.FlaskClient, office: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        crews.crew(session, crew_id="old").disbanded_at = make.NOW
        crews.person(session, person_id="left").left_at = make.NOW
    for body in ({"crew_id": "old"}, {"person_id": "left"}):
        answer = client.post("/v1/tasks/waiting/assign", json=body, headers=office)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "hands-gone")


def test_finished_work_comes_back_a_step_more_urgent(
    client: flask.testing.FlaskClient, office: dict[str, str], clock: HandClock
) -> None:
    clock.advance(minutes=5)
    body = {"cause": "the light flickers again"}
    answer = client.post("/v1/tasks/finished/reopen", json=body, headers=office).get_json()
    assert (answer["state"], answer["urgency"], answer["crew_id"]) == ("reported", 3, None)


@pytest.mark.parametrize("verb", ["assign", "reassign", "cancel", "call-back", "archive", "reopen"])
def test_crews_do_not_do_the_offices_work(
    client: flask.testing.FlaskClient, crew: dict[str, str], verb: str
) -> None:
    assert client.post(f"/v1/tasks/ours/{verb}", json={}, headers=crew).status_code == 403


def test_another_district_sees_nothing(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    stranger = sign_in(Role.DISPATCHER, district_id="d2")
    assert ids(client.get("/v1/tasks", headers=stranger)) == []
    assert client.get("/v1/tasks/ours", headers=stranger).status_code == 404
    body = {"reason": make.REASON}
    answer = client.post("/v1/tasks/ours/cancel", json=body, headers=stranger)
    assert answer.status_code == 404


def test_an_id_that_no_database_can_hold_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    assert client.get("/v1/tasks/a%00b", headers=office).status_code == 422
