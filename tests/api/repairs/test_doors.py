"""The doors of repairs."""

from __future__ import annotations

import concurrent.futures

import flask.testing
import pytest

from api import db
from api.repairs import service
from schemas import repairs
from schemas.crews import Role
from tests.makers import crews, sites
from tests.makers import repairs as make
from tests.makers import tasks as work

REPORT = {
    "key": "hotline-7",
    "description": "路灯不亮\n三盏",
    "position": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG},
}


@pytest.fixture(autouse=True)
def district(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.area(session)
        crews.crew(session, crew_id="crew-1", area_ids=[make.AREA])


@pytest.fixture
def call_centre(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.INTEGRATION)


def test_a_report_is_answered_with_its_order_and_why(
    client: flask.testing.FlaskClient, call_centre: dict[str, str]
) -> None:
    answer = client.post("/v1/repairs", json=REPORT, headers=call_centre)
    body = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/tasks/{body['task']['id']}"
    assert (body["task"]["title"], body["task"]["crew_id"]) == ("路灯不亮", "crew-1")
    assert body["placement"]["zh"].startswith("抢修一班在灵山片区值班")
    assert client.get(answer.headers["Location"], headers=call_centre).status_code == 200


def test_the_same_key_answers_the_same_order(
    client: flask.testing.FlaskClient, call_centre: dict[str, str]
) -> None:
    first = client.post("/v1/repairs", json=REPORT, headers=call_centre)
    again = client.post("/v1/repairs", json=REPORT, headers=call_centre)
    assert (again.status_code, again.get_json()["again"]) == (200, True)
    assert again.get_json()["task"] == first.get_json()["task"]
    asked = client.get("/v1/repairs/hotline-7", headers=call_centre).get_json()
    assert asked["task"]["id"] == first.get_json()["task"]["id"]
    assert client.get("/v1/repairs/hotline-8", headers=call_centre).status_code == 404


def test_the_office_lists_reports_in_pages(
    client: flask.testing.FlaskClient, call_centre: dict[str, str], sign_in: crews.SignIn
) -> None:
    for number in range(3):
        body = {**REPORT, "key": f"k{number}", "channel": "alarm" if number else "portal"}
        client.post("/v1/repairs", json=body, headers=call_centre)
    office = sign_in(Role.DISPATCHER)
    first = client.get("/v1/repairs?limit=2", headers=office).get_json()
    rest = client.get(f"/v1/repairs?after={first['next']}", headers=office).get_json()
    assert [each["key"] for each in first["items"] + rest["items"]] == ["k0", "k1", "k2"]
    alarms = client.get("/v1/repairs?channel=alarm", headers=office).get_json()
    assert [each["key"] for each in alarms["items"]] == ["k1", "k2"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"position": {"lat_deg": float("nan"), "lon_deg": 110}}, "invalid"),
        ({"position": {"lat_deg": 0, "lon_deg": 0}}, "odd-position"),
        ({"position": {"lat_deg": 53, "lon_deg": 10, "datum": "gcj02"}}, "wrong-datum"),
        ({"reported_at": "2026-11-23T00:06:00Z"}, "reported-at-odd"),
        ({"reported_at": "2026-11-23T00:00:00"}, "invalid"),
        ({"description": "a\x00b"}, "invalid"),
        ({"urgency": 0}, "invalid"),
        ({"skill": "Everything!"}, "invalid"),
        ({"service_point_id": "none"}, "not-found"),
        ({"colour": "red"}, "invalid"),
    ],
)
def test_a_suspicious_report_is_refused_clearly(
    client: flask.testing.FlaskClient,
    call_centre: dict[str, str],
    changed: dict[str, object],
    code: str,
) -> None:
    answer = client.post("/v1/repairs", json={**REPORT, **changed}, headers=call_centre)
    assert answer.status_code in {404, 422}
    assert answer.get_json()["code"] == code
    assert client.get("/v1/repairs/hotline-7", headers=call_centre).status_code == 404


def test_crews_do_not_report_for_customers(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    crew = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    assert client.post("/v1/repairs", json=REPORT, headers=crew).status_code == 403


def test_a_crew_online_says_that_the_lights_are_on(
    client: flask.testing.FlaskClient, call_centre: dict[str, str], sign_in: crews.SignIn
) -> None:
    task = client.post("/v1/repairs", json=REPORT, headers=call_centre).get_json()["task"]
    crew = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    early = client.post(f"/v1/tasks/{task['id']}/restore", json={}, headers=crew)
    assert (early.status_code, early.get_json()["code"]) == (409, "illegal-move")
    client.post(f"/v1/tasks/{task['id']}/check-ins", json={}, headers=crew)
    done = client.post(f"/v1/tasks/{task['id']}/restore", json={}, headers=crew)
    assert done.get_json()["task"]["state"] == "restored"


def test_reports_that_come_at_once_under_one_key_open_one_order(database: db.Database) -> None:
    def send(words: str) -> repairs.Placed:
        act = work.of_office(role=Role.INTEGRATION)
        with database.unit_of_work() as session:
            told = make.report(key="storm", description=words)
            return service.report(session, act=act, report=told)

    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        placed = list(pool.map(send, ["no light"] * 8))
    assert len({each.task.id for each in placed}) == 1
    assert sum(not each.again for each in placed) == 1
