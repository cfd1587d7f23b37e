"""What happens to a crew's work wakes its phones, once for each device and cause."""

from __future__ import annotations

import datetime as dt

import pytest

from api import acts, db
from api.promises import service as promises
from api.sync.quarantine import service as quarantine
from api.tasks import service as tasks
from schemas import tasks as shapes
from schemas.notices import SENTENCES, NoticeKind
from tests.api.notices.conftest import Run, Street
from tests.conftest import HandClock
from tests.makers import crews, neighbours, push, sync
from tests.makers import tasks as make

MINUTE = dt.timedelta(minutes=1)


def told(street: Street) -> list[tuple[str, str]]:
    return [(notice.receiver, notice.kind) for notice in street.notices()]


def settle(database: db.Database, at: dt.datetime) -> None:
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=at, job="flag_overdue")
        promises.settle_due(session, act=act, limit=100)


def test_a_reassigned_order_is_told_to_both_crews(
    street: Street, database: db.Database, run: Run, post: push.PushService
) -> None:
    order = street.order()
    with database.unit_of_work() as session:
        task = tasks.get_task(session, act=make.of_office(), task_id=order.id)
        tasks.reassign(
            session,
            act=make.of_office(),
            task=task,
            crew_id="crew-2",
            person_id=None,
            why=make.REASON,
        )
    assert told(street) == [("device-li", "released"), ("device-chen", "given")]
    run()
    assert post.kinds("li") == ["released"]
    (message,) = post.messages("chen")
    assert (message.kind, message.subject_id) == (NoticeKind.GIVEN, order.id)


def test_a_cancelled_order_is_told_on_each_phone_of_the_crew(
    street: Street, database: db.Database
) -> None:
    street.subscribe("li", device_id="tablet-li")
    order = street.order()
    with database.unit_of_work() as session:
        task = tasks.get_task(session, act=make.of_office(), task_id=order.id)
        tasks.cancel(session, act=make.of_office(), task=task, reason=make.REASON)
    assert told(street) == [("device-li", "cancelled"), ("tablet-li", "cancelled")]


@pytest.mark.parametrize("urgency", [1, 2, 3, 4, 5])
def test_a_new_order_wakes_its_crew_when_it_is_urgent(street: Street, urgency: int) -> None:
    street.order(urgency=urgency)
    assert told(street) == ([("device-li", "urgent_order")] if urgency <= 2 else [])


def test_an_order_that_comes_back_wakes_its_crew_again(
    street: Street, database: db.Database
) -> None:
    order = street.order(urgency=1)
    with database.unit_of_work() as session:
        task = tasks.get_task(session, act=make.of_office(), task_id=order.id)
        tasks.return_(
            session,
            act=make.of_crew(),
            subject_id=task.id,
            body=shapes.Returned(reason=make.REASON),
        )
    with database.unit_of_work() as session:
        task = tasks.get_task(session, act=make.of_office(), task_id=order.id)
        tasks.assign(
            session,
            act=make.of_office(),
            task=task,
            crew_id="crew-1",
            person_id=None,
            why="back again",
        )
    assert told(street) == [("device-li", "urgent_order")] * 2


def test_a_promise_at_four_fifths_is_told_once_to_the_crew_in_charge(
    street: Street, database: db.Database, clock: HandClock
) -> None:
    street.order()
    start = clock.now()
    for minute in range(44):
        settle(database, start + minute * MINUTE)
    assert told(street) == [("device-li", "promise_near")]
    (notice,) = street.notices()
    assert notice.made_at == start + 36 * MINUTE
    assert notice.expires_at == start + 45 * MINUTE, "then it is too late to hurry"


def test_work_that_was_kept_aside_and_decided_is_told_to_who_did_it(
    street: Street, database: db.Database, clock: HandClock
) -> None:
    order = street.order()
    phone = sync.Phone(client=None, headers={}, clock=clock)  # type: ignore[arg-type]  # it only writes
    wire = phone.operation("task.note", order.id, {"text": "a dog"})
    names = {"quarantined": "q1", "person": "li"}
    told_of = {"type": "task.note", "subject_id": order.id, "wire": wire}
    told_of |= {"device_id": "former-li", "district_id": crews.DISTRICT}
    with database.unit_of_work() as session:
        session.add(neighbours._quarantined(names, wire, told_of))
    for _ in range(2):
        with database.unit_of_work() as session:
            quarantine.dismiss(session, act=make.of_office(), quarantine_id="q1", why=make.REASON)
    assert told(street) == [("device-li", "late_work_decided")]


def test_one_cause_is_told_once(street: Street) -> None:
    street.tell("order-1", "order-1")
    assert len(street.notices()) == 1


def test_whoever_hears_no_notices_costs_none(
    database: db.Database, street: Street, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        crews.person(session, person_id="wang")
        crews.device(session, person_id="wang")
    street.tell("order-1", person_id="wang")
    street.tell("order-1", person_id="nobody")
    assert street.notices() == []


def test_a_sentence_names_nothing_that_is_somebodys() -> None:
    assert set(SENTENCES) == set(NoticeKind)
    for words in SENTENCES.values():
        assert words.en
        assert words.zh
        assert "{" not in words.en + words.zh
