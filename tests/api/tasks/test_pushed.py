"""What crews did without signal, as it comes in by the one door of sync."""

from __future__ import annotations

import dataclasses
import datetime as dt

import flask.testing
import pytest

from api import db
from api.feed import store as feed
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, sites
from tests.makers import sync as phones
from tests.makers import tasks as make

FIX = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}
TWO_HOURS_SLOW_S = -7_200


@pytest.fixture(autouse=True)
def work(database: db.Database) -> None:
    with database.unit_of_work() as session:
        feed.start_lineage(session, name="lineage-1")
        make.task(session, task_id="ours")
        make.task(session, task_id="theirs", crew_id="crew-2")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the working day."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def phone(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock
) -> phones.Phone:
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    return phones.Phone(client, headers, clock, ahead_s=TWO_HOURS_SLOW_S)


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


def do_the_job(phone: phones.Phone, clock: HandClock) -> list[bytes]:
    """Accept, arrive at minute 31, restore, finish; nobody hears of it."""
    done = [phone.operation("task.accept", "ours")]
    clock.advance(minutes=31)
    done.append(phone.operation("checkin.record", "ours", {"fix": FIX, "verdict": "inside"}))
    clock.advance(minutes=9)
    done.append(phone.operation("task.start", "ours"))
    clock.advance(minutes=30)
    done.append(phone.operation("repair.restored", "ours"))
    done.append(phone.operation("task.finish", "ours", {"cause": "blown fuse"}))
    clock.advance(minutes=120)
    return done


def test_an_arrival_at_minute_31_heard_at_190_is_kept(
    client: flask.testing.FlaskClient,
    phone: phones.Phone,
    clock: HandClock,
    office: dict[str, str],
) -> None:
    phone.sync()
    answer = phone.sync(*do_the_job(phone, clock))
    assert (answer["acked_through"], answer["outcomes"]) == (5, [])
    task = client.get("/v1/tasks/ours", headers=office).get_json()
    assert task["state"] == "finished"
    arrive = next(each for each in task["clocks"] if each["kind"] == "arrive")
    stopped_at = dt.datetime.fromisoformat(arrive["stopped_at"])
    assert abs((stopped_at - make.NOW).total_seconds() - 31 * 60) < 5
    clocks = client.get("/v1/promises?subject_id=ours", headers=office).get_json()["items"]
    states = {each["kind"]: each["state"] for each in clocks}
    assert (states["arrive"], states["restore"]) == ("kept", "kept")
    assert client.get("/v1/tasks/ours/verify", headers=office).get_json()["intact"] is True


def test_one_bad_operation_harms_none_of_the_rest(
    client: flask.testing.FlaskClient, phone: phones.Phone, office: dict[str, str]
) -> None:
    answer = phone.sync(
        phone.operation("task.accept", "ours"),
        phone.operation("task.accept", "theirs"),
        phone.operation("task.accept", "unknown"),
        phone.operation("task.return", "ours", {"reason": "工作忙"}),
        phone.operation("task.finish", "ours"),
        phone.operation("task.set_out", "ours"),
    )
    outcomes = [(each["n"], each["status"], each["code"]) for each in answer["outcomes"]]
    assert outcomes == [
        (2, "held", "waits-for-order"),
        (3, "held", "waits-for-order"),
        (4, "rejected", "reason-not-concrete"),
        (5, "conflict", "illegal-move"),
    ]
    task = client.get("/v1/tasks/ours", headers=office).get_json()
    assert task["state"] == "en_route"
