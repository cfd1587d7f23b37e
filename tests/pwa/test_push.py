"""A sleeping phone is woken, and a notice leads to its order; one in sight only syncs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from schemas import base, repairs, tasks
from schemas.notices import NoticeKind, NoticeState, NoticeView, PushMessage
from tests.makers import push
from tests.makers import repairs as reports
from tests.makers import tasks as make
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.conftest import NewOffice, NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone, until
from tests.pwa.pushing import Carrier, allow, shown, subscribe_at

pytestmark = pytest.mark.slow

WAIT_MS = 60_000
WAKING = {
    "LAMPLIGHTER_PUSH_CONTACT": "mailto:office@utility.example",
    "LAMPLIGHTER_PRIVATE_RECEIVERS": "true",
}


@pytest.fixture
def post() -> Iterator[push.PushService]:
    """Open the push service of the phone's browser."""
    with push.serving() as service:
        yield service


@pytest.fixture
def waking(new_office: NewOffice) -> Office:
    """Open an office that wakes phones."""
    return new_office(**WAKING)


def li(office: Office, new_phone: NewPhone, post: push.PushService) -> tuple[Phone, Hand]:
    """Give Li a phone that can be woken, and sign him in."""
    phone = new_phone(office)
    phone.open()
    allow(phone.context)
    subscribe_at(phone.context, post.subscribe("li"))
    phone.page.reload()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.safe()
    return phone, hand


def turn_on(hand: Hand) -> None:
    """Say in the settings that one wants to be woken."""
    hand.open_tab("settings")
    switch(hand).click()
    expect(hand.page.get_by_text(hand.words("push.states.told"))).to_be_visible()


def switch(hand: Hand):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return hand.page.get_by_role("switch", name=hand.words("push.label"))


def test_a_phone_whose_app_is_out_of_sight_is_woken_and_a_tap_opens_the_order(
    waking: Office, new_phone: NewPhone, post: push.PushService
) -> None:
    _, hand = li(waking, new_phone, post)
    turn_on(hand)
    carrier = Carrier(hand.page)
    order = _reported(waking, urgency=1)
    message = _carried(hand, post)
    assert (message.kind, message.subject_id) == (NoticeKind.URGENT_ORDER, order.id)
    assert message.words == "您有新的紧急工单。"

    hand.page.goto("about:blank")
    carrier.deliver(base.encode(message))
    hand.page.goto(f"{waking.url}/app/", wait_until="domcontentloaded")
    until(hand.page, "navigator.serviceWorker.controller !== null")
    assert carrier.waited_for() == [
        {
            "title": message.words,
            "tag": f"urgent_order:{order.id}",
            "data": {"id": order.id},
        }
    ]
    carrier.tap()
    hand.page.wait_for_url(f"**/app/#/order/{order.id}")
    expect(hand.state()).to_have_text(hand.words("states.dispatched"))
    assert carrier.shown() == []
    (told,) = waking.desk().list_all("/v1/notices", NoticeView)
    assert (told.state, told.tries) == (NoticeState.SENT, 1)


def test_a_push_while_the_app_is_in_sight_lets_it_sync_and_shows_nothing(
    waking: Office, new_phone: NewPhone, post: push.PushService
) -> None:
    _, hand = li(waking, new_phone, post)
    carrier = Carrier(hand.page)
    Books(waking.desk()).send(
        "POST", f"/v1/tasks/{ground.FAR_ORDER}/cancel", tasks.Cancelled(reason=make.REASON)
    )
    with hand.page.expect_request("**/v1/sync"):
        carrier.deliver(
            base.encode(
                PushMessage(
                    id="n1", kind=NoticeKind.CANCELLED, subject_id=ground.FAR_ORDER, words="x"
                )
            )
        )
    hand.open_tab("messages")
    expect(hand.page.locator(".card").first).to_contain_text(make.REASON)
    assert carrier.shown() == []


def test_a_push_that_cannot_be_read_still_says_that_something_happened(
    waking: Office, new_phone: NewPhone, post: push.PushService
) -> None:
    _, hand = li(waking, new_phone, post)
    carrier = Carrier(hand.page)
    hand.page.goto("about:blank")
    carrier.deliver(b"no JSON")
    assert [notice["title"] for notice in carrier.waited_for()] == ["Lamplighter"]


def test_signing_out_ends_it_at_the_office(
    waking: Office, new_phone: NewPhone, post: push.PushService
) -> None:
    _, hand = li(waking, new_phone, post)
    turn_on(hand)
    with hand.page.expect_response(
        lambda answer: answer.request.method == "DELETE" and answer.ok
    ) as left:
        hand.page.get_by_role("button", name=hand.words("settings.signOut")).click()
        hand.sheet().get_by_role("button", name=hand.words("settings.signOut")).click()
    assert left.value.url.endswith("/v1/push/subscription")
    expect(switch(hand)).not_to_be_checked()


def test_an_office_that_wakes_nobody_says_so_and_the_switch_goes_back(
    office: Office, new_phone: NewPhone, post: push.PushService
) -> None:
    phone, hand = li(office, new_phone, post)
    hand.open_tab("settings")
    switch(hand).click()
    said = hand.page.get_by_text("本系统未启用推送通知")
    expect(said).to_be_visible()
    expect(switch(hand)).not_to_be_checked()
    with hand.page.expect_response("**/v1/sync"):
        hand.sync_now()
    hand.safe()
    hand.open_tab("settings")
    expect(said).to_be_visible()
    phone.forgive("responded with a status of 409")


def test_a_person_who_does_not_allow_notices_is_told_what_to_do(
    waking: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(waking)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_tab("settings")
    assert hand.page.evaluate("Notification.permission") == "denied"
    expect(hand.page.get_by_text(hand.words("push.trouble.denied"))).to_be_visible()
    expect(switch(hand)).to_have_count(0)


def test_the_phone_itself_tells_once_that_a_promise_is_near_its_end(
    office: Office, new_phone: NewPhone
) -> None:
    order = _reported(office)
    arrive = next(clock for clock in order.clocks if clock.kind == "arrive")
    assert arrive.started_at is not None
    phone = new_phone(office)
    phone.open()
    allow(phone.context)
    phone.page.clock.install()
    phone.page.reload()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(order.id)
    hand.safe()
    phone.wait_for_worker()
    phone.context.set_offline(True)
    cards = hand.page.get_by_role("list", name=hand.words("alarms.title")).locator("a.card")
    near_at = arrive.started_at + (arrive.due_at - arrive.started_at) * 0.8

    _forward_to(phone, near_at - dt.timedelta(minutes=1))
    hand.open_tab("messages")
    expect(cards.filter(has_text=order.title)).to_have_count(0)
    _forward_to(phone, near_at + dt.timedelta(seconds=5))
    expect(hand.warning()).to_contain_text(order.title)
    expect(cards.filter(has_text=order.title)).to_have_count(1)
    notice = {"tag": f"promise_near:{order.id}", "data": {"id": order.id}}
    about = [each for each in shown(hand.page) if each["data"] == notice["data"]]
    assert about == [{**notice, "title": hand.words("alarms.nameless")}]

    hand.page.reload()
    hand.open_tab("messages")
    expect(cards.filter(has_text=order.title)).to_have_count(1)
    assert [each for each in shown(hand.page) if each["data"] == notice["data"]] == []
    _forward_to(phone, arrive.due_at + dt.timedelta(seconds=5))
    expect(cards.filter(has_text=order.title)).to_have_count(0)


def _reported(office: Office, *, urgency: int = 3) -> tasks.Task:
    """Have a customer report trouble now; it is in the hands of Li's crew at once."""
    report = reports.report(key="hotline-1", urgency=urgency)
    order = office.desk().post("/v1/repairs", repairs.Placed, report).task
    assert order.crew_id == ground.CREW
    return order


def _forward_to(phone: Phone, at: dt.datetime) -> None:
    """Let the phone's clocks go on to an instant."""
    now_ms = phone.page.evaluate("Date.now()")
    phone.page.clock.fast_forward(int(at.timestamp() * 1_000 - now_ms))


def _carried(hand: Hand, post: push.PushService) -> PushMessage:
    """Wait until the office has sent something to Li's browser, and open it."""
    until = dt.timedelta(milliseconds=WAIT_MS)
    for _ in range(int(until.total_seconds() * 5)):
        if messages := post.messages("li"):
            return messages[0]
        hand.page.wait_for_timeout(200)
    message = "no push came"
    raise AssertionError(message)
