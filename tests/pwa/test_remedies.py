"""A position that nobody can be sure of: a stay, a photo and a scan stand beside it."""

from __future__ import annotations

import itertools
import pathlib
import time
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from schemas import sites as shapes
from schemas.rules.codes import Match
from schemas.rules.geofence import VerdictKind
from schemas.rules.presence import StayKind
from tests.makers import sites
from tests.pwa import ground, printed
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone
from tests.pwa.photos import photo

DWELL_S: Final = 10
"""The shortest stay that an office can ask for."""
STAYED_WITHIN_S: Final = 60
LOOK_MS: Final = 500
SERIAL: Final = "SNM0012"

pytestmark = pytest.mark.slow


def test_a_doubtful_position_is_helped_and_stays_a_doubt(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    ask_for_stays(office)
    phone = with_camera(office, new_phone(office), tmp_path)
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    stand(phone, north_m=20, accuracy_m=60)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.look_for_position("unsure")
    staying = hand.page.locator(".staying")
    staying.get_by_role("button").click()
    hand.page.locator("input[type=file]").set_input_files(photo(tmp_path, seed=1))
    hand.press("scan.short")
    expect(hand.page.get_by_role("button", name=SERIAL)).to_be_visible()
    lie_still(phone, until=staying.get_by_text(hand.words("arrival.stays.stayed")))
    expect(hand.verdict()).to_contain_text(hand.words("verdicts.unsure"))
    hand.press("fix.checkInAnyway")
    expect(hand.state()).to_have_text(hand.words("states.arrived"))
    hand.safe()

    books = Books(office.desk())
    (arrival,) = books.check_ins()
    assert arrival.verdict is VerdictKind.unsure
    remedies = arrival.remedies
    assert remedies is not None
    assert remedies.stay is not None
    assert (remedies.stay.kind, remedies.stay.inside) == (StayKind.stayed, 0)
    assert remedies.stay.stayed_s >= DWELL_S
    assert (remedies.scanned, remedies.match) == (SERIAL, Match.unknown)
    assert remedies.photo_sha256 == [file.sha256 for file in books.files()]


def test_who_walks_off_is_found_elsewhere(office: Office, new_phone: NewPhone) -> None:
    ask_for_stays(office)
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    stand(phone, north_m=20, accuracy_m=60)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.look_for_position("unsure")
    hand.page.locator(".staying").get_by_role("button").click()
    expect(hand.page.locator(".staying progress")).to_be_visible()
    stand(phone, north_m=500, accuracy_m=10)
    expect(hand.verdict()).to_contain_text(hand.words("verdicts.outside"))
    expect(hand.page.locator(".staying")).to_have_count(0)
    hand.press("fix.checkInAnyway")
    expect(hand.state()).to_have_text(hand.words("states.arrived"))
    hand.safe()

    (arrival,) = Books(office.desk()).check_ins()
    assert arrival.verdict is VerdictKind.outside
    assert arrival.remedies is not None
    assert arrival.remedies.stay is not None
    assert arrival.remedies.stay.kind is StayKind.left


def test_a_readers_camera_finds_the_meter(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    hand = Hand(with_camera(office, new_phone(office), tmp_path))
    hand.sign_in(ground.READER)
    hand.cards().first.click()
    hand.go_on_with_route()
    serial = hand.page.locator(".serial-big")
    expect(serial).not_to_contain_text(SERIAL)
    hand.press("scan.short")
    expect(serial).to_contain_text(SERIAL)


def ask_for_stays(office: Office) -> None:
    settings = shapes.DistrictSettings(name="美兰供电局", dwell_s=DWELL_S)
    Books(office.desk(ground.ADMINISTRATOR)).send("PUT", "/v1/districts/current", settings)


def with_camera(office: Office, phone: Phone, folder: pathlib.Path) -> Phone:
    """Open the app on a phone whose camera sees the label of a meter."""
    phone.switch_on(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={printed.film(folder, text=SERIAL)}",
    )
    phone.page.goto(f"{office.url}/app/")
    return phone


def lie_still(phone: Phone, *, until: Locator) -> None:
    """Let the phone find itself again and again, as one that lies still does."""
    ends_s = time.monotonic() + STAYED_WITHIN_S
    for accuracy_m in itertools.cycle((61, 60)):
        if until.is_visible():
            return
        assert time.monotonic() < ends_s, "the stay came to no end"
        stand(phone, north_m=20, accuracy_m=accuracy_m)
        phone.page.wait_for_timeout(LOOK_MS)


def stand(phone: Phone, *, north_m: float, accuracy_m: float) -> None:
    lat_deg, lon_deg = sites.north_east(north_m=north_m)
    phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=accuracy_m)
