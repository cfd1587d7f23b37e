from __future__ import annotations

import datetime as dt
from typing import Any

import flask.testing
import pytest

from api import db
from api.scheduler import catalogue, ledger, service, store
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
    assert shown["flag_overdue"]["last_run"]["took_s"] == 0
    assert shown["forget_runs"]["last_run"] is None
    assert (shown["flag_overdue"]["owner"], shown["flag_overdue"]["family"]) == (
        "promises",
        "act_during",
    )
    assert shown["flag_overdue"]["limit"]["most"] == 10_000


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


def explained(
    client: flask.testing.FlaskClient, headers: dict[str, str], name: str = "flag_overdue"
) -> dict[str, Any]:
    answer = client.get(f"/v1/jobs/{name}", headers=headers)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return dict(answer.json)


def test_a_job_tells_why_it_ran_or_did_not(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
) -> None:
    waits = explained(client, office)
    assert (waits["standing"], waits["slot"], waits["run"]) == (
        "waits",
        "2026-11-23T00:03Z",
        None,
    )
    clock.advance(minutes=4)
    assert explained(client, office)["missed"] == 4

    at = store.Slot("d1", "flag_overdue", "2026-11-23T00:07Z")
    with database.unit_of_work() as session:
        claimed = ledger.claim(session, at, worker="w1", now=clock.now(), lease_s=60)
    assert explained(client, office)["standing"] == "runs"
    with database.unit_of_work() as session:
        assert claimed is not None
        ledger.fail(session, claimed, now=clock.now(), error="the line is cut")
    again = explained(client, office)
    assert again["standing"] == "tries_again"
    assert "the line is cut" in again["why"]["en"]
    assert again["next_at"] == "2026-11-23T00:08:00.000000Z"

    service.run_due(jobs.worker(database, clock), job=catalogue.BY_NAME["flag_overdue"])
    clock.advance(seconds=59)
    assert explained(client, office)["standing"] == "tries_again"


def test_a_daily_job_waits_for_its_time_and_gives_up_in_the_end(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
) -> None:
    assert explained(client, office, "forget_runs")["standing"] == "waits"
    at = store.Slot("d1", "forget_runs", "2026-11-23")
    for _ in range(ledger.ATTEMPTS_MAX):
        with database.unit_of_work() as session:
            claimed = ledger.claim(session, at, worker="w1", now=clock.now(), lease_s=60)
            assert claimed is not None
            ledger.fail(session, claimed, now=clock.now(), error="no such pole")
        clock.advance(seconds=ledger.RETRY_S)

    gave_up = explained(client, office, "forget_runs")
    assert (gave_up["standing"], gave_up["next_at"]) == (
        "gave_up",
        "2026-11-23T19:30:00.000000Z",
    )
    assert client.get("/v1/jobs/none", headers=office).status_code == 404


def test_a_daily_job_has_no_slot_before_its_time(
    client: flask.testing.FlaskClient,
    database: db.Database,
    clock: HandClock,
    sign_in: crews.SignIn,
) -> None:
    clock.set(dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC))
    jobs.districts(database, "d1")
    told = explained(client, sign_in(Role.SUPERVISOR), "forget_runs")

    assert (told["standing"], told["slot"], told["missed"]) == ("not_yet", None, 0)
