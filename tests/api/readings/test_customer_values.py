"""A customer's own reading: the same checks, judged apart, and never in a reader's place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from api import db
from tests.conftest import HandClock
from tests.makers import readings as make
from tests.makers.supervision import Desk

NOW, DAY = make.NOW, dt.timedelta(days=1)
DOOR = "/v1/customer-readings"
Night = Callable[..., dict[str, int]]


@pytest.fixture(autouse=True)
def _there(database: db.Database, clock: HandClock) -> None:
    """Read a meter monthly until 11005, a month ago."""
    with database.unit_of_work() as session:
        assert make.history(session) == 11_005
    clock.set(NOW + dt.timedelta(hours=2))


def own(total: int, *, key: str = "k1", **more: object) -> dict[str, object]:
    return {"key": key, "meter_id": "M0001", "total": str(total), **more}


def test_what_a_customer_reads_counts_as_the_customers(portal: Desk) -> None:
    taken = portal.done(DOOR, **own(11_100))
    assert (taken["outcome"], taken["questions"], taken["again"]) == ("taken", [], False)
    reading = taken["reading"]
    assert (reading["quality"], reading["method"], reading["counts"]) == (
        "customer",
        "customer",
        True,
    )
    assert (reading["used_kwh"], reading["reader_id"]) == ("95.000", None)


def test_what_the_checks_ask_is_kept_and_does_not_count(portal: Desk) -> None:
    taken = portal.done(DOOR, **own(10_990))
    assert taken["outcome"] == "questioned"
    (question,) = taken["questions"]
    assert question["code"] == "ER10"
    assert taken["reading"]["counts"] is False
    assert "ER10" in taken["reading"]["set_aside"]["en"]
    confirmed = portal.done(DOOR, **own(10_990, key="k2", confirmed=["ER10"]))
    assert (confirmed["outcome"], confirmed["questions"]) == ("taken", [])
    assert confirmed["reading"]["prompts"] == ["ER10"]


def test_a_key_is_kept_once(portal: Desk) -> None:
    first = portal.done(DOOR, **own(10_990))
    status, again = portal.post(DOOR, **own(10_990))
    assert (status, again["again"], again["outcome"]) == (200, True, "questioned")
    assert again["reading"]["id"] == first["reading"]["id"]
    assert portal.refused(DOOR, **own(11_000)) == (409, "key-used")


@pytest.mark.parametrize(
    ("reader", "customer", "outcome"),
    [(11_102, 11_103, "taken"), (11_102, 11_150, "conflict"), (11_102, 11_099, "conflict")],
)
def test_a_readers_value_of_the_same_day_decides(
    portal: Desk, database: db.Database, reader: int, customer: int, outcome: str
) -> None:
    with database.unit_of_work() as session:
        read_id = make.value(session, total=reader, read_at=NOW, judged=True)
    taken = portal.done(DOOR, **own(customer, confirmed=["ER10", "ER12", "ER17"]))
    assert taken["outcome"] == outcome
    if outcome == "conflict":
        assert taken["reading"]["set_aside"]["by_id"] == read_id
        assert "11102 on 2026-11-23" in taken["reading"]["set_aside"]["en"]


def test_a_reader_who_comes_later_the_same_day_decides_too(
    portal: Desk, database: db.Database, night: Night
) -> None:
    kept = portal.done(DOOR, **own(11_150))["reading"]
    fits = portal.done(DOOR, **own(11_100, key="k2", read_at="2026-11-22T20:00:00Z"))["reading"]
    with database.unit_of_work() as session:
        later = make.value(session, total=11_103, read_at=NOW + dt.timedelta(hours=5))
    assert night()["set_aside"] == 1
    there = portal.get(f"/v1/readings/{kept['id']}")
    assert (there["counts"], there["set_aside"]["why"]) == (False, "conflict")
    assert there["set_aside"]["by_id"] == later
    assert portal.get(f"/v1/readings/{fits['id']}")["counts"] is True
    assert portal.get(f"/v1/readings/{later}")["flags"] == []


def test_a_customer_resets_no_bad_chain(portal: Desk, database: db.Database, night: Night) -> None:
    """A reader's value far too high stays the ground to judge by until the office corrects it."""
    with database.unit_of_work() as session:
        bad = make.value(session, total=19_000, read_at=NOW - 5 * DAY, judged=True)
    taken = portal.done(DOOR, **own(11_120))
    assert taken["outcome"] == "questioned"
    with database.unit_of_work() as session:
        honest = make.value(session, total=11_130, read_at=NOW + DAY)
    night(days=2)
    found = {each["id"]: each["flags"] for each in portal.get("/v1/meters/M0001/readings")["items"]}
    assert "ER10" in found[bad] + found[honest]
    assert found[taken["reading"]["id"]] == []


def test_a_value_that_counts_ends_the_wait_for_a_visit_and_one_set_aside_does_not(
    portal: Desk, desk: Desk
) -> None:
    opened = desk.done(
        "/v1/requests", key="v", kind="no_access", description="门锁", meter_id="M0001"
    )
    portal.done(DOOR, **own(10_990))
    assert desk.get(f"/v1/requests/{opened['id']}")["state"] != "archived"
    portal.done(DOOR, **own(11_100, key="k2"))
    assert desk.get(f"/v1/requests/{opened['id']}")["state"] == "archived"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"meter_id": "none"}, 404, "not-found"),
        ({"total": "123456"}, 422, "reading-too-many-digits"),
        ({"total": "0.5"}, 422, "reading-too-many-decimals"),
        ({"total": "-5"}, 422, "reading-not-a-value"),
        ({"tariffs": {"night": "1"}}, 422, "reading-unknown-register"),
        ({"read_at": "2027-01-01T00:00:00Z"}, 422, "invalid"),
        ({"read_at": "1999-01-01T00:00:00Z"}, 422, "invalid"),
        ({"key": ""}, 422, "invalid"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    portal: Desk, changed: dict[str, object], status: int, code: str
) -> None:
    assert portal.refused(DOOR, **own(11_100) | changed) == (status, code)
