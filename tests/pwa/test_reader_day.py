"""A reader's day: a route of thirty meters, half of it without signal, every value exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from playwright.sync_api import expect

from schemas import readings
from tests.day.office import Desk
from tests.pwa import ground
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office

LAST_MONTH: Final = 11_005
"""What each meter showed; they move by about a hundred a month."""
MISREAD_AT, MISREAD = 4, "10999"
"""Lower than a month ago."""
STILL_AT, STILL = 6, str(LAST_MONTH)
"""Nobody was at home: it is right so."""
LOCKED_AT: Final = 8
OFFLINE_FROM, RELOADED_AT, LAST_IN_ORDER = 10, 14, 20
FOUND_BY_SERIAL: Final = 30

pytestmark = pytest.mark.slow


def test_a_route_is_read_through_a_dead_spot(each_office: Office, new_phone: NewPhone) -> None:
    phone = new_phone(each_office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.READER)
    hand.cards().first.click()
    route_id = hand.page.url.rsplit("/", 1)[-1]
    hand.go_on_with_route()
    for number in range(1, OFFLINE_FROM):
        walk_on(hand, number)
    phone.wait_for_worker()
    phone.context.set_offline(True)
    for number in range(OFFLINE_FROM, LAST_IN_ORDER + 1):
        if number == RELOADED_AT:
            hand.page.reload()
        walk_on(hand, number)
    read_by_serial(hand)
    expect(hand.pill()).not_to_contain_text(hand.words("pill.allSafe"))

    phone.context.set_offline(False)
    hand.safe()
    desk = each_office.desk()
    expect_stops(desk, route_id)
    expect_readings(desk, route_id)


def value_of(number: int) -> str:
    """Give what a meter shows this month, each its own."""
    return STILL if number == STILL_AT else str(LAST_MONTH + 90 + number)


def walk_on(hand: Hand, number: int) -> None:
    """Do the meter on the screen, and go on to the next."""
    expect(hand.page.locator(".serial-big")).to_contain_text(serial_of(number))
    if number == LOCKED_AT:
        hand.skip_meter("locked")
    elif number == MISREAD_AT:
        read_again(hand, value_of(number))
    elif number == STILL_AT:
        confirm(hand, value_of(number))
    else:
        hand.read_meter(value_of(number))


def read_again(hand: Hand, right: str) -> None:
    """Misread a meter, be asked, look again, and type what it shows."""
    hand.type_value(MISREAD)
    hand.press("meter.keep")
    expect(hand.sheet()).to_contain_text(MISREAD)
    hand.press("prompts.lookAgain")
    expect(hand.sheet()).to_have_count(0)
    hand.clear_value(len(MISREAD))
    hand.read_meter(right)


def confirm(hand: Hand, value: str) -> None:
    """Be asked about a value that is right, and say so."""
    before = hand.serial()
    hand.type_value(value)
    hand.press("meter.keep")
    expect(hand.sheet()).to_be_visible()
    hand.press("prompts.confirm")
    hand.leave_meter(before)


def read_by_serial(hand: Hand) -> None:
    """Find a meter at the end of the route by its number, and read it before its turn."""
    hand.back()
    hand.page.get_by_role("searchbox").fill(serial_of(FOUND_BY_SERIAL).lower())
    found = hand.page.locator("a.stop")
    expect(found).to_have_count(1)
    found.click()
    hand.read_meter(value_of(FOUND_BY_SERIAL))
    hand.back()
    expect(found).to_contain_text(hand.words("stopStates.read"))


def serial_of(number: int) -> str:
    return f"SNM{number:04}"


def read_numbers() -> list[int]:
    return [n for n in (*range(1, LAST_IN_ORDER + 1), FOUND_BY_SERIAL) if n != LOCKED_AT]


def expect_stops(desk: Desk, route_id: str) -> None:
    stops = list(desk.list_all(f"/v1/routes/{route_id}/stops", readings.Stop))
    assert len(stops) == ground.METERS
    done = set(read_numbers())
    for stop in stops:
        if stop.sequence == LOCKED_AT:
            assert stop.state is readings.StopState.SKIPPED
            assert stop.skip_code is readings.SkipCode.LOCKED
        elif stop.sequence in done:
            assert stop.state is readings.StopState.READ
        else:
            assert stop.state is readings.StopState.OPEN
    route = desk.get(f"/v1/routes/{route_id}", readings.Route)
    assert (route.stops_read, route.stops_skipped) == (len(done), 1)


def expect_readings(desk: Desk, route_id: str) -> None:
    kept = list(desk.list_all("/v1/readings", readings.Reading, route_id=route_id))
    assert all(reading.counts for reading in kept)
    values = {reading.meter_id: reading.total for reading in kept}
    assert len(values) == len(kept), "each was taken once"
    assert values == {f"M{n:04}": Decimal(value_of(n)) for n in read_numbers()}
    (still,) = [reading for reading in kept if reading.meter_id == f"M{STILL_AT:04}"]
    assert still.prompts
    assert still.confirmed == still.prompts
    assert [r.meter_id for r in kept if r.confirmed] == [still.meter_id]
