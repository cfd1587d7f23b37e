"""The doors of check-ins."""

from __future__ import annotations

import flask.testing
import pytest

from api import db
from schemas.crews import Role
from tests.makers import crews, sites
from tests.makers import tasks as make

FIX = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}


@pytest.fixture(autouse=True)
def work(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="ours")


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


@pytest.fixture
def crew(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")


def test_a_crew_online_arrives_and_the_office_sees_it(
    client: flask.testing.FlaskClient, crew: dict[str, str], office: dict[str, str]
) -> None:
    answer = client.post("/v1/tasks/ours/check-ins", json={"fix": FIX}, headers=crew)
    assert (answer.status_code, answer.get_json()["task"]["state"]) == (201, "arrived")
    client.post("/v1/tasks/ours/check-ins", json={}, headers=crew)
    first = client.get("/v1/check-ins?limit=1", headers=office).get_json()
    assert [each["verdict"] for each in first["items"]] == ["inside"]
    second = client.get(f"/v1/check-ins?after={first['next']}", headers=office).get_json()
    assert [each["reasons"] for each in second["items"]] == [["no_fix"]]
    drawn = client.get("/v1/check-ins/geojson", headers=office)
    assert drawn.mimetype == "application/geo+json"
    assert len(drawn.get_json()["features"]) == 1
    of_task = client.get("/v1/tasks/ours/check-ins", headers=crew).get_json()
    assert len(of_task["items"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat_deg": 91},
        {"lat_deg": "NaN"},
        {"lon_deg": None},
        {"accuracy_m": -1},
        {"datum": "mars"},
        {"altitude_m": 3},
    ],
)
def test_an_impossible_fix_is_refused(
    client: flask.testing.FlaskClient, crew: dict[str, str], wrong: dict[str, object]
) -> None:
    body = {"fix": {**FIX, **wrong}}
    answer = client.post("/v1/tasks/ours/check-ins", json=body, headers=crew)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "query",
    [
        "day=today",
        "day=0001-01-01",
        "day=9999-12-31",
        "verdict=maybe",
        "after=WzEsMl0",
        "limit=501",
    ],
)
def test_a_query_that_means_nothing_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str], query: str
) -> None:
    assert client.get(f"/v1/check-ins?{query}", headers=office).status_code == 422


def test_an_order_of_nobody_has_no_arrivals(
    client: flask.testing.FlaskClient, crew: dict[str, str]
) -> None:
    assert client.get("/v1/tasks/none/check-ins", headers=crew).status_code == 404
    assert client.post("/v1/tasks/none/check-ins", json={}, headers=crew).status_code == 404
