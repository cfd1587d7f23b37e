"""Bad input at the meter: each comes to a named outcome, and nothing that was read is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from api.readings.models import Reading
from api.sites.models import Meter
from api.sync.models import Receipt
from schemas.base import rfc3339
from schemas.crews import Role
from tests.api.meter_findings.conftest import METERS, Walk, settings, walk
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import readings as make
from tests.makers.sync import Phone

__all__ = ["settings", "walk"]

FIRST, _, THIRD = METERS
HOUR_S = 3_600
YEAR_S = 365 * 24 * HOUR_S
DIALLED = {"peak": "40", "flat": "30", "valley": "30"}


def read(walk: Walk, meter_id: str, *, ago_s: float = 0, **body: object) -> bytes:
    """Read a meter some time ago, by a clock that is right."""
    at = walk.phone.wall() - dt.timedelta(seconds=ago_s)
    mono_ms = max(walk.phone.mono_ms() - int(ago_s * 1_000), 0)
    return walk.phone.operation(
        "reading.take",
        walk.route_id,
        {"stop_id": walk.stops[meter_id], **body},
        at=rfc3339(at),
        mono_ms=mono_ms,
        boot="boot-1" if ago_s < HOUR_S else "boot-0",
    )


def totals(walk: Walk, meter_id: str) -> list[tuple[Decimal, str]]:
    """List what is kept of a meter on the route, with its quality, by when it was read."""
    with walk.database.reading() as session:
        asked = session.query(Reading).filter_by(meter_id=meter_id)
        rows = asked.filter(Reading.stop_id.is_not(None)).order_by(Reading.read_at)
        return [(row.total, row.quality) for row in rows]


@pytest.mark.parametrize(
    ("body", "outcome", "kept"),
    [
        ({"total": "100000"}, ("rejected", "reading-too-many-digits"), False),
        ({"total": "-1"}, ("rejected", "reading-not-a-value"), False),
        ({"total": "9.5"}, ("rejected", "reading-too-many-decimals"), False),
        ({"total": "NaN"}, ("rejected", "operation-unreadable"), False),
        (
            {"total": "100", "tariffs": {**DIALLED, "peak": "-40"}},
            ("rejected", "reading-not-a-value"),
            False,
        ),
        (
            {"total": "100", "tariffs": {"peak": "70", "flat": "30"}},
            ("merged", "reading-register-unread"),
            True,
        ),
        (
            {"total": "100", "tariffs": {**DIALLED, "night": "1"}},
            ("rejected", "reading-unknown-register"),
            False,
        ),
        ({"total": "100", "tariffs": DIALLED}, ("applied", ""), True),
    ],
)
def test_a_value_comes_to_a_named_outcome_and_its_bytes_are_kept(
    walk: Walk, body: dict[str, Any], outcome: tuple[str, str], *, kept: bool
) -> None:
    wire = read(walk, THIRD, **body)
    assert walk.settle_push(wire) == outcome
    assert (totals(walk, THIRD) != []) is kept
    with walk.database.reading() as session:
        receipt = session.query(Receipt).filter_by(operation_id=_id_of(wire)).one()
        assert (receipt.wire, receipt.status) == (wire, outcome[0])


def test_readings_out_of_order_are_all_kept_and_the_latest_by_event_time_counts(
    walk: Walk, clock: HandClock, sign_in: crews.SignIn
) -> None:
    second = sign_in(Role.READER, person_id="li", device_id="phone-2")
    other = dataclasses.replace(walk, phone=Phone(walk.phone.client, second, clock))
    other.phone.sync()
    early = read(other, FIRST, total="11100")
    clock.advance(minutes=10)
    late = read(walk, FIRST, total="11200")
    assert walk.settle_push(late) == ("applied", "")
    assert other.settle_push(early) == ("applied", "")
    assert [total for total, _ in totals(walk, FIRST)] == [11_100, 11_200]
    with walk.database.reading() as session:
        assert make.stop_of(session, meter_id=FIRST).reading_id == _id_of(late)


def test_the_same_reading_sent_twice_is_kept_once(walk: Walk) -> None:
    wire = read(walk, FIRST, total="11100")
    assert walk.settle_push(wire) == ("applied", "")
    assert walk.settle_push(wire) == ("applied", "")
    assert [total for total, _ in totals(walk, FIRST)] == [11_100]


def test_a_reading_of_a_meter_that_was_taken_down_is_kept_as_questionable(
    walk: Walk, clock: HandClock
) -> None:
    with walk.database.unit_of_work() as session:
        meter = session.get_one(Meter, (make.DISTRICT, FIRST))
        meter.removed_at, meter.removed_value = clock.now(), Decimal(11_100)
    clock.advance(hours=1)
    assert walk.settle_push(read(walk, FIRST, total="11150")) == ("merged", "meter-taken-down")
    assert totals(walk, FIRST) == [(Decimal(11_150), "questionable")]


def test_a_reading_from_before_its_meter_was_taken_down_is_actual(
    walk: Walk, clock: HandClock
) -> None:
    clock.advance(minutes=30)
    with walk.database.unit_of_work() as session:
        meter = session.get_one(Meter, (make.DISTRICT, FIRST))
        meter.removed_at, meter.removed_value = clock.now(), Decimal(11_200)
    assert walk.settle_push(read(walk, FIRST, ago_s=900, total="11150")) == ("applied", "")
    assert totals(walk, FIRST) == [(Decimal(11_150), "actual")]


def test_a_reading_that_comes_years_late_is_kept_at_its_true_time(
    walk: Walk, clock: HandClock, sign_in: crews.SignIn
) -> None:
    read_at = clock.now()
    wire = read(walk, FIRST, total="11100")
    with walk.database.unit_of_work() as session:
        make.value(session, meter_id=FIRST, total=12_000, read_at=read_at + dt.timedelta(days=30))
    clock.advance(seconds=3 * YEAR_S)
    walk.phone.headers = sign_in(Role.READER, person_id="li")
    assert walk.settle_push(wire)[0] in {"applied", "merged"}
    with walk.database.reading() as session:
        row = session.query(Reading).filter_by(id=_id_of(wire)).one()
        assert abs((row.read_at - read_at).total_seconds()) <= row.error_s + 1
        assert row.total == 11_100


def _id_of(wire: bytes) -> str:
    made: dict[str, str] = msgspec.json.decode(wire)
    return made["id"]
