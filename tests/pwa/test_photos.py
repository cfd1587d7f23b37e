"""Photos as cameras make them: made small and upright, and what they were is told to the office."""

from __future__ import annotations

import hashlib
import pathlib
from typing import Final

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from schemas import sites as shapes
from tests.makers import photos as made
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.photos import CAMERA_PX, camera_file

ORIENTATIONS: Final = (1, 3, 5, 6, 8)
"""Upright, on its head, mirrored, and both ways of holding a phone upright."""
SIDE_PX_MAX: Final = 2_048
UNLIKE_MAX: Final = 20
"""The mean of a channel's differences, of 255: grain and a second compression."""
HEIC: Final = pathlib.Path(__file__).parents[1] / "data" / "photos" / "heic_IMG_5195.HEIC"
TOO_LARGE_BYTES: Final = 30_000_001

pytestmark = pytest.mark.slow


def test_a_photo_is_made_small_and_upright_and_the_office_knows_what_it_was(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    hand = at_the_order(office, new_phone)
    taken = [camera_file(tmp_path, orientation=each) for each in ORIENTATIONS]
    for path in taken:
        hand.keep_photo(path)
    hand.safe()

    books = Books(office.desk())
    scene = made.scene(1, size=CAMERA_PX)
    files = {file.original.sha256: file for file in books.files() if file.original is not None}
    assert len(files) == len(taken)
    for path in taken:
        content = path.read_bytes()
        file = files[hashlib.sha256(content).hexdigest()]
        original = file.original
        assert original is not None
        assert (original.size_bytes, original.media_type) == (len(content), "image/jpeg")
        assert (original.camera_local, original.camera_offset) == ("2026-11-23T07:58:30", "+08:00")
        assert (original.lat_deg, original.lon_deg) == (20.04, 110.32)
        kept = made.opened(books.bytes_of(file))
        assert max(kept.size) == SIDE_PX_MAX
        assert file.size_bytes < len(content)
        assert unlike(kept, scene.resize(kept.size)) < UNLIKE_MAX, path.name


def test_a_picture_that_the_phone_cannot_open_is_kept_as_it_is(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    hand = at_the_order(office, new_phone)
    hand.follow("deeds.photo")
    chosen = hand.page.locator("input[type=file]")
    chosen.set_input_files(HEIC)
    expect(hand.photos()).to_have_count(1)
    expect(hand.page.locator(".toast")).to_contain_text(hand.words("photos.asItIs"))
    large = tmp_path / "large.heic"
    large.write_bytes(bytes(TOO_LARGE_BYTES))
    chosen.set_input_files(large)
    expect(hand.warning()).to_contain_text(str(TOO_LARGE_BYTES))
    hand.back()
    expect(hand.photos()).to_have_count(1)
    hand.safe()

    books = Books(office.desk())
    (file,) = books.files()
    assert file.original is None
    assert books.bytes_of(file) == HEIC.read_bytes()


def test_a_district_may_ask_for_the_cameras_own_bytes(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    wanted = shapes.DistrictSettings(name="美兰供电局", originals=shapes.Originals.SEND)
    Books(office.desk(ground.ADMINISTRATOR)).send("PUT", "/v1/districts/current", wanted)
    hand = at_the_order(office, new_phone)
    path = camera_file(tmp_path, orientation=6)
    hand.keep_photo(path)
    hand.safe()

    books = Books(office.desk())
    (file,) = books.files()
    assert file.original is None
    assert books.bytes_of(file) == path.read_bytes()


def at_the_order(office: Office, new_phone: NewPhone) -> Hand:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.ORDER)
    return hand


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Tell how far two pictures are apart, of 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other)).mean)
