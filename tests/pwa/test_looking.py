"""What was settled otherwise is looked at, and a phone that fills up says so in time."""

from __future__ import annotations

from typing import Final

import msgspec
import pytest
from playwright.sync_api import Locator, expect

from schemas import evidence, sync, tasks
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import SAFE_WITHIN_MS, Hand
from tests.pwa.office import Office

TERMS: Final = "更换入户开关，工料费 120 元，客户自付"
FEW_PHOTOS: Final = "37"
"""So many still fit, of 0.8 MB each."""
SYNC = "**/v1/sync*"
NEARLY_FULL: Final = """
navigator.storage.estimate = async () => ({ usage: 950e6, quota: window.roomier ? 64e9 : 980e6 });
navigator.storage.persisted = async () => false;
navigator.storage.persist = async () => { window.asked = (window.asked ?? 0) + 1; return false; };
"""

pytestmark = pytest.mark.slow


def test_what_was_seen_leaves_the_badge_and_stays_in_the_list(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.FAR_ORDER)
    phone.context.set_offline(True)
    hand.accept()
    called_off = tasks.Cancelled(reason="客户来电，路灯已自行恢复")
    Books(office.desk()).send("POST", f"/v1/tasks/{ground.FAR_ORDER}/cancel", called_off)
    phone.context.set_offline(False)
    hand.open_tab("sync")
    expect(hand.heading("sync.allSafe")).to_be_visible(timeout=SAFE_WITHIN_MS)
    expect(badge(hand)).to_contain_text("1")

    hand.page.locator(".timeline .entry").first.click()
    hand.press("record.seen")
    hand.open_tab("sync")
    expect(badge(hand)).to_have_count(0)
    looked_at = hand.page.locator(".timeline .entry")
    expect(looked_at).to_have_count(1)
    expect(looked_at).to_contain_text(hand.words("standings.seen"))
    hand.page.reload()
    expect(looked_at).to_contain_text(hand.words("standings.seen"))
    expect(badge(hand)).to_have_count(0)


def test_each_record_is_looked_at_taken_along_and_sent_by_hand(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.ORDER)
    phone.context.route(SYNC, lambda request: request.abort())  # and the phone hears of no end
    hand.accept()
    hand.write_note("先断开跌落保险")
    hand.open_tab("sync")
    records = hand.page.locator(".timeline .entry")
    expect(records).to_have_count(2)
    whole = taken_along(hand, "sync.export")
    assert [operation.type for operation in whole] == ["task.accept", "task.note"]
    records.last.click()
    expect(hand.page.get_by_text("先断开跌落保险").first).to_be_visible()
    (note,) = taken_along(hand, "record.export")
    assert note == whole[1]

    office_hears_nothing = Books(office.desk()).events()
    phone.context.unroute(SYNC)
    hand.press("record.retry")
    expect(hand.page.get_by_text(hand.words("record.standing.safe"))).to_be_visible()
    assert (office_hears_nothing, Books(office.desk()).events()) == ([], ["accept", "note"])


def test_a_phone_that_fills_up_says_how_much_still_fits(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    phone.switch_on()
    phone.context.add_init_script(NEARLY_FULL)
    phone.page.goto(f"{office.url}/app/")
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    said = hand.page.locator("p.missing").filter(has_text=FEW_PHOTOS)
    expect(said).to_be_visible()
    assert hand.page.evaluate("window.asked") == 1
    hand.open_order(ground.ORDER)
    hand.follow("deeds.photo")
    expect(said).to_be_visible()
    hand.page.evaluate("window.roomier = true")
    hand.sync_now()
    expect(said).to_have_count(0)
    hand.open_tab("settings")
    hand.press("settings.persist")
    expect(hand.page.get_by_text(hand.words("settings.notPersisted"))).to_be_visible()
    assert hand.page.evaluate("window.asked") == 2


def test_a_customer_consents_with_a_signature_under_the_words(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.ORDER)
    phone.context.set_offline(True)
    hand.follow("deeds.consent")
    keep = hand.page.get_by_role("button", name=hand.words("consent.signFirst"), exact=True)
    expect(keep).to_be_visible()
    hand.write("consent.terms", TERMS)
    sign(hand)
    hand.press("consent.again")
    expect(keep).to_be_visible()
    sign(hand)
    hand.press("consent.keep")
    expect(hand.photos()).to_have_count(1)
    phone.context.set_offline(False)
    hand.safe()

    (file,) = Books(office.desk()).files()
    assert (file.kind, file.note) == (evidence.EvidenceKind.SIGNATURE, TERMS)
    assert file.media_type == "image/png"
    assert file.arrived_at is not None


def taken_along(hand: Hand, key: str) -> list[sync.Operation]:
    """Take records out of the phone as a file, and read it."""
    with hand.page.expect_download() as expected:
        hand.page.get_by_role("button", name=hand.words(key)).click()
    lines = expected.value.path().read_bytes().splitlines()
    return [msgspec.json.decode(line, type=sync.Operation) for line in lines]


def badge(hand: Hand) -> Locator:
    return hand.page.locator("nav.tabs a", has_text=hand.words("tabs.sync")).locator(".badge")


def sign(hand: Hand) -> None:
    """Draw a stroke on the pad."""
    box = hand.page.locator("canvas.pad").bounding_box()
    assert box is not None
    mouse = hand.page.mouse
    mouse.move(box["x"] + 30, box["y"] + 30)
    mouse.down()
    mouse.move(box["x"] + 120, box["y"] + 60, steps=6)
    mouse.up()
