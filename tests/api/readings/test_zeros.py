"""Meters that used nothing for three cycles: a share of each kind is looked at, always the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal

import pytest

from api import db
from api.readings.service import thresholds
from api.sites.models import ServicePoint
from tests.makers import readings as make
from tests.makers import sites
from tests.makers.supervision import Desk

NOW, MONTH = make.NOW, make.MONTH
STILL = (*make.USED[:7], Decimal(0), Decimal(0), Decimal(0))
METERS = [f"Z{number:03}" for number in range(12)]
Night = Callable[..., dict[str, int]]


@pytest.fixture
def _still(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a dozen homes use nothing for three cycles, of which half are looked at."""
    shares = dataclasses.replace(thresholds.IN_FORCE.zero_checks, residential=0.5)
    in_force = dataclasses.replace(thresholds.IN_FORCE, zero_checks=shares)
    monkeypatch.setattr(thresholds, "IN_FORCE", in_force)
    with database.unit_of_work() as session:
        for meter_id in METERS:
            total = make.history(session, meter_id=meter_id, used=STILL[:-1])
            make.value(session, total=total, read_at=NOW, meter_id=meter_id)


@pytest.mark.usefixtures("_still")
def test_a_share_is_drawn_with_its_reason_and_once(desk: Desk, night: Night) -> None:
    night()
    drawn = desk.get("/v1/abnormal-use", kind="unused")["items"]
    assert 0 < len(drawn) < len(METERS)
    (first, *_) = drawn
    assert (first["code"], first["inputs"]["group"]) == ("ER13", "residential")
    assert first["inputs"]["share"] == "0.5"
    assert first["en"].endswith("drawn from 50% of those that are homes")
    assert "居民用户" in first["zh"]
    night(days=2)
    again = desk.get("/v1/abnormal-use", kind="unused")["items"]
    assert {each["meter_id"] for each in again} == {each["meter_id"] for each in drawn}


@pytest.mark.usefixtures("_still")
def test_all_that_hang_on_a_feeder_itself_are_looked_at(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        sites.feeder(session)
        for point in session.query(ServicePoint):
            point.feeder_id, point.transformer_id = "F01", None
    night()
    drawn = desk.get("/v1/abnormal-use", kind="unused")["items"]
    assert {each["meter_id"] for each in drawn} == set(METERS)
    assert {each["inputs"]["group"] for each in drawn} == {"high_voltage"}


@pytest.mark.usefixtures("_still")
def test_what_is_no_home_has_a_share_of_its_own(
    desk: Desk, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        for point in session.query(ServicePoint):
            point.customer_class = "farm"
    night()
    drawn = desk.get("/v1/abnormal-use", kind="unused")["items"]
    assert {each["inputs"]["share"] for each in drawn} == {"0.8"}
