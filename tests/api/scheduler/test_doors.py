from __future__ import annotations

import flask.testing
import pytest

from api import db
from api.scheduler import catalogue, service
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, jobs


@pytest.fixture
def office(sign_in: crews.SignIn, database: db.Database, clock: HandClock) -> dict[str, str]:
    """Sign an administrator in, in a district whose promises were looked at three times."""
    headers = sign_in(Role.ADMINISTRATOR)
    jobs.districts(database, "d1", "d2")
    worker = jobs.worker(database, clock)
    for _ in range(3):
        service.run_due(worker, job=catalogue.BY_NAME["flag_overdue"])
        clock.advance(minutes=1)
    return headers


def test_the_schedule_says_what_each_job_does_and_when_it_last_ran(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answer = client.get("/v1/jobs", headers=office).json
    assert answer is not None
    shown = {job["name"]: job for job in answer["items"]}

    assert shown.keys() == catalogue.BY_NAME.keys()
    assert shown["flag_overdue"]["last_run"]["slot"] == "2026-11-23T00:02Z"
    assert shown["flag_overdue"]["schedule"] == {"en": "every minute", "zh": "每分钟"}
    assert shown["forget_runs"]["last_run"] is None


def test_the_ledger_is_listed_the_latest_first_page_by_page(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    first = client.get("/v1/jobs/runs?limit=2&job=flag_overdue", headers=office).json
    assert first is not None
    rest = client.get(
        "/v1/jobs/runs", query_string={"limit": 2, "after": first["next"]}, headers=office
    ).json
    assert rest is not None

    slots = [run["slot"] for run in first["items"] + rest["items"]]
    assert slots == ["2026-11-23T00:02Z", "2026-11-23T00:01Z", "2026-11-23T00:00Z"]
    assert rest["next"] is None
    failed = client.get("/v1/jobs/runs?state=failed", headers=office).json
    assert failed == {"items": [], "next": None}


def test_an_administrator_runs_a_job_now(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answers = [client.post("/v1/jobs/flag_overdue/run", headers=office) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    runs = [answer.json for answer in answers]
    assert all(run and run["state"] == "done" for run in runs)
    assert all(run and run["worker"] == "administrator-d1" for run in runs)


def test_every_job_of_the_schedule_runs_on_an_empty_district(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    for name in catalogue.BY_NAME:
        answer = client.post(f"/v1/jobs/{name}/run", headers=office)
        assert (name, answer.status_code) == (name, 200)


@pytest.mark.parametrize("key", ["x", "WzEsMiwzXQ", "WyIyMDI2LTExLTIzIiwiYSIsImIiXQ"])
def test_a_page_key_of_another_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str], key: str
) -> None:
    answer = client.get("/v1/jobs/runs", query_string={"after": key}, headers=office)
    assert answer.status_code == 422


def test_a_job_that_is_not_there_is_not_found(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    assert client.post("/v1/jobs/none/run", headers=office).status_code == 404


def test_only_an_administrator_runs_jobs(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    supervisor, dispatcher = sign_in(Role.SUPERVISOR), sign_in(Role.DISPATCHER)

    assert client.get("/v1/jobs", headers=supervisor).status_code == 200
    assert client.post("/v1/jobs/flag_overdue/run", headers=supervisor).status_code == 403
    assert client.get("/v1/jobs", headers=dispatcher).status_code == 403
