"""A new build of the app is offered, never forced, and the work that waits survives it."""

from __future__ import annotations

import pathlib
import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.builds import NEXT, build_anew
from tests.pwa.conftest import NewOffice, NewPhone
from tests.pwa.hand import Hand

pytestmark = pytest.mark.slow


def test_an_update_is_offered_and_what_waits_survives_it(
    new_office: NewOffice, new_phone: NewPhone, built: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    folder = shutil.copytree(built, tmp_path / "app")
    office = new_office(folder)
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    phone.wait_for_worker()
    expect(hand.offer()).to_have_count(0)
    before = revision(hand)

    build_anew(folder)
    hand.look_for_update()
    expect(hand.offer()).to_be_visible()
    phone.context.set_offline(True)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.page.reload()
    expect(hand.state()).to_have_text(hand.words("states.en_route"))
    expect(hand.offer()).to_be_visible()
    assert revision(hand) == before, "nobody has wanted it yet"

    hand.press("update.now")
    expect(hand.offer()).to_have_count(0)
    hand.page.wait_for_selector(f"meta[name=build][content='{NEXT}']", state="attached")
    assert revision(hand) == NEXT
    hand.open_order(ground.ORDER)
    expect(hand.state()).to_have_text(hand.words("states.en_route"))
    expect(hand.acts()).to_have_count(2)

    phone.context.set_offline(False)
    hand.safe()
    assert Books(office.desk()).events() == ["accept", "set_out"]


def revision(hand: Hand) -> str:
    """Read in the settings which build runs."""
    hand.open_tab("settings")
    shown = hand.page.get_by_text(re.compile(r"^[0-9a-f]{12}$"))
    return shown.inner_text()
