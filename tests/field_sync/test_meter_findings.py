"""Meters found otherwise than the route says, and photos and stops that are asked for first."""

from __future__ import annotations

import pathlib
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from field_sync import errors, meter_findings, metering, view
from field_sync.store import outbox
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.testing.server import FakeServer
from schemas import meter_findings as shapes
from schemas.errors import Refused
from schemas.readings import SkipCode, StopState
from schemas.rules.transitions import Kind, State
from tests.field_sync.prompting import Prompt
from tests.makers import handheld as make

ROUTE = "r1"
CHANGED: dict[str, Any] = {
    "stop_id": "s1",
    "serial": "N1",
    "digits": 6,
    "decimals": 1,
    "total": Decimal("137.5"),
}


@pytest.fixture
def reader(enrolled: Store) -> Store:
    """Give a handheld a route of two, in a district that asks for photos."""
    district = msgspec.structs.replace(
        make.district(), photo_on_skip=[SkipCode.DOG], photo_on_confirm=True
    )
    make.hold(enrolled, "district:d1", ("district", district))
    make.hold(enrolled, "person:p1", ("task", make.task(ROUTE, kind=Kind.route, site=False)))
    stops = [make.stop("s1"), make.stop("s2", sequence=2)]
    make.hold(enrolled, f"route:{ROUTE}", *(("stop", stop) for stop in stops))
    return enrolled


def test_a_meter_that_is_not_on_the_route_is_kept_and_starts_it(
    reader: Store, edge: HandEdge
) -> None:
    entry = meter_findings.found(
        reader, edge, route_id=ROUTE, serial="X9", place="behind the pump", total=Decimal(7)
    )
    body = entry.read()
    assert isinstance(body, shapes.MeterFound)
    assert (body.serial, body.place, str(body.total)) == ("X9", "behind the pump", "7")
    assert view.get_task(reader, task_id=ROUTE).state is State.working
    with pytest.raises(errors.OnRoute):
        meter_findings.found(reader, edge, route_id=ROUTE, serial="880002", place="yard")
    with pytest.raises(errors.Malformed):
        meter_findings.found(reader, edge, route_id=ROUTE, serial="X8", place="")


def test_a_changed_meter_takes_the_old_ones_place_and_is_asked_nothing_of_it(
    reader: Store, edge: HandEdge
) -> None:
    entry = meter_findings.changed(reader, edge, **CHANGED, old_total=Decimal(1100))
    stop = view.get_stop(reader, stop_id="s1")
    assert (stop.serial, stop.digits, stop.state) == ("N1", 6, StopState.READ)
    assert (stop.finding_id, stop.previous_value) == (entry.id, Decimal("137.5"))
    assert metering.prompts(reader, stop_id="s1", total=Decimal("140.2")) == ()
    metering.read(reader, edge, stop_id="s1", total=Decimal("140.2"))
    assert [each.type for each in outbox.list_kept(reader)] == ["meter.changed", "reading.take"]


def test_another_serial_without_a_value_leaves_the_stop_to_be_read(
    reader: Store, edge: HandEdge
) -> None:
    meter_findings.mismatch(reader, edge, stop_id="s2", serial="Z7")
    stop = view.get_stop(reader, stop_id="s2")
    assert (stop.serial, stop.state, stop.previous_value) == ("Z7", StopState.OPEN, None)
    meter_findings.mismatch(reader, edge, stop_id="s2", serial="Z8", total=Decimal(12))
    assert [each.id for each in view.list_left(reader, route_id=ROUTE)] == ["s1"]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"total": Decimal(1234567)}, errors.NotOnDisplay),
        ({"total": Decimal("1.25")}, errors.NotOnDisplay),
        ({"old_total": Decimal(123456)}, errors.NotOnDisplay),
        ({"tariffs": {"night": Decimal(1)}}, errors.Malformed),
        ({"serial": ""}, errors.Malformed),
        ({"serial": "880001"}, errors.SameSerial),
        ({"stop_id": "none"}, errors.NotOnPhone),
    ],
)
def test_what_cannot_be_so_is_refused_and_nothing_is_kept(
    reader: Store, edge: HandEdge, wrong: dict[str, object], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        meter_findings.changed(reader, edge, **{**CHANGED, **wrong})
    assert outbox.count_waiting(reader) == 0


def test_a_mismatch_says_something_else_and_what_the_meter_shows(
    reader: Store, edge: HandEdge
) -> None:
    with pytest.raises(errors.SameSerial):
        meter_findings.mismatch(reader, edge, stop_id="s1", serial="880001")
    with pytest.raises(errors.NotOnDisplay):
        meter_findings.mismatch(reader, edge, stop_id="s1", serial="Z", total=Decimal(123456))
    assert outbox.count_waiting(reader) == 0


@pytest.mark.rule("H31")
def test_a_skip_asks_for_its_photo_by_its_code_unless_a_note_says_why_there_is_none(
    reader: Store, edge: HandEdge
) -> None:
    with pytest.raises(errors.PhotoFirst):
        metering.skip(reader, edge, stop_id="s1", code=SkipCode.DOG)
    metering.skip(reader, edge, stop_id="s1", code=SkipCode.DOG, note="the camera fogged up")
    metering.skip(reader, edge, stop_id="s1", code=SkipCode.DOG, photo_sha256=["a" * 64])
    metering.skip(reader, edge, stop_id="s2", code=SkipCode.REFUSED)
    assert outbox.count_waiting(reader) == 3


@pytest.mark.rule("H31")
def test_an_odd_value_asks_for_a_photo_of_the_display_when_it_is_confirmed(
    reader: Store, edge: HandEdge
) -> None:
    odd: dict[str, Any] = {"stop_id": "s1", "total": Decimal(1000), "confirmed": ["ER12"]}
    with pytest.raises(errors.PhotoFirst):
        metering.read(reader, edge, **odd)
    metering.read(reader, edge, **odd, photo_sha256=["a" * 64])
    metering.read(reader, edge, stop_id="s2", total=Decimal(1100))
    assert outbox.count_waiting(reader) == 2


def test_what_is_left_is_told_before_a_route_is_ended(reader: Store) -> None:
    with pytest.raises(errors.StopsLeft) as refused:
        metering.require_left(reader, route_id=ROUTE, left=0)
    assert refused.value.fields == {"left": 2, "serials": "880001, 880002"}
    metering.require_left(reader, route_id=ROUTE, left=2)


def test_a_reader_reports_at_the_prompt(at_work: Prompt) -> None:
    assert at_work("meter-found", "X9", "in the yard", "--total", "5").exit_code == 0
    assert at_work("meter-changed", "880001", "N1", "137", "--digits", "6").exit_code == 0
    assert "another meter" in at_work("route", "--all").output
    peak = ("--tariff", "peak", "5")
    refused = at_work("meter-changed", "N1", "N3", "137", "--digits", "6", *peak)
    assert (refused.exit_code, "peak" in refused.stderr) == (1, True)
    assert at_work("meter-mismatch", "N1", "N2").exit_code == 0


def test_what_the_tariffs_of_a_changed_meter_show_is_kept(
    at_work: Prompt, server: FakeServer
) -> None:
    stop = make.stop("s1", route_id="route-bbb222", registers=["total", "peak", "valley"])
    server.put("route:route-bbb222", "stop", stop)
    at_work("sync")
    parts = ("--tariff", "peak", "7", "--tariff", "valley", "5")
    assert at_work("meter-changed", "880001", "N1", "12", "--digits", "6", *parts).exit_code == 0
    at_work("sync")
    (told,) = [each for each in server.operations if each.type == "meter.changed"]
    body = msgspec.json.decode(told.body, type=shapes.MeterChanged)
    assert body.tariffs == {"peak": Decimal(7), "valley": Decimal(5)}


def test_a_photo_is_kept_once_and_named_with_the_skip(
    at_work: Prompt, tmp_path: pathlib.Path
) -> None:
    photo = tmp_path / "dog.jpg"
    photo.write_bytes(b"\xff\xd8\xff a dog")
    for _ in range(2):
        told = at_work("skip", "880001", "dog", "--photo", str(photo))
        assert told.exit_code == 0, told.stderr


def test_ending_a_route_tells_what_is_left(at_work: Prompt) -> None:
    refused = at_work("finish", "bbb222", lang="zh")
    assert (refused.exit_code, "还有 1 户未抄：880001" in refused.stderr) == (1, True)
