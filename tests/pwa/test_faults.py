"""What goes wrong in a day: a dead battery, a cut line, no position, a full phone."""

from __future__ import annotations

import contextlib
import hashlib
import pathlib
from typing import Final

import pytest
from playwright.sync_api import expect

from schemas.rules.geofence import Reason, VerdictKind
from schemas.rules.transitions import State
from tests.makers import sites
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import SAFE_WITHIN_MS, Hand
from tests.pwa.line import Line
from tests.pwa.office import Office
from tests.pwa.phone import Phone
from tests.pwa.photos import noise, photo

NOTES: Final = ("先断开跌落保险", "再查低压侧")
CUT_AFTER_BYTES: Final = 700_000
"""In the second chunk of a photo: the first is at the office by then."""
SENT_SHARE_MAX: Final = 1.1
ROOM_BYTES: Final = 1_000_000
SMALLEST_PHOTO_BYTES: Final = 200_000
OUTSIDE: Final = "/health"
"""A page of the server's that is none of the app."""

pytestmark = pytest.mark.slow


def test_a_battery_that_is_pulled_out_loses_nothing(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    phone, hand = signed_in(office, new_phone)
    phone.wait_for_worker()
    office.kill()
    hand.open_order(ground.ORDER)
    hand.accept()
    taken = photo(tmp_path, seed=1)
    hand.keep_photo(taken)
    for note in NOTES:
        hand.write_note(note)

    phone.kill()
    phone.open(f"/app/#/order/{ground.ORDER}")
    expect(hand.state()).to_have_text(hand.words("states.accepted"))
    expect(hand.acts()).to_have_count(2 + len(NOTES))
    expect(hand.photos()).to_have_count(1)
    expect(hand.photos().locator("img")).to_be_visible()
    expect(hand.pill()).not_to_contain_text(hand.words("pill.allSafe"))

    office.open()
    hand.sync_now()
    hand.safe()
    books = Books(office.desk())
    assert books.events() == ["accept", "note", "note"]
    assert tuple(m.detail["text"] for m in books.moments() if m.event == "note") == NOTES
    (file,) = books.files()
    assert file.sha256 == hashlib.sha256(taken.read_bytes()).hexdigest()
    assert file.arrived_at is not None


def test_a_photo_goes_on_where_the_line_was_cut(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    with contextlib.closing(Line(office.url)) as line:
        _, hand = signed_in(office, new_phone, url=line.url)
        hand.open_order(ground.ORDER)
        hand.accept()
        hand.safe()
        before_bytes = line.up_bytes
        line.cut_after(CUT_AFTER_BYTES)
        hand.keep_photo(noise(tmp_path))
        hand.open_tab("sync")
        expect(hand.page.get_by_text(hand.words("errors.NoSignal"))).to_be_visible(
            timeout=SAFE_WITHIN_MS
        )
        books = Books(office.desk())
        (unfinished,) = books.files()
        assert line.cuts == 1
        assert unfinished.arrived_at is None

        line.mend()
        hand.sync_now()
        hand.safe()
        (file,) = books.files()
        assert file.arrived_at is not None
        assert hashlib.sha256(books.bytes_of(file)).hexdigest() == file.sha256
        assert file.size_bytes > 2 * CUT_AFTER_BYTES
        assert line.up_bytes - before_bytes < SENT_SHARE_MAX * file.size_bytes


def test_a_check_in_is_kept_without_a_position_and_with_a_bad_one(
    office: Office, new_phone: NewPhone
) -> None:
    phone, hand = signed_in(office, new_phone)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.look_for_position("unsure")
    expect(hand.page.get_by_text(hand.words("fix.none.denied"))).to_be_visible()
    hand.press("fix.checkInAnyway")
    expect(hand.state()).to_have_text(hand.words("states.arrived"))

    lat_deg, lon_deg = sites.north_east(north_m=ground.FAR_NORTH_M)
    phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=900)
    hand.open_order(ground.FAR_ORDER)
    hand.accept()
    hand.set_out()
    hand.look_for_position("unsure")
    expect(hand.verdict()).to_contain_text(hand.words("reasons.accuracy_poor"))
    hand.press("fix.checkInAnyway")
    expect(hand.state()).to_have_text(hand.words("states.arrived"))
    hand.safe()

    books = Books(office.desk())
    (without,) = books.check_ins(ground.ORDER)
    (bad,) = books.check_ins(ground.FAR_ORDER)
    for arrival in (without, bad):
        assert arrival.verdict is VerdictKind.unsure
        assert arrival.verdict_on_phone is VerdictKind.unsure
    assert (without.fix, without.reasons) == (None, [Reason.no_fix])
    assert bad.fix is not None
    assert bad.fix.accuracy_m == 900
    assert Reason.accuracy_poor in bad.reasons
    assert books.order(ground.FAR_ORDER).state is State.arrived


def test_a_full_phone_says_so_and_keeps_what_it_has(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    phone, hand = signed_in(office, new_phone)
    phone.wait_for_worker()
    hand.open_order(ground.ORDER)
    hand.accept()
    reopen_with_room(phone, ROOM_BYTES)
    hand.follow("deeds.photo")
    kept: list[pathlib.Path] = []
    while not hand.warning().is_visible():
        assert len(kept) <= ROOM_BYTES / SMALLEST_PHOTO_BYTES
        kept.append(photo(tmp_path, seed=len(kept)))
        assert kept[-1].stat().st_size > SMALLEST_PHOTO_BYTES
        hand.page.locator("input[type=file]").set_input_files(kept[-1])
        expect(hand.photos().nth(len(kept) - 1).or_(hand.warning()).first).to_be_visible()
    expect(hand.warning()).to_contain_text(hand.words("errors.DiskFull"))
    refused = kept.pop()
    expect(hand.photos()).to_have_count(len(kept))

    lift_limit(phone)
    hand.page.reload()
    expect(hand.photos()).to_have_count(len(kept))
    hand.back()
    expect(hand.acts()).to_have_count(1 + len(kept))
    hand.keep_photo(refused)
    hand.safe()
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (*kept, refused)}
    files = Books(office.desk()).files()
    assert {file.sha256 for file in files if file.arrived_at} == hashes


def signed_in(office: Office, new_phone: NewPhone, *, url: str | None = None) -> tuple[Phone, Hand]:
    phone = new_phone(office, url=url)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    return phone, hand


def reopen_with_room(phone: Phone, more_bytes: int) -> None:
    """Open the order with so much room more than is used.

    A browser that runs remembers for a while how much room there was; so it is another one, which
    is told before a page of the app is in it.
    """
    phone.close()
    page = phone.open(OUTSIDE)
    session = phone.context.new_cdp_session(page)
    asked = {"origin": page.url.removesuffix(OUTSIDE)}
    used_bytes = session.send("Storage.getUsageAndQuota", asked)["usage"]
    room = {**asked, "quotaSize": used_bytes + more_bytes}
    session.send("Storage.overrideQuotaForOrigin", room)
    page.goto(f"{asked['origin']}/app/#/order/{ground.ORDER}")


def lift_limit(phone: Phone) -> None:
    """Let the browser have as much of the disk as there is."""
    session = phone.context.new_cdp_session(phone.page)
    origin = phone.page.evaluate("location.origin")
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin})
