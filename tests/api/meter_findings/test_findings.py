"""Meters found otherwise than recorded: the office hears of it, and decides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from api import acts
from api.readings import jobs
from api.readings import service as readings
from api.readings.models import Reading
from api.sites.models import Meter
from tests.api.meter_findings.conftest import METERS, Walk
from tests.conftest import HandClock
from tests.makers import readings as make
from tests.makers import tasks

FIRST, SECOND, THIRD = METERS
MEASURED = dt.timedelta(seconds=1)
"""A phone's clock is known about so well."""
NEW = {"serial": "NEW-77", "digits": 6, "total": "137"}


def only(walk: Walk) -> dict[str, object]:
    """Show the one finding that is open."""
    (finding,) = walk.get("/v1/meter-findings?settled=false")["items"]
    return dict(finding)


def taken(walk: Walk, meter_id: str) -> list[Reading]:
    """List what counts as read on the route at a meter."""
    with walk.database.reading() as session:
        asked = session.query(Reading).filter_by(meter_id=meter_id)
        return list(asked.filter(Reading.stop_id.is_not(None)).order_by(Reading.read_at))


def test_a_meter_that_is_not_on_the_route_is_told_to_the_office(walk: Walk) -> None:
    assert walk.push("meter.found", serial="X-9", place="behind the pump", total="5") == (
        "applied",
        "",
    )
    finding = only(walk)
    assert (finding["kind"], finding["serial"], finding["place"]) == (
        "found",
        "X-9",
        "behind the pump",
    )
    assert (finding["advice"], finding["known_meter_id"]) == ("register", None)
    assert walk.get(f"/v1/meter-findings/{finding['id']}") == finding
    path = f"/v1/meter-findings/{finding['id']}/settle"
    assert walk.post(path, {"resolution": "changed"}, status=422)["code"] == "resolution-unfit"
    settled = walk.post(path, {"resolution": "registered", "note": "put on record"})
    assert (settled["advice"], settled["settled_note"]) == ("done", "put on record")
    again = walk.post(path, {"resolution": "dismissed"}, status=409)
    assert again["code"] == "finding-settled"


def test_a_meter_on_record_that_is_found_is_put_on_a_route(walk: Walk) -> None:
    with walk.database.unit_of_work() as session:
        make.meter(session, meter_id="M0009")
        serial = make.meter(session, meter_id="M0009").serial
    walk.push("meter.found", serial=serial, place="next door")
    finding = only(walk)
    assert (finding["advice"], finding["known_meter_id"]) == ("plan", "M0009")


@pytest.mark.rule("S49")
def test_readings_of_a_changed_meter_wait_and_are_never_judged_against_the_old_one(
    walk: Walk, clock: HandClock
) -> None:
    stop_id = walk.stops[FIRST]
    assert walk.push("meter.changed", stop_id=stop_id, old_total="11100", **NEW) == ("applied", "")
    stop = walk.stop(FIRST)
    assert (stop["serial"], stop["digits"], stop["state"]) == ("NEW-77", 6, "read")
    assert (stop["previous_value"], stop["typical_kwh"]) == ("137.000", None)
    clock.advance(minutes=5)
    assert walk.push("reading.take", stop_id=stop_id, total="140001") == ("applied", "")
    assert taken(walk, FIRST) == []
    assert only(walk)["waiting"] == 2


@pytest.mark.rule("S49")
def test_a_confirmed_change_puts_the_meter_on_record_and_lets_its_readings_go(
    walk: Walk, clock: HandClock
) -> None:
    stop_id = walk.stops[FIRST]
    walk.push("meter.changed", stop_id=stop_id, old_total="11100", **NEW)
    found_at = clock.now()
    clock.advance(hours=2)
    walk.push("reading.take", stop_id=stop_id, total="150")
    read_at = clock.now()
    clock.advance(hours=2)
    finding = only(walk)
    settled = walk.post(
        f"/v1/meter-findings/{finding['id']}/settle",
        {"resolution": "changed", "meter": {"installed_value": "100"}},
    )
    new_id = settled["new_meter_id"]
    with walk.database.reading() as session:
        old = session.get_one(Meter, (make.DISTRICT, FIRST))
        new = session.get_one(Meter, (make.DISTRICT, new_id))
        assert old.removed_at is not None
        assert abs(old.removed_at - found_at) <= MEASURED
        assert old.removed_value == 11_100
        assert (new.serial, new.digits, int(new.installed_value)) == ("NEW-77", 6, 100)
        assert new.service_point_id == old.service_point_id
    rows = taken(walk, new_id)
    assert [(int(row.total), row.used_kwh) for row in rows] == [
        (137, Decimal(37)),
        (150, Decimal(13)),
    ]
    for row, at in zip(rows, (found_at, read_at), strict=True):
        assert abs(row.read_at - at) <= MEASURED
    stop = walk.stop(FIRST)
    assert (stop["meter_id"], stop["finding_id"], stop["state"]) == (new_id, None, "read")
    assert walk.push("reading.take", stop_id=stop_id, total="151") == ("applied", "")
    assert [row.total for row in taken(walk, new_id)] == [137, 150, 151]
    with walk.database.unit_of_work() as session:
        act = acts.system(district_id=make.DISTRICT, now=clock.now(), job="flags")
        jobs.run(session, act=act)
    assert walk.get(f"/v1/flags?meter_id={new_id}")["items"] == []


def test_a_reading_from_before_the_change_is_of_the_old_meter(walk: Walk, clock: HandClock) -> None:
    walk.push("meter.changed", stop_id=walk.stops[FIRST], **NEW)
    with walk.database.unit_of_work() as session:
        body = make.taken(make.stop_of(session, meter_id=FIRST), walk.last + 9)
        act = tasks.of_crew(at=clock.now() - dt.timedelta(hours=1), operation_id="late")
        assert readings.take(session, act=act, subject_id=walk.route_id, body=body) is None
    assert [row.total for row in taken(walk, FIRST)] == [walk.last + 9]
    assert walk.stop(FIRST)["serial"] == "NEW-77"


def test_a_serial_that_was_written_down_wrongly_is_mended_and_the_value_counts(
    walk: Walk,
) -> None:
    value = str(walk.last + 99)
    walk.push("meter.mismatch", stop_id=walk.stops[FIRST], serial="S-1O1", total=value)
    finding = only(walk)
    assert (finding["kind"], finding["advice"]) == ("mismatch", "ask")
    walk.post(f"/v1/meter-findings/{finding['id']}/settle", {"resolution": "same_meter"})
    with walk.database.reading() as session:
        assert session.get_one(Meter, (make.DISTRICT, FIRST)).serial == "S-1O1"
    (row,) = taken(walk, FIRST)
    assert (int(row.total), row.used_kwh) == (walk.last + 99, Decimal(99))
    stop = walk.stop(FIRST)
    assert (stop["serial"], stop["state"], stop["typical_kwh"] is not None) == (
        "S-1O1",
        "read",
        True,
    )


@pytest.mark.rule("S49")
def test_a_dismissed_finding_opens_its_stop_again_and_keeps_what_was_read(walk: Walk) -> None:
    recorded = walk.stop(FIRST)
    walk.push("meter.changed", stop_id=walk.stops[FIRST], **NEW)
    finding = only(walk)
    settled = walk.post(
        f"/v1/meter-findings/{finding['id']}/settle",
        {"resolution": "dismissed", "note": "a misread plate"},
    )
    assert settled["waiting"] == 1
    assert walk.stop(FIRST) == recorded
    assert taken(walk, FIRST) == []


def test_a_mismatch_without_a_value_leaves_the_stop_to_be_read(walk: Walk) -> None:
    walk.push("meter.mismatch", stop_id=walk.stops[SECOND], serial="S-XX")
    assert walk.stop(SECOND)["state"] == "open"
    walk.push("reading.take", stop_id=walk.stops[SECOND], total="7")
    assert only(walk)["waiting"] == 1


def test_a_serial_that_stands_elsewhere_is_settled_first(walk: Walk) -> None:
    with walk.database.reading() as session:
        serial = session.get_one(Meter, (make.DISTRICT, SECOND)).serial
    walk.push("meter.changed", stop_id=walk.stops[FIRST], serial=serial, digits=5, total="3")
    finding = only(walk)
    assert (finding["advice"], finding["known_meter_id"]) == ("clear", SECOND)
    refused = walk.post(
        f"/v1/meter-findings/{finding['id']}/settle", {"resolution": "changed"}, status=422
    )
    assert refused["code"] == "serial-taken"
    assert only(walk)["waiting"] == 1
    assert walk.stop(FIRST)["finding_id"] == finding["id"]


def test_the_next_route_shows_what_was_found_until_it_is_settled(walk: Walk) -> None:
    walk.push("meter.changed", stop_id=walk.stops[FIRST], **NEW)
    with walk.database.unit_of_work() as session:
        next_id = make.route(session, meter_ids=[FIRST]).id
        stop_id = make.stop_of(session, meter_id=FIRST, route_id=next_id).id
    walk.phone.sync()
    read = walk.phone.operation("reading.take", next_id, {"stop_id": stop_id, "total": "200"})
    assert walk.settle_push(read) == ("applied", "")
    finding = only(walk)
    assert finding["waiting"] == 2
    settled = walk.post(f"/v1/meter-findings/{finding['id']}/settle", {"resolution": "changed"})
    assert [row.total for row in taken(walk, settled["new_meter_id"])] == [137, 200]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"total": "1234567"}, "reading-too-many-digits"),
        ({"total": "-1"}, "reading-not-a-value"),
        ({"tariffs": {"night": "1"}}, "reading-unknown-register"),
        ({"serial": ""}, "operation-unreadable"),
        ({"digits": 0}, "operation-unreadable"),
        ({"total": "NaN"}, "operation-unreadable"),
    ],
)
def test_what_no_meter_shows_is_refused_and_changes_nothing(
    walk: Walk, changed: dict[str, object], code: str
) -> None:
    before = walk.stop(FIRST)
    told = walk.push("meter.changed", stop_id=walk.stops[FIRST], **{**NEW, **changed})
    assert told == ("rejected", code)
    assert walk.stop(FIRST) == before
    assert walk.get("/v1/meter-findings")["items"] == []


def test_the_list_is_chosen_and_paged(walk: Walk, clock: HandClock) -> None:
    for serial in ("A-1", "A-2", "A-3"):
        walk.push("meter.found", serial=serial, place="yard")
        clock.advance(minutes=1)
    walk.push("meter.changed", stop_id=walk.stops[FIRST], **NEW)
    first = walk.get("/v1/meter-findings?limit=3")
    rest = walk.get(f"/v1/meter-findings?limit=3&after={first['next']}")
    serials = [each["serial"] for each in first["items"] + rest["items"]]
    assert serials == ["NEW-77", "A-3", "A-2", "A-1"]
    assert len(walk.get("/v1/meter-findings?kind=found")["items"]) == 3
    assert len(walk.get(f"/v1/meter-findings?meter_id={FIRST}")["items"]) == 1
    assert walk.get("/v1/meter-findings?route_id=none")["items"] == []
    assert walk.get("/v1/meter-findings?settled=true")["items"] == []
