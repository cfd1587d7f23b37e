"""Declared estimates: by a named method, from stored inputs, and only so many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from api import db
from tests.conftest import HandClock
from tests.makers import readings as make
from tests.makers.supervision import Desk

NOW, DAY, MONTH = make.NOW, dt.timedelta(days=1), make.MONTH
DOOR = "/v1/estimates"
MEAN = {"meter_id": "M0001", "estimator": "mean_of_three"}
Night = Callable[..., dict[str, int]]


@pytest.fixture(autouse=True)
def _there(database: db.Database) -> None:
    """Read a meter monthly until 11005, a month ago."""
    with database.unit_of_work() as session:
        assert make.history(session) == 11_005


@pytest.mark.parametrize(
    ("asked", "used", "inputs"),
    [
        ({"estimator": "mean_of_three"}, 100, {"used_kwh": ["100", "96", "105"]}),
        ({"estimator": "previous_scaled"}, 105, {"used_kwh": "105", "days_wanted": 30}),
        ({"estimator": "zero"}, 0, {}),
        (
            {"estimator": "customer_class", "class_kwh_per_day": "3.25"},
            98,
            {"class_kwh_per_day": "3.25", "days_wanted": 30},
        ),
        ({"estimator": "agreed", "agreed_kwh": "90"}, 90, {"agreed_kwh": "90"}),
    ],
)
def test_an_estimate_is_worked_out_and_can_be_worked_out_again(
    desk: Desk, asked: dict[str, object], used: int, inputs: dict[str, object]
) -> None:
    made = desk.done(DOOR, meter_id="M0001", **asked)
    reading = made["reading"]
    assert (reading["quality"], reading["estimator"]) == ("estimated", asked["estimator"])
    assert Decimal(reading["total"]) == 11_005 + used
    assert Decimal(made["recomputed_kwh"]) == Decimal(made["used_kwh"]) == used
    assert inputs.items() <= made["inputs"].items()
    shown = desk.get(f"/v1/readings/{reading['id']}/estimate")
    assert (shown["inputs"], shown["since_value"]) == (made["inputs"], "11005.000")


def test_the_like_month_of_last_year_is_scaled_to_the_days(
    desk: Desk, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.history(session, meter_id="M0002", used=make.USED * 2)
    made = desk.done(DOOR, meter_id="M0002", estimator="like_month")
    assert made["inputs"]["read_on"] == "2025-11-28"
    assert Decimal(made["recomputed_kwh"]) == Decimal(made["used_kwh"])


def test_a_third_in_a_row_is_refused_and_a_visit_is_proposed(
    desk: Desk, clock: HandClock, database: db.Database
) -> None:
    desk.done(DOOR, **MEAN)
    assert desk.get("/v1/visit-proposals")["items"] == []
    clock.set(NOW + MONTH)
    desk.done(DOOR, **MEAN)
    (proposal,) = desk.get("/v1/visit-proposals", decided="false", reason="estimates")["items"]
    assert (proposal["meter_id"], proposal["inputs"]["count"]) == ("M0001", 2)
    assert "no further one is allowed" in proposal["en"]
    clock.set(NOW + 2 * MONTH)
    assert desk.refused(DOOR, **MEAN) == (409, "estimates-used-up")
    entered = {"meter_id": "M0001", "total": "11400", "method": "estimated", "estimator": "agreed"}
    assert desk.refused("/v1/readings", **entered) == (409, "estimates-used-up")
    assert len(desk.get("/v1/readings", quality="estimated")["items"]) == 2
    with database.unit_of_work() as session:
        make.value(session, total=11_310, read_at=NOW + 2 * MONTH, judged=True)
    clock.set(NOW + 3 * MONTH)
    assert desk.refused(DOOR, **MEAN) == (409, "estimates-used-up")  # the third within a year


def test_estimates_of_long_ago_do_not_count(
    desk: Desk, clock: HandClock, database: db.Database
) -> None:
    desk.done(DOOR, **MEAN)
    clock.set(NOW + MONTH)
    desk.done(DOOR, **MEAN)
    with database.unit_of_work() as session:
        make.value(session, total=11_310, read_at=NOW + 2 * MONTH, judged=True)
    clock.set(NOW + 14 * MONTH)
    desk.done(DOOR, meter_id="M0001", estimator="previous_scaled")


def test_an_estimate_is_on_the_list_and_in_the_figure(
    desk: Desk, night: Night, clock: HandClock
) -> None:
    clock.set(NOW + dt.timedelta(hours=1))
    desk.done(DOOR, **MEAN)
    assert night()["ER01"] == 1
    period = {"first_day": "2026-11-23", "last_day": "2026-11-23"}
    figure = desk.get("/v1/figures/estimated_readings", **period)
    assert (figure["whole"]["numerator"], figure["whole"]["denominator"]) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"meter_id": "none"}, 404, "not-found"),
        ({"estimator": "like_month"}, 422, "estimate-without-ground"),
        ({"estimator": "customer_class"}, 422, "estimate-without-ground"),
        ({"estimator": "agreed"}, 422, "estimate-without-ground"),
        ({"read_at": "2026-10-24T01:00:00Z"}, 422, "estimate-without-ground"),
        ({"read_at": "2027-01-01T00:00:00Z"}, 422, "invalid"),
        ({"read_at": "1999-01-01T00:00:00Z"}, 422, "invalid"),
        ({"estimator": "by heart"}, 422, "invalid"),
        ({"estimator": "agreed", "agreed_kwh": "NaN"}, 422, "invalid"),
        ({"estimator": "agreed", "agreed_kwh": "-1"}, 422, "estimate-not-possible"),
        (
            {"estimator": "customer_class", "class_kwh_per_day": "-1"},
            422,
            "estimate-not-possible",
        ),
        ({"estimator": "agreed", "agreed_kwh": "100000"}, 422, "estimate-not-possible"),
    ],
)
def test_an_estimate_that_cannot_be_is_refused(
    desk: Desk, asked: dict[str, object], status: int, code: str
) -> None:
    assert desk.refused(DOOR, **MEAN | asked) == (status, code)


def test_what_was_not_estimated_here_has_no_inputs(desk: Desk) -> None:
    entered = {"meter_id": "M0001", "total": "11100", "method": "estimated", "estimator": "agreed"}
    made = desk.done("/v1/readings", **entered)
    assert desk.sees(f"/v1/readings/{made['id']}/estimate") == 404
    assert desk.sees("/v1/readings/none/estimate") == 404
