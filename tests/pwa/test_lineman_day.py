"""A lineman's day: an order from the first tap to the last in a valley without signal."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import pathlib
from typing import Final

import pytest
from playwright.sync_api import expect

from schemas import checkins, evidence, tasks
from schemas.rules import reasons
from schemas.rules.geofence import VerdictKind
from schemas.rules.transitions import State
from tests.day.office import Desk
from tests.makers import photos, sites
from tests.pwa import ground
from tests.pwa.conftest import NewPhone
from tests.pwa.hand import Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone

CAUSE, WORK_DONE = "配变跌落保险熔断", "更换熔丝"
VAGUE, CONCRETE = "忙", "灯杆立在积水中，斗臂车无法靠近"
WITH_SIGNAL: Final = ("accept", "set_out")
WITHOUT: Final = ("arrive", "start", "restore", "finish")
CLOCK_SLACK: Final = dt.timedelta(seconds=3)
"""What the office may be wrong about the phone's clock."""

pytestmark = pytest.mark.slow


def test_a_day_in_a_valley_without_signal(
    each_office: Office, new_phone: NewPhone, tmp_path: pathlib.Path
) -> None:
    phone = new_phone(each_office)
    phone.open()
    hand = Hand(phone)
    hand.sign_in(ground.LINEMAN)
    hand.open_order(ground.ORDER)
    hand.accept()
    hand.set_out()
    hand.safe()

    left_at = now()
    photo = picture(tmp_path)
    work_without_signal(phone, hand, photo)
    give_the_second_back(hand)
    back_at = now()

    phone.context.set_offline(False)
    hand.safe()
    expect_all_safe(hand)
    desk = each_office.desk()
    expect_the_order_is_done(desk, left_at, back_at)
    expect_the_photo_came(desk, photo)
    returned = desk.get(f"/v1/tasks/{ground.FAR_ORDER}", tasks.Task)
    assert returned.state is State.returned
    assert moments(desk, ground.FAR_ORDER)[-1].detail["reason"] == CONCRETE


def work_without_signal(phone: Phone, hand: Hand, photo: pathlib.Path) -> None:
    phone.wait_for_worker()
    phone.context.set_offline(True)
    lat_deg, lon_deg = sites.north_east(north_m=10)
    phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=6)
    hand.check_in()
    hand.keep_photo(photo)
    hand.start()
    hand.page.reload()
    expect(hand.state()).to_have_text(hand.words("states.working"))
    expect(hand.photos()).to_have_count(1)
    expect(hand.pill()).not_to_contain_text(hand.words("pill.allSafe"))
    hand.restore()
    hand.finish(cause=CAUSE, work_done=WORK_DONE, material="熔丝", quantity=3)
    expect(hand.page.get_by_text(hand.words("order.nothingNext.done"))).to_be_visible()


def give_the_second_back(hand: Hand) -> None:
    fault = reasons.check(VAGUE).fault
    assert fault is not None
    hand.open_order(ground.FAR_ORDER)
    hand.begin_return(VAGUE)
    hand.press("doing.return")
    expect(hand.page.get_by_text(hand.words(f"faults.{fault}"))).to_be_visible()
    expect(hand.heading("deeds.return")).to_be_visible()
    hand.write("deeds.reason", CONCRETE)
    hand.press("doing.return")
    expect(hand.state()).to_have_text(hand.words("states.returned"))


def expect_all_safe(hand: Hand) -> None:
    hand.open_tab("sync")
    expect(hand.heading("sync.allSafe")).to_be_visible()
    hand.open_order(ground.ORDER)
    expect(hand.photos()).to_contain_text(hand.words("files.arrived"))
    marks = hand.acts().locator(".mark").all_inner_texts()
    assert len(marks) == len(WITH_SIGNAL) + len(WITHOUT) + 1
    assert {mark.strip() for mark in marks} == {hand.words("standings.safe")}


def expect_the_order_is_done(desk: Desk, left_at: dt.datetime, back_at: dt.datetime) -> None:
    order = desk.get(f"/v1/tasks/{ground.ORDER}", tasks.Task)
    assert order.state is State.finished
    assert order.evidence_missing == 0
    own = [moment for moment in moments(desk, ground.ORDER) if moment.device_id]
    moved = [moment for moment in own if moment.event in {*WITH_SIGNAL, *WITHOUT}]
    assert [moment.event for moment in moved] == [*WITH_SIGNAL, *WITHOUT]
    for earlier, later in itertools.pairwise(moved):
        error = dt.timedelta(seconds=earlier.error_s + later.error_s)
        assert earlier.happened_at <= later.happened_at + error
    for moment in moved[len(WITH_SIGNAL) :]:
        assert left_at - CLOCK_SLACK <= moment.happened_at <= back_at + CLOCK_SLACK
        assert moment.received_at > back_at - CLOCK_SLACK
        assert not moment.clock_suspect
        assert moment.remark == ""
    finished = moved[-1].detail
    assert (finished["cause"], finished["work_done"]) == (CAUSE, WORK_DONE)
    assert finished["materials"] == [{"name": "熔丝", "quantity": 3, "unit": "个"}]
    path = f"/v1/tasks/{ground.ORDER}/check-ins"
    (arrival,) = desk.list_all(path, checkins.RecordedCheckIn)
    assert arrival.verdict is VerdictKind.inside
    assert arrival.verdict_on_phone is VerdictKind.inside


def expect_the_photo_came(desk: Desk, photo: pathlib.Path) -> None:
    (file,) = desk.list_all("/v1/evidence", evidence.EvidenceFile, task_id=ground.ORDER)
    assert file.sha256 == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert file.arrived_at is not None
    assert desk.content(f"/v1/evidence/{file.id}/content") == photo.read_bytes()


def moments(desk: Desk, task_id: str) -> list[tasks.Moment]:
    return list(desk.list_all(f"/v1/tasks/{task_id}/timeline", tasks.Moment))


def picture(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "photo.jpg"
    photos.scene().save(path, quality=85)
    return path


def now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
