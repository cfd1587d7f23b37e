"""Stories of the outbox: what waits is sent once and in order, whatever the other side does."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy.orm import Session

from api import acts, db, ids
from api.crews import service as people
from api.notices import outgoing, retrying, sending, service, store
from api.notices.channels import Gone, Letter, Outcome, Send, opening, push, vapid
from api.notices.models import Subscription
from api.settings import Settings
from schemas.notices import NoticeState
from tests.api.notices.conftest import Run, Street
from tests.conftest import HandClock
from tests.makers import crews, listening
from tests.makers import push as maker
from tests.makers import tasks as make

WHOLE_S = 1.0
"""What a request may take in these stories."""


def subscribed(database: db.Database) -> set[str]:
    with database.reading() as session:
        return {row.device_id for row in session.query(Subscription)}


def test_what_is_told_is_sent_once_and_in_its_persons_language(
    street: Street, run: Run, post: maker.PushService
) -> None:
    street.tell("order-1")
    street.tell("order-2", person_id="chen")
    assert run() == {"sent": 2}
    assert run() == {}
    (li,), (chen,) = post.messages("li"), post.messages("chen")
    assert (li.subject_id, li.words) == ("order-1", "有工单改派给您。")
    assert (chen.subject_id, chen.words) == ("order-2", "An order was given to you.")
    assert [notice.id for notice in street.notices()] == [li.id, chen.id]


def test_a_push_says_who_sends_how_long_it_is_good_and_replaces_itself(
    street: Street, run: Run, post: maker.PushService, database: db.Database, clock: HandClock
) -> None:
    street.tell("order-1")
    run()
    (heard,) = post.heard
    claims, key = maker.claims_of(heard)
    with database.reading() as session:
        own = vapid.find(session)
    assert own is not None
    assert key == own.public
    assert claims["aud"] == post.url
    assert claims["sub"] == "mailto:office@utility.example"
    assert 0 < claims["exp"] - clock.now().timestamp() <= 86_400
    headers = {name: heard.headers[name] for name in ("ttl", "urgency", "content-encoding")}
    assert headers == {"ttl": "86400", "urgency": "high", "content-encoding": "aes128gcm"}
    assert heard.headers["topic"] == street.notices()[0].id.replace("-", "")
    assert len(heard.headers["topic"]) <= push.TOPIC_CHARS_MAX


def test_of_one_receiver_they_go_in_order_and_each_waits_for_the_one_before(
    street: Street, run: Run, post: maker.PushService, clock: HandClock
) -> None:
    post.answer("li", 201, 500)
    street.tell("1", "2", "3")
    street.tell("4", person_id="chen")
    assert run() == {"sent": 2, "later": 1}
    assert run() == {}, "the third does not overtake the second"
    clock.advance(seconds=retrying.FIRST_S)
    assert run() == {"sent": 2}
    assert [message.subject_id for message in post.messages("li")] == ["1", "2", "3"]
    assert [message.subject_id for message in post.messages("chen")] == ["4"]


def test_a_receiver_that_asks_for_a_pause_gets_it(
    street: Street, run: Run, post: maker.PushService, clock: HandClock
) -> None:
    post.answer("li", 429, Retry_After="300")
    street.tell("1")
    assert run() == {"later": 1}
    clock.advance(seconds=299)
    assert run() == {}
    clock.advance(seconds=1)
    assert run() == {"sent": 1}


def test_one_that_was_refused_is_dead_and_holds_up_nobody(
    street: Street, run: Run, post: maker.PushService
) -> None:
    post.answer("li", 400, 307, Location=f"{post.url}/p/chen")
    street.tell("1", "2", "3")
    for _ in range(3):
        run()
    assert street.states() == ["dead", "dead", "sent"]
    assert [notice.why for notice in street.notices()] == [
        "the push service answered 400",
        "the push service answered 307",
        "",
    ]
    assert post.messages("chen") == [], "nobody is led elsewhere"


def test_one_that_cannot_be_sent_while_it_is_of_use_is_dead(
    street: Street, run: Run, post: maker.PushService, clock: HandClock
) -> None:
    post.answer("li", *[503] * 100)
    street.tell("1", until=clock.now() + dt.timedelta(hours=1))
    for _ in range(62):
        run()
        clock.advance(minutes=1)
    (notice,) = street.notices()
    assert (notice.state, notice.why) == ("dead", "the push service answered 503")
    assert notice.tries == len(post.heard) + 1 == 10, "the last look sends nothing"
    assert run() == {}


def test_a_receiver_that_is_down_for_most_of_a_day_gets_everything_once_and_in_order(
    street: Street, run: Run, post: maker.PushService, clock: HandClock
) -> None:
    post.answer("li", *[503] * 25)
    street.tell(*(str(n) for n in range(10)))
    for _ in range(23 * 6):
        run()
        clock.advance(minutes=10)
    assert [message.subject_id for message in post.messages("li")] == [str(n) for n in range(10)]
    assert street.states() == ["sent"] * 10


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_dropped_with_what_waited_for_it(
    street: Street, run: Run, post: maker.PushService, database: db.Database, status: int
) -> None:
    post.answer("li", status)
    street.tell("1", "2")
    for _ in range(2):
        run()
    assert street.states() == ["dropped", "dropped"]
    assert len(post.heard) == 1
    assert subscribed(database) == {"device-chen"}
    street.tell("3")
    assert street.states() == ["dropped", "dropped"]


def test_a_phone_that_subscribed_anew_meanwhile_stays_subscribed(
    street: Street, post: maker.PushService, database: db.Database, settings: Settings
) -> None:
    """The answer of the old place comes after the new one was told."""
    street.tell("1")
    channel = push.Push(settings)
    with database.unit_of_work() as session:
        (row,) = street.notices()
        letter = sending._letter(row)
        street_place = store.find_subscription(session, device_id="device-li")
        assert street_place is not None
        old = street_place.endpoint
    post.subscribe("anew")
    with database.unit_of_work() as session:
        session.query(Subscription).filter_by(device_id="device-li").update(
            {"endpoint": f"{post.url}/p/anew"}
        )
    with database.unit_of_work() as session:
        channel.forget(session, letter, gone=Gone("410", old))
    assert subscribed(database) == {"device-li", "device-chen"}


def test_a_revoked_device_gets_nothing_more(
    street: Street, run: Run, post: maker.PushService, database: db.Database, clock: HandClock
) -> None:
    street.tell("before")
    with database.unit_of_work() as session:
        people.revoke(session, act=make.of_office(at=clock.now()), device_id="device-li")
    street.tell("after")
    assert run() == {"dropped": 1}
    assert (post.heard, street.states()) == ([], ["dropped"])
    assert subscribed(database) == {"device-chen"}


def test_who_has_left_is_told_nothing(
    street: Street, run: Run, post: maker.PushService, database: db.Database, clock: HandClock
) -> None:
    street.tell("before")
    with database.unit_of_work() as session:
        people.deactivate(session, act=_chief(clock.now()), person_id="li")
    street.tell("after")
    run()
    assert (post.heard, street.states()) == ([], ["dropped"])
    with database.unit_of_work() as session:
        assert service.forget_revoked(session) == 0


def test_the_nightly_job_forgets_where_revoked_devices_heard_notices(
    street: Street, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        people.revoke(session, act=make.of_office(at=clock.now()), device_id="device-li")
        assert service.forget_revoked(session) == 1
        assert service.forget_revoked(session) == 0
    assert subscribed(database) == {"device-chen"}


def test_what_is_not_committed_is_not_sent(
    street: Street, run: Run, post: maker.PushService, database: db.Database, clock: HandClock
) -> None:
    class Undone(Exception):  # noqa: N818 - it is what happens
        pass

    with pytest.raises(Undone), database.unit_of_work() as session:
        make.task(session, urgency=1, at=clock.now())
        session.flush()
        raise Undone
    assert run() == {}
    assert (street.notices(), post.heard) == ([], [])


class Killed(BaseException):
    """The process ends here."""


class Dies:
    """A channel that dies when its letter is out."""

    def __init__(self, settings: Settings) -> None:
        self._push = push.Push(settings)

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send:
        send = self._push.prepare(session, letter, now=now)
        assert send is not None

        def dying() -> Outcome:
            send()
            raise Killed

        return dying

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        raise NotImplementedError


def test_a_sender_that_dies_between_sending_and_noting_has_it_sent_again_under_its_topic(
    street: Street,
    run: Run,
    post: maker.PushService,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
) -> None:
    street.tell("1", "2")
    act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="send_notices")
    with pytest.raises(Killed):
        sending.send_due(database, act=act, channels={"push": Dies(settings)})
    assert run() == {}, "its sender may still be at it"
    clock.advance(seconds=sending.HELD.total_seconds())
    assert run() == {"sent": 2}
    assert [message.subject_id for message in post.messages("li")] == ["1", "1", "2"]
    first, again, _ = (heard.headers["topic"] for heard in post.heard)
    assert first == again, "the push service keeps one of the two"
    assert len({message.id for message in post.messages("li")}) == 2


def test_a_slow_sender_does_not_write_over_what_a_later_one_noted(
    street: Street, run: Run, database: db.Database, clock: HandClock
) -> None:
    street.tell("1")
    until = clock.now() + sending.HELD
    with database.unit_of_work() as session:
        (slow,) = store.claim_ready(
            session, district_id=crews.DISTRICT, now=clock.now(), until=until, limit=10
        )
        attempt = store.Attempt(slow.district_id, slow.id, slow.tries)
    clock.set(until)
    assert run() == {"sent": 1}
    with database.unit_of_work() as session:
        assert not store.note(session, attempt, {"state": str(NoticeState.DEAD)})
    assert street.states() == ["sent"]


def test_several_senders_at_once_send_each_once(
    street: Street, run: Run, post: maker.PushService
) -> None:
    for n in range(20):
        person_id = f"p{n}"
        _hire(street, person_id)
        street.tell(f"to-{n}", person_id=person_id)
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.why for each in street.notices() if each.state != NoticeState.SENT] == []
    assert sorted(heard.name for heard in post.heard) == sorted(f"p{n}" for n in range(20))


def test_a_receiver_that_says_nothing_holds_up_nobody_else(
    street: Street, run: Run, post: maker.PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "WHOLE_S", WHOLE_S)
    post.answer("li", listening.HANG)
    street.tell("1")
    street.tell("2", person_id="chen")
    assert run() == {"sent": 1, "later": 1}
    (waiting, _) = street.notices()
    assert "ReadTimeout" in waiting.why


def test_a_bug_in_one_letter_holds_up_no_other(
    street: Street, run: Run, post: maker.PushService, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        session.query(Subscription).filter_by(device_id="device-li").update({"p256dh": "AAAA"})
    street.tell("1")
    street.tell("2", person_id="chen")
    assert run() == {"sent": 1, "later": 1}
    assert "a fault of this server" in street.notices()[0].why
    assert post.kinds("chen") == ["given"]


def test_where_push_was_turned_off_what_waits_is_dropped(
    street: Street, database: db.Database, post: maker.PushService, clock: HandClock
) -> None:
    street.tell("1")
    act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="send_notices")
    channels = opening.opened(Settings(private_receivers=True))
    assert sending.send_due(database, act=act, channels=channels) == {"dropped": 1}
    assert post.heard == []


def test_notices_are_forgotten_a_month_after_they_ended(
    street: Street, run: Run, database: db.Database, clock: HandClock
) -> None:
    street.tell("1")
    run()
    street.tell("2")
    clock.advance(hours=24 * 30)
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="forget_notices")
        assert service.forget_ended(session, act=act, limit=10) == 0
    clock.advance(seconds=1)
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="forget_notices")
        assert service.forget_ended(session, act=act, limit=10) == 1
    assert street.states() == ["waiting"]


def _hire(street: Street, person_id: str) -> None:
    with street.database.unit_of_work() as session:
        crews.person(session, person_id=person_id)
    street.subscribe(person_id)


def _chief(at: dt.datetime) -> acts.Act:
    return make.of_office(at=at, new_id=ids.new_id)
