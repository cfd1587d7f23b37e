"""Quotas: what costs much is counted for each person, the same for every worker."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.acts import Principal
from api.crews.identity import quotas
from api.crews.identity.quotas import Cost
from api.settings import Settings
from schemas.crews import OFFICE, Role
from tests.api.walk.conftest import Grounds, Walker, grounds, walker
from tests.api.walk.test_walk import code
from tests.conftest import HandClock
from tests.makers.neighbours import Owner

__all__ = ["grounds", "walker"]
ALLOWED, TIMES = 3, 2
DOORS = {
    Cost.SEARCH: "/v1/service-points?q=46",
    Cost.VIEW: "/v1/evidence/{file}/content",
    Cost.IMPORT: "/v1/imports/feeders",
    Cost.EXPORT: "/v1/routes/{route}/geojson",
}
WINDOW_S = {Cost.SEARCH: 60, Cost.VIEW: 3_600, Cost.IMPORT: 3_600, Cost.EXPORT: 3_600}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(
        settings,
        access_token_s=86_400,
        searches_per_minute=ALLOWED,
        views_per_hour=ALLOWED,
        imports_per_hour=ALLOWED,
        exports_per_hour=ALLOWED,
        integration_times=TIMES,
    )


class Asking:
    """Asks for what costs something, of mine."""

    def __init__(self, client: Client, grounds: Grounds) -> None:
        self._client = client
        self._names = grounds[Owner.MINE]

    def __call__(self, cost: Cost, headers: dict[str, str]) -> TestResponse:
        method = "POST" if cost is Cost.IMPORT else "GET"
        return self._client.open(
            DOORS[cost].format(**self._names),
            method=method,
            headers=headers,
            data=b"id,name,kv,station\n" if cost is Cost.IMPORT else None,
            content_type="text/csv" if cost is Cost.IMPORT else None,
        )


@pytest.fixture
def asking(client: Client, grounds: Grounds) -> Asking:
    return Asking(client, grounds)


@pytest.mark.parametrize("cost", list(Cost))
def test_a_spent_quota_is_refused_until_it_refills(
    asking: Asking, walker: Walker, clock: HandClock, cost: Cost
) -> None:
    boss = walker(Role.ADMINISTRATOR)
    for _ in range(ALLOWED):
        assert asking(cost, boss).status_code in {200, 409}
    refused = asking(cost, boss)
    assert (refused.status_code, code(refused)) == (429, "too-many")
    refills_s = WINDOW_S[cost] // ALLOWED
    assert int(refused.headers["Retry-After"]) == refills_s
    clock.advance(seconds=refills_s - 1)
    assert asking(cost, boss).status_code == 429
    clock.advance(seconds=1)
    assert asking(cost, boss).status_code in {200, 409}


def test_one_quota_is_not_another_nor_anothers(asking: Asking, walker: Walker) -> None:
    boss = walker(Role.ADMINISTRATOR)
    for _ in range(ALLOWED + 1):
        asking(Cost.SEARCH, boss)
    assert asking(Cost.SEARCH, boss).status_code == 429
    assert asking(Cost.EXPORT, boss).status_code == 200
    assert asking(Cost.SEARCH, walker(Role.DISPATCHER)).status_code == 200


def test_an_integration_has_some_times_as_much(asking: Asking, walker: Walker) -> None:
    other_system = walker(Role.INTEGRATION)
    answers = [asking(Cost.SEARCH, other_system).status_code for _ in range(ALLOWED * TIMES + 1)]
    assert answers == [200] * ALLOWED * TIMES + [429]


def test_who_may_not_enter_spends_nothing(asking: Asking, walker: Walker) -> None:
    lineman = walker(Role.LINEMAN)
    for _ in range(ALLOWED + 1):
        assert asking(Cost.SEARCH, lineman).status_code == 403


def test_a_refused_import_takes_nothing_in(
    asking: Asking, walker: Walker, database: db.Database, client: Client
) -> None:
    boss = walker(Role.ADMINISTRATOR)
    for _ in range(ALLOWED):
        asking(Cost.IMPORT, boss)
    refused = client.post(
        "/v1/imports/feeders",
        headers=boss,
        data=b"id,name,kv,station\nF09,Lingshan,10,Lingshan\n",
        content_type="text/csv",
    )
    assert refused.status_code == 429
    assert "F09" not in client.get("/v1/feeders", headers=boss).text


@pytest.mark.parametrize("role", sorted(OFFICE | {Role.INTEGRATION}))
def test_the_defaults_let_a_busy_day_pass(role: Role) -> None:
    principal = Principal("li", frozenset({role}), "d1", "/hq")
    for cost, least_per_hour in {
        Cost.SEARCH: 3_600,
        Cost.VIEW: 1_000,
        Cost.IMPORT: 30,
        Cost.EXPORT: 120,
    }.items():
        quota = quotas.quota_of(cost, principal=principal, settings=Settings())
        assert quota.allowed * 3_600 / quota.window_s >= least_per_hour
