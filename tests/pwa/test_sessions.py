"""Sessions that end, phones that are revoked, and two tabs: nothing that was done is lost."""

from __future__ import annotations

import pathlib
import time
from typing import Final

import pytest
from playwright.sync_api import Response, expect

from schemas import crews
from schemas.quarantine import Reason
from schemas.rules.transitions import State
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewOffice, NewPhone
from tests.pwa.hand import SAFE_WITHIN_MS, Hand
from tests.pwa.office import Office
from tests.pwa.photos import photo

TOKEN_S: Final = 30
"""The shortest life that an operator can set."""
RELOADS: Final = 12
REFRESH: Final = "/v1/sessions/refresh"
NEW_PASSWORD: Final = "a lantern at every corner"
UNAUTHORIZED: Final = "responded with a status of 401"

pytestmark = pytest.mark.slow


def test_a_token_that_lapsed_never_stops_capture(
    new_office: NewOffice, new_phone: NewPhone
) -> None:
    office = new_office(LAMPLIGHTER_ACCESS_TOKEN_S=str(TOKEN_S))
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    lapsed_s = time.monotonic() + TOKEN_S + 1
    phone.context.set_offline(True)
    hand.open_order(ground.ORDER)
    hand.accept()
    left_ms = (lapsed_s - time.monotonic()) * 1_000
    hand.page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", left_ms)
    hand.write_note("一直没有信号")

    heard: list[tuple[str, int]] = []

    def hear(response: Response) -> None:
        heard.append((response.url.removeprefix(office.url), response.status))

    hand.page.on("response", hear)
    phone.context.set_offline(False)
    hand.safe()
    assert heard[0][1] == 401, "the token had lapsed"
    assert (REFRESH, 201) in heard
    phone.forgive(UNAUTHORIZED)
    assert Books(office.desk()).events() == ["accept", "note"]


def test_a_session_that_the_office_ended_asks_to_sign_in_and_loses_nothing(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    books = Books(office.desk(ground.ADMINISTRATOR))
    books.send(
        "PUT",
        f"/v1/people/{ground.LINEMAN}/password",
        crews.PasswordChange(password=NEW_PASSWORD),
    )

    hand.open_order(ground.ORDER)
    hand.accept()
    expect(hand.pill()).to_contain_text(hand.words("pill.signedOut"), timeout=SAFE_WITHIN_MS)
    hand.set_out()
    hand.open_tab("sync")
    expect(hand.heading("sync.onlyHere")).to_be_visible()
    assert books.is_untouched()

    hand.follow("sync.signIn")
    hand.sign_in(ground.LINEMAN, NEW_PASSWORD)
    hand.safe()
    phone.forgive(UNAUTHORIZED)
    assert books.events() == ["accept", "set_out"]
    assert len(books.phones()) == 1, "it is the same phone"


def test_a_revoked_phone_is_wiped_and_its_late_work_waits_for_the_office(
    office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    phone.context.set_offline(True)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.keep_photo(photo(tmp_path, seed=1))
    books = Books(office.desk(ground.ADMINISTRATOR))
    (device,) = books.phones()
    books.send("DELETE", f"/v1/devices/{device.id}")

    phone.context.set_offline(False)
    expect(hand.pill()).to_contain_text(hand.words("pill.wiped"), timeout=SAFE_WITHIN_MS)
    expect(hand.heading("gone.title")).to_be_visible()
    hand.open_today()
    expect(hand.page.get_by_text(hand.words("sync.wiped"))).to_be_visible()
    expect(hand.cards()).to_have_count(0)
    hand.open_tab("sync")
    expect(hand.page.get_by_text(hand.words("sync.wiped"))).to_be_visible()
    expect(hand.heading("sync.allSafe")).to_be_visible(timeout=SAFE_WITHIN_MS)

    late = books.quarantined()
    assert [operation.type for operation in late] == ["task.accept", "evidence.declare"]
    assert {operation.subject_id for operation in late} == {ground.ORDER}
    assert {operation.reason for operation in late} == {Reason.REVOKED}
    assert books.is_untouched()
    phone.forgive("responded with a status of")


def test_a_second_tab_takes_over_and_the_first_sleeps(office: Office, new_phone: NewPhone) -> None:
    phone = new_phone(office)
    phone.open()
    first = Hand(phone)
    first.sign_in(ground.LINEMAN)
    second = Hand(phone, tab=phone.context.new_page())
    second.page.goto(f"{office.url}/app/")
    expect(second.heading("thresholds.asleep")).to_be_visible()

    second.press("thresholds.workHere")
    second.open_order(ground.ORDER)
    second.accept()
    expect(first.heading("thresholds.asleep")).to_be_visible()
    expect(first.cards()).to_have_count(0)

    first.press("thresholds.workHere")
    first.open_order(ground.ORDER)
    expect(first.state()).to_have_text(first.words("states.accepted"))
    expect(second.heading("thresholds.asleep")).to_be_visible()
    first.set_out()
    first.safe()
    books = Books(office.desk())
    assert books.events() == ["accept", "set_out"]
    assert books.order().state is State.en_route


def test_a_page_that_is_loaded_anew_is_no_second_tab(office: Office, new_phone: NewPhone) -> None:
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    for _ in range(RELOADS):
        phone.page.reload(wait_until="commit")
        expect(hand.heading("signIn.title").or_(hand.heading("thresholds.asleep"))).to_be_visible()
        expect(hand.heading("thresholds.asleep")).to_have_count(0)
