"""The map without internet: areas, feeders, work and streets from what is on the phone."""

from __future__ import annotations

import pathlib
import re
from typing import Final

import pytest
from playwright.sync_api import Route, expect

from tests.makers import basemap, sites
from tests.pwa import ground, streets
from tests.pwa.conftest import NewOffice, NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone, until

PIECE: Final = re.compile(r"/v1/basemap/[0-9a-f]{64}$")
COUNT_WATCHES: Final = """
    window.watches = new Set();
    const { geolocation } = navigator;
    const { watchPosition, clearWatch } = geolocation;
    geolocation.watchPosition = (...asked) => {
      const id = watchPosition.apply(geolocation, asked);
      window.watches.add(id);
      return id;
    };
    geolocation.clearWatch = (id) => {
      window.watches.delete(id);
      clearWatch.call(geolocation, id);
    };
"""
FIND_COLOUR: Final = """
    (name) => {
      const map = document.querySelector(".map");
      const canvas = map.querySelector("canvas");
      const wanted = getComputedStyle(map).getPropertyValue(name).trim();
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const rgb = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
      const box = canvas.getBoundingClientRect();
      for (let at = 0; at < data.length; at += 4) {
        if (rgb.some((each, part) => Math.abs(data[at + part] - each) > 12)) continue;
        if (data[at + 3] < 200) continue;
        const x = box.left + (((at / 4) % width) / width) * box.width;
        const y = box.top + (Math.floor(at / 4 / width) / height) * box.height;
        if (document.elementFromPoint(x, y) === canvas) return { x, y };
      }
      return null;
    }
"""
"""Gives where the canvas shows a colour and a finger reaches it."""

pytestmark = pytest.mark.slow


@pytest.fixture
def office(new_office: NewOffice, tmp_path: pathlib.Path) -> Office:
    """Open an office that provides a basemap."""
    return new_office(LAMPLIGHTER_BASEMAP=str(streets.draw(tmp_path / "streets.pmtiles")))


def signed_in(phone: Phone) -> Hand:
    """Open the app and sign the lineman in."""
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    return hand


def open_map(hand: Hand) -> None:
    """Look at the map until it is drawn."""
    hand.open_tab("map")
    expect(hand.page.locator(".map canvas")).to_be_visible()


def find_colour(hand: Hand, name: str) -> dict[str, float]:
    """Find where the map shows one of its colours."""
    until(hand.page, FIND_COLOUR, name)
    found = hand.page.evaluate(FIND_COLOUR, name)
    return {axis: float(found[axis]) for axis in ("x", "y")}


def test_without_internet_the_map_has_ground_grid_and_work(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    hand = signed_in(phone)
    hand.keep_streets()
    hand.has_streets()
    phone.wait_for_worker()

    phone.context.set_offline(True)
    hand.page.reload()
    open_map(hand)

    expect(hand.page.locator(".area-name")).to_have_text(ground.AREA_NAME)
    expect(hand.page.locator(".map-source")).to_have_text("© Survey & Sons")
    for colour in ("--red", "--feeder-1", "--feeder-2"):
        find_colour(hand, colour)
    picture = hand.page.locator("img.leaflet-tile-loaded").first
    expect(picture).to_be_visible()
    assert picture.evaluate("each => each.naturalWidth") == basemap.TILE_PX


def test_a_line_and_a_site_that_are_pressed_say_what_they_are(
    office: Office, new_phone: NewPhone
) -> None:
    hand = signed_in(new_phone(office))
    open_map(hand)
    card = hand.page.locator(".chosen")

    at = find_colour(hand, "--feeder-2")
    hand.page.mouse.click(at["x"], at["y"])
    expect(card).to_contain_text(ground.FEEDERS[0])

    at = find_colour(hand, "--red")
    hand.page.mouse.click(at["x"], at["y"])
    expect(card).to_contain_text("整栋楼没电")
    ways = card.get_by_role("link", name=hand.words("map.navigate"))
    expect(ways).to_have_attribute("href", re.compile(r"^geo:20\.\d+,110\.\d+"))


def test_the_position_is_watched_while_the_map_is_open_and_not_after(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    hand = signed_in(phone)
    hand.page.add_init_script(COUNT_WATCHES)
    hand.page.reload()
    expect(hand.heading("today.title")).to_be_visible()
    lat_deg, lon_deg = sites.north_east(north_m=20)
    phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=14)
    assert hand.page.evaluate("watches.size") == 0

    open_map(hand)
    expect(hand.page.locator(".map-said")).to_contain_text("14")
    assert hand.page.evaluate("watches.size") == 1
    find_colour(hand, "--me")

    hand.open_today()
    until(hand.page, "watches.size === 0")


def test_a_basemap_whose_line_breaks_goes_on_where_it_was(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    hand = signed_in(phone)
    came: list[str] = []
    broken: list[str] = []

    def carry(route: Route) -> None:
        piece = route.request.headers["range"]
        if not broken and came:
            broken.append(piece)
            route.abort("connectionreset")
            return
        came.append(piece)
        route.continue_()

    phone.context.route(PIECE, carry)
    hand.keep_streets()
    expect(hand.page.locator("progress")).to_be_visible()
    hand.has_streets()

    assert len(came) == len(set(came)) > 2
    assert broken[0] == came[1]


def test_streets_that_are_removed_are_gone(office: Office, new_phone: NewPhone) -> None:
    hand = signed_in(new_phone(office))
    hand.keep_streets()
    hand.has_streets()

    hand.press("basemap.forget")

    expect(hand.page.get_by_role("button", name=re.compile("MB"))).to_be_visible()
    open_map(hand)
    find_colour(hand, "--feeder-1")
    expect(hand.page.locator("img.leaflet-tile-loaded")).to_have_count(0)
