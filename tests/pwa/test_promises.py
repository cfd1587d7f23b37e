"""Promises and reasons at the door, in a valley without signal, and what the office makes of it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest
from playwright.sync_api import expect

from api.promises import jobs, service
from schemas import customer_promises, promises
from schemas.customer_promises import ConsentHow, Ending
from schemas.evidence import EvidenceKind
from schemas.rules.clocks import State
from tests.day.office import Desk
from tests.makers import promises as make
from tests.makers import sites
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone

HOUR: Final = dt.timedelta(hours=1)
ARRIVE: Final = dt.timedelta(minutes=45)
"""The promise of an arrival in a town."""
CUSTOMER, OTHER = "李华", "李明"
FIRST, SECOND = "下午带吊车过来。", "明天上午来修。"
WHY: Final = "河边道路被水淹没，吊车无法通过"
NO_ACCESS: Final = "无法进入现场"

pytestmark = pytest.mark.slow


def test_what_is_promised_and_picked_without_signal_counts_when_it_happened(
    office: Office, new_phone: NewPhone
) -> None:
    with office.books() as session:
        ground.open_late(session, now=now())
    phone = new_phone(office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.open_order(ground.FAR_ORDER)
    hand.accept()
    hand.safe()
    phone.wait_for_worker()
    phone.context.set_offline(True)

    promise_and_agree_anew(hand)
    arrive(phone, hand)
    let_another_wait(hand)
    touch_the_late_one(hand)
    settle_the_deadline(office)
    desk = office.desk()
    assert clock(desk, ground.ORDER).state is State.provisional

    phone.context.set_offline(False)
    hand.safe()
    assert clock(desk, ground.ORDER).state is State.kept
    expect_the_promise(desk)
    expect_the_pause(desk)
    hand.open_order(ground.ORDER)
    expect(hand.page.locator(".settled.kept").first).to_be_visible()
    expect(hand.page.locator(".settled.kept_here")).to_have_count(0)


def promise_and_agree_anew(hand: Hand) -> None:
    hand.open_order(ground.ORDER)
    at = now()
    hand.promise(opens=at + 2 * HOUR, by=at + 4 * HOUR, words=FIRST, customer=CUSTOMER)
    hand.agree_anew(by=at + 26 * HOUR, words=SECOND, why=WHY, name=OTHER)
    expect(hand.page.locator(".promise")).not_to_contain_text(FIRST)


def arrive(phone: Phone, hand: Hand) -> None:
    lat_deg, lon_deg = sites.north_east(north_m=10)
    phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=6)
    hand.check_in()
    expect(hand.page.locator(".settled.kept_here").first).to_be_visible()


def let_another_wait(hand: Hand) -> None:
    hand.open_order(ground.FAR_ORDER)
    hand.follow("doing.suspend")
    hand.press("doing.suspend")
    expect(hand.page.get_by_text(hand.words("deeds.pickFirst"))).to_be_visible()
    hand.back()
    hand.suspend(NO_ACCESS)
    expect(hand.clocks("still")).to_have_count(1)
    expect(hand.page.get_by_text(NO_ACCESS).first).to_be_visible()


def touch_the_late_one(hand: Hand) -> None:
    hand.open_order(ground.LATE_ORDER)
    expect(hand.clocks("late")).to_have_count(2)
    expect(hand.page.get_by_text(hand.words("clockLines.late")).first).to_be_visible()
    hand.accept()
    expect(hand.page.locator(".settled.broken")).to_have_count(1)
    expect(hand.clocks("late_here")).to_have_count(1)
    expect(hand.page.get_by_text(hand.words("clockLines.late_here"))).to_be_visible()


def settle_the_deadline(office: Office) -> None:
    """Hear that the report was older than it was known: the arrival is due now, and judged then."""
    with office.books() as session:
        reported = make.act(at=now() - ARRIVE, heard_at=now())
        service.prove(session, act=reported, subject_id=ground.ORDER, event=service.REPORT)
    with office.books() as session:
        jobs.run(session, act=make.job(at=now() + dt.timedelta(seconds=1)))


def clock(desk: Desk, task_id: str, kind: str = "arrive") -> promises.Clock:
    listed = desk.list_all("/v1/promises", promises.Clock, subject_id=task_id)
    (found,) = [each for each in listed if each.kind == kind]
    return found


def expect_the_promise(desk: Desk) -> None:
    given = desk.list_all(
        "/v1/customer-promises", customer_promises.CustomerPromise, task_id=ground.ORDER
    )
    (listed,) = given
    path = f"/v1/customer-promises/{listed.id}"
    promise = desk.get(path, customer_promises.CustomerPromise)
    assert (promise.customer, promise.given_by) == (CUSTOMER, ground.LINEMAN)
    first, second = promise.windows
    assert (first.ending, first.words) == (Ending.REAGREED, FIRST)
    assert first.due_at - (first.from_at or first.due_at) == 2 * HOUR
    assert (second.words, second.why) == (SECOND, WHY)
    assert second.consent is not None
    assert (second.consent.name, second.consent.how) == (OTHER, ConsentHow.SIGNED)
    (file,) = Books(desk).files(ground.ORDER)
    assert file.kind is EvidenceKind.SIGNATURE
    assert second.consent.signature_sha256 == file.sha256
    assert file.arrived_at is not None


def expect_the_pause(desk: Desk) -> None:
    assert clock(desk, ground.FAR_ORDER).state is State.paused
    waited = Books(desk).moments(ground.FAR_ORDER)[-1]
    assert (waited.event, waited.detail["code"]) == ("suspend", "no_access")
    assert waited.detail["reason"] == NO_ACCESS


def now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
