"""A reader in flight mode at doors and meters that are otherwise than recorded, and the office."""

from __future__ import annotations

import datetime as dt
import pathlib
from decimal import Decimal
from typing import Final

import pytest
from playwright.sync_api import expect

from schemas import evidence_gaps, meter_findings, readings
from schemas.evidence import EvidenceKind
from schemas.rules.meter_findings import Kind, Resolution
from schemas.rules.transitions import State
from tests.day.office import Desk
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.photos import photo

STILL: Final = "11005"
"""What each meter showed a month ago; so much again is asked about."""
NEW_SERIAL, NEW_SHOWN, NEW_PEAK, OLD_SHOWN, NEW_LATER = "SNM0777", "12", "7", "11100", "15"
FOUND_SERIAL, FOUND_PLACE = "XY-4711", "院内水泵房后面"
CAMERA: Final = "相机起雾，拍不清"
LEFT: Final = ground.METERS - 4

pytestmark = pytest.mark.slow


def test_what_a_reader_finds_in_flight_mode_waits_until_the_office_settles_it(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    with office.books() as session:
        ground.ask_for_photos(session, now=dt.datetime.now(tz=dt.UTC))
        ground.give_peak(session, number=3)
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.READER)
    hand.cards().first.click()
    route_id = hand.page.url.rsplit("/", 1)[-1]
    phone.wait_for_worker()
    phone.context.set_offline(True)

    hand.go_on_with_route()
    skip_with_a_photo(hand, photo(tmp_path, seed=1))
    confirm_with_a_photo(hand, photo(tmp_path, seed=2))
    find_another_meter(hand)
    confirm_with_a_word(hand)
    find_one_that_is_on_no_route(hand)
    end_with_some_left(hand)
    expect(hand.pill()).not_to_contain_text(hand.words("pill.allSafe"))

    phone.context.set_offline(False)
    hand.safe()
    desk = office.desk()
    assert desk.get(f"/v1/routes/{route_id}", readings.Route).state is State.finished
    (gap,) = desk.list_all("/v1/evidence-gaps", evidence_gaps.EvidenceGap)
    assert (gap.meter_id, gap.kind) == ("M0004", evidence_gaps.GapKind.PROMPT)
    expect_photos(desk, route_id)
    confirmed = {meter_id: [Decimal(STILL)] for meter_id in ("M0002", "M0004")}
    assert values(desk, route_id) == confirmed
    settle(desk)
    shown = values(desk, route_id)
    (new_id,) = shown.keys() - confirmed.keys()
    assert shown.pop(new_id) == [Decimal(NEW_SHOWN), Decimal(NEW_LATER)]
    assert shown == confirmed


def skip_with_a_photo(hand: Hand, path: pathlib.Path) -> None:
    """Stand before a locked door, be asked for a photo of it, and take one."""
    before = hand.serial()
    hand.press("skip.short")
    hand.say_why("locked")
    expect(hand.warning()).to_be_visible()
    hand.take_photo(path)
    hand.say_why("locked")
    hand.leave_meter(before)


def confirm_with_a_photo(hand: Hand, path: pathlib.Path) -> None:
    """Know of key and dog, be asked about a value that is right, and show the display."""
    for said in (ground.KEYS, ground.DOGS):
        expect(hand.page.locator(".access").filter(has_text=said)).to_be_visible()
    before = hand.serial()
    hand.type_value(STILL)
    hand.press("meter.keep")
    asked = hand.sheet().get_by_text(hand.words("wanted.display"))
    expect(asked).to_be_visible()
    hand.press("prompts.confirm")
    expect(hand.warning()).to_be_visible()
    hand.take_photo(path)
    expect(asked).to_have_count(0)
    hand.press("prompts.confirm")
    hand.leave_meter(before)


def find_another_meter(hand: Hand) -> None:
    """See that the meter was changed, say so, and read the new one once more."""
    hand.follow("findings.otherLink")
    hand.write("findings.serial", NEW_SERIAL)
    hand.write("findings.total", NEW_SHOWN)
    hand.page.get_by_label("峰示数（能看清时）").fill(NEW_PEAK)
    hand.write("findings.oldTotal", OLD_SHOWN)
    hand.press("findings.report")
    expect(hand.page.locator(".serial-big")).to_contain_text(NEW_SERIAL)
    expect(hand.page.get_by_text(hand.words("findings.waits"))).to_be_visible()
    hand.type_value(NEW_LATER)
    hand.page.get_by_role("button", name="下一项：峰").click()
    hand.read_meter(NEW_LATER)


def confirm_with_a_word(hand: Hand) -> None:
    """Confirm a value whose display no camera can show, and say why."""
    before = hand.serial()
    hand.type_value(STILL)
    hand.press("meter.keep")
    expect(hand.sheet()).to_be_visible()
    hand.write("deeds.noteOptional", CAMERA)
    hand.press("prompts.confirm")
    hand.leave_meter(before)


def find_one_that_is_on_no_route(hand: Hand) -> None:
    """Be told what is missing, then say where it stands."""
    hand.back()
    hand.follow("findings.foundLink")
    hand.write("findings.serial", FOUND_SERIAL)
    hand.press("findings.report")
    expect(hand.page.get_by_text(hand.words("findings.missing"))).to_be_visible()
    hand.write("findings.place", FOUND_PLACE)
    hand.press("findings.report")
    expect(hand.page.locator("a.stop").first).to_be_visible()


def end_with_some_left(hand: Hand) -> None:
    """See at the gate what is left, and end the route all the same."""
    hand.open_today()
    hand.cards().first.click()
    hand.finish_route()
    end = hand.page.locator("button[type=submit]")
    expect(end).to_contain_text(str(LEFT))
    expect(hand.page.locator(".lines a").first).to_contain_text("SNM0005")
    end.click()
    expect(hand.state()).to_have_text(hand.words("states.finished"))


def expect_photos(desk: Desk, route_id: str) -> None:
    """Both photos are of meters, at the office, and one is the display's that was confirmed."""
    files = Books(desk).files(route_id)
    assert [file.kind for file in files] == [EvidenceKind.METER] * 2
    assert all(file.arrived_at is not None and file.stop_id for file in files)
    stops = {stop.id: stop for stop in desk.list_all(f"/v1/routes/{route_id}/stops", readings.Stop)}
    shown = {stops[file.stop_id or ""].skip_code for file in files}
    assert shown == {readings.SkipCode.LOCKED, None}


def values(desk: Desk, route_id: str) -> dict[str, list[Decimal]]:
    """Give what counts as read on the route, by meter and in the order of reading."""
    kept = desk.list_all("/v1/readings", readings.Reading, route_id=route_id)
    shown: dict[str, list[Decimal]] = {}
    for reading in sorted(kept, key=lambda each: each.read_at):
        shown.setdefault(reading.meter_id, []).append(reading.total)
    return shown


def settle(desk: Desk) -> None:
    """See both findings at the office; the meter was changed, the other is let be."""
    open_ = desk.list_all("/v1/meter-findings", meter_findings.MeterFinding, settled="false")
    found = {finding.kind: finding for finding in open_}
    assert set(found) == {Kind.changed, Kind.found}
    changed, other = found[Kind.changed], found[Kind.found]
    assert (changed.recorded_serial, changed.serial, changed.waiting) == ("SNM0003", NEW_SERIAL, 2)
    assert changed.tariffs == {"peak": Decimal(NEW_PEAK)}
    assert (other.serial, other.place) == (FOUND_SERIAL, FOUND_PLACE)
    for finding, resolution in ((changed, Resolution.changed), (other, Resolution.dismissed)):
        body = meter_findings.MeterFindingSettled(resolution=resolution)
        Books(desk).send("POST", f"/v1/meter-findings/{finding.id}/settle", body)
