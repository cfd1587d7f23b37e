"""Backpressure: a device's rate, places for syncs, and what the limits door tells."""

from __future__ import annotations

import dataclasses
import threading

import flask
import pytest
from flask.testing import FlaskClient as Client

from api import errors
from api.settings import Settings
from api.sync import traffic
from schemas import sync
from schemas.crews import Role
from schemas.rules import pacing
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

PER_MINUTE = 6


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a device come six times a minute, and two syncs run at once."""
    return dataclasses.replace(settings, syncs_per_minute=PER_MINUTE, threads=3)


def of_app(app: flask.Flask) -> traffic.Traffic:
    found = app.extensions["lamplighter.traffic"]
    assert isinstance(found, traffic.Traffic)
    return found


@pytest.mark.rule("S23")
def test_a_device_that_comes_too_often_is_told_when_to_come_again(
    phone: Phone, client: Client, clock: HandClock
) -> None:
    for _ in range(PER_MINUTE):
        phone.sync()
    refused = client.post("/v1/sync", data=phone.request(), headers=phone.headers)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "10"
    assert refused.json is not None
    assert refused.json["code"] == "too-many"
    asked = client.get("/v1/sync/ack", headers=phone.headers)
    assert asked.status_code == 429
    clock.advance(seconds=10)
    phone.sync()


@pytest.mark.rule("S23")
def test_a_wild_device_takes_nothing_from_another(phone: Phone, other_phone: Phone) -> None:
    for _ in range(PER_MINUTE):
        phone.sync()
    assert other_phone.sync()["outcomes"] == []


@pytest.mark.rule("S24")
def test_without_a_place_a_sync_is_refused_at_once_and_the_office_is_served(
    app: flask.Flask, phone: Phone, client: Client, sign_in: crews.SignIn
) -> None:
    held = of_app(app)
    with held.admitted(), held.admitted():
        refused = client.post("/v1/sync", data=phone.request(), headers=phone.headers)
        office = client.get("/v1/devices", headers=sign_in(Role.DISPATCHER))
        asked = client.get("/v1/sync/ack", headers=phone.headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.json is not None
    assert refused.json["code"] == "busy"
    assert (office.status_code, asked.status_code) == (200, 200)
    assert held.load == 0
    phone.sync()


@pytest.mark.rule("S25")
def test_a_busy_server_sends_its_quiet_phones_away_for_longer(
    app: flask.Flask, phone: Phone
) -> None:
    phone.sync()
    idle = phone.sync()["next_in_s"]
    with of_app(app).admitted():
        loaded = phone.sync()["next_in_s"]
    assert 0.75 * pacing.QUIET_S <= idle <= 1.25 * pacing.QUIET_S
    assert loaded == pytest.approx(idle * (1 + (pacing.LOADED_TIMES - 1) * 0.25))


@pytest.mark.rule("S26")
def test_the_limits_are_told(phone: Phone, client: Client, settings: Settings) -> None:
    assert client.get("/v1/sync/limits", headers=phone.headers).json == {
        "protocol": sync.PROTOCOL,
        "operations_max": sync.OPERATIONS_MAX,
        "changes_max": sync.CHANGES_MAX,
        "body_bytes_max": settings.body_bytes_max,
        "exchanges_per_minute": PER_MINUTE,
        "retry_after_s": traffic.BUSY_RETRY_S,
        "wake_window_s": pacing.WAKE_WINDOW_S,
    }


@pytest.mark.rule("S24")
def test_no_more_syncs_run_than_there_are_places() -> None:
    held = traffic.Traffic(per_minute=1, threads=8)
    inside, gate = threading.Semaphore(0), threading.Event()

    def stay() -> None:
        with held.admitted():
            inside.release()
            gate.wait(timeout=10)

    threads = [threading.Thread(target=stay) for _ in range(held.places)]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=10)
    with pytest.raises(errors.Busy), held.admitted():
        pass
    gate.set()
    for thread in threads:
        thread.join()
    with held.admitted():
        assert held.load == 0
