"""Nobody comes more often than a minute allows, and nobody pays for another."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from flask.testing import FlaskClient as Client

from api import errors, rates
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers.crews import SignIn

PER_MINUTE = 10


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a person make ten requests in a minute, and an integration thirty."""
    return dataclasses.replace(settings, requests_per_minute=PER_MINUTE, integration_times=3)


def test_of_too_many_who_come_the_quiet_ones_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "KEPT_MAX", 4)
    held, later = rates.Rates(per_minute=1), NOW + dt.timedelta(seconds=90)
    for quiet in ("a", "b", "c"):
        held.count(quiet, now=NOW)
    for busy in ("wild", "d"):
        held.count(busy, now=later)
    with pytest.raises(errors.TooMany):
        held.count("wild", now=later)


def test_a_minute_may_come_in_one_burst_and_then_as_it_refills() -> None:
    held = rates.Rates(per_minute=6)
    for _ in range(6):
        held.count("a", now=NOW)
    with pytest.raises(errors.TooMany) as refused:
        held.count("a", now=NOW)
    assert refused.value.fields["retry_after_s"] == 10
    held.count("a", now=NOW + dt.timedelta(seconds=10))
    with pytest.raises(errors.TooMany):
        held.count("a", now=NOW + dt.timedelta(seconds=10))


def test_whoever_opens_doors_too_often_waits_and_others_do_not(
    client: Client, sign_in: SignIn, clock: HandClock
) -> None:
    hasty, calm = sign_in(Role.DISPATCHER), sign_in(Role.SUPERVISOR)
    for _ in range(PER_MINUTE):
        assert client.get("/v1/tasks", headers=hasty).status_code == 200
    refused = client.get("/v1/tasks", headers=hasty)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "6")
    assert refused.json is not None
    assert refused.json["code"] == "too-many"
    assert client.get("/v1/tasks", headers=calm).status_code == 200
    clock.advance(seconds=6)
    assert client.get("/v1/tasks", headers=hasty).status_code == 200


def test_an_integration_may_come_some_times_as_often(client: Client, sign_in: SignIn) -> None:
    system = sign_in(Role.INTEGRATION)
    answers = [
        client.get("/v1/tasks", headers=system).status_code for _ in range(3 * PER_MINUTE + 1)
    ]
    assert answers.count(429) == 1
    assert answers[-1] == 429
