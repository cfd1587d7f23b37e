"""Stories of webhooks: signed, in order, once by their ids, whatever the other side does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import acts
from api.notices import outgoing, retrying, sending, service
from api.notices.channels import Letter, Outcome, Send, Sent, opening, webhook
from api.notices.models import Notice
from api.settings import Settings
from schemas.events import (
    EventType,
    ReceiverChange,
    ReceiverRotation,
    ReceiverState,
)
from tests.api.notices.conftest import Office, Run
from tests.makers import crews, listening, webhooks
from tests.makers.webhooks import System

WHOLE_S = 0.5
"""What a request may take in the story of who hangs."""


def subjects(heard: Sequence[webhooks.Heard]) -> list[str]:
    return [each.event["subject"].removeprefix("tasks/") for each in heard]


def test_an_event_is_a_signed_cloud_event(office: Office, run: Run, system: System) -> None:
    _, secret = office.add("billing")
    office.publish("1")
    assert run() == {"sent": 1}
    (heard,) = system.heard
    now_s = office.clock.now().timestamp()
    assert webhooks.verifies(heard, secret, now_s=now_s)
    assert not webhooks.verifies(heard, secret, now_s=now_s + 600), "an old one is refused"
    assert not webhooks.verifies(heard, "whsec_AAAA", now_s=now_s)
    assert not webhooks.verifies(
        dataclasses.replace(heard, body=heard.body + b" "), secret, now_s=now_s
    )
    assert heard.headers["content-type"] == "application/cloudevents+json"
    event = heard.event
    assert event["id"] == heard.headers["webhook-id"]
    assert (event["specversion"], event["type"]) == ("1.0", "order.given")
    assert event["source"] == f"/districts/{crews.DISTRICT}"
    assert event["time"] == "2026-11-23T00:00:00Z"
    assert event["datacontenttype"] == "application/json"


def test_a_receiver_is_told_what_it_wants_and_nothing_of_before(
    office: Office, run: Run, system: System
) -> None:
    office.publish("before")
    office.add("all")
    office.add("some", EventType.ORDER_RESTORED)
    office.publish("1")
    office.publish("2", event=EventType.ORDER_RESTORED)
    office.publish("2", event=EventType.ORDER_RESTORED)
    assert run() == {"sent": 3}, "of one cause it is told once"
    assert system.types("all") == ["order.given", "order.restored"]
    assert system.types("some") == ["order.restored"]


def test_what_is_not_committed_is_told_to_nobody(office: Office, run: Run, system: System) -> None:
    office.add("billing")
    with pytest.raises(LookupError), office.database.unit_of_work() as session:
        office.tell(session, "1")
        raise LookupError
    assert (run(), system.heard) == ({}, [])


def test_a_receiver_that_is_down_for_a_day_gets_everything_once_and_in_order(
    office: Office, run: Run, system: System
) -> None:
    """It answers 500 for 30 hours, in which things go on; four senders race all the while."""
    _, secret = office.add("billing")
    office.add("portal")
    system.always["billing"] = 500
    for hour in range(0, 30, 6):
        office.publish(*(f"{hour}{which}" for which in "abc"))
        race(run)
        office.clock.advance(hours=6)
    told = [f"{hour}{which}" for hour in range(0, 30, 6) for which in "abc"]
    assert len(system.taken("portal")) == len(told), "who is down holds up nobody else"
    system.always["billing"] = 204
    for _ in range(2):
        race(run)
    taken = system.taken("billing")
    assert subjects(taken) == told
    assert subjects(system.taken("portal")) == told
    assert set(office.states()) == {"sent"}
    refused = [each for each in system.heard if each.status == 500]
    assert {each.event["id"] for each in refused} == {taken[0].event["id"]}, "others wait behind it"
    assert all(each.body == taken[0].body for each in refused), "it is the same each time"
    now_s = office.clock.now().timestamp()
    assert all(webhooks.verifies(each, secret, now_s=now_s) for each in taken)


def race(run: Run) -> None:
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_who_says_nothing_holds_up_nobody_else(
    office: Office, run: Run, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "WHOLE_S", WHOLE_S)
    office.add("mute")
    office.add("billing")
    system.answer("mute", listening.HANG)
    office.publish("1", "2", "3")
    assert run() == {"sent": 3, "later": 1}
    office.clock.advance(seconds=retrying.FIRST_S)
    assert run() == {"sent": 3}
    assert subjects(system.taken("mute")) == ["1", "2", "3"]


class Killed(BaseException):
    """The process ends here."""


class Dies(webhook.Webhook):
    """A sender that is killed when the second letter is out."""

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        send = super().prepare(session, letter, now=now)
        assert send is not None

        def dying() -> Outcome:
            outcome = send()
            if letter.subject_id == "2":
                raise Killed
            return outcome

        return dying


def test_a_killed_sender_has_the_same_ids_sent_again(
    office: Office, run: Run, system: System
) -> None:
    office.add("billing")
    office.publish("1", "2", "3")
    act = acts.system(district_id=crews.DISTRICT, now=office.clock.now(), job="send_notices")
    with pytest.raises(Killed):
        sending.send_due(office.database, act=act, channels={"webhook": Dies(office.settings)})
    assert run() == {}, "its sender may still be at it"
    office.clock.advance(seconds=sending.HELD.total_seconds())
    assert run() == {"sent": 3}
    assert subjects(system.taken("billing")) == ["1", "2", "1", "2", "3"]
    by_id = {each.event["id"]: each.event["subject"] for each in system.heard}
    assert list(by_id.values()) == ["tasks/1", "tasks/2", "tasks/3"], "once, by their ids"


def test_both_secrets_sign_until_the_old_ones_time_is_over(
    office: Office, run: Run, system: System
) -> None:
    receiver_id, old = office.add("billing")

    def rotate(keep_h: int) -> str:
        with office.database.unit_of_work() as session:
            rotation = ReceiverRotation(keep_h=keep_h)
            made = service.rotate_secret(
                session, act=office.act(), receiver_id=receiver_id, rotation=rotation
            )
        return made.secret

    def heard_by(*secrets: str) -> list[bool]:
        office.publish(f"{len(system.heard)}")
        run()
        now_s = office.clock.now().timestamp()
        return [webhooks.verifies(system.heard[-1], each, now_s=now_s) for each in secrets]

    new = rotate(24)
    assert new != old
    assert heard_by(old, new) == [True, True]
    office.clock.advance(hours=24)
    assert heard_by(old, new) == [False, True]
    leaked, newest = new, rotate(0)
    assert heard_by(leaked, newest) == [False, True]


def test_a_receiver_that_is_gone_is_paused_and_the_office_is_told(
    office: Office, run: Run, system: System
) -> None:
    receiver_id, _ = office.add("billing", EventType.ORDER_GIVEN)
    office.add("office", EventType.RECEIVER_PAUSED)
    system.answer("billing", 410)
    office.publish("1", "2")
    assert run() == {"later": 1}
    paused = office.receiver(receiver_id)
    assert (paused.state, paused.why) == ("paused", "it answered 410: it wants no more")
    run()
    (told,) = system.taken("office")
    assert told.event["data"]["receiver_id"] == receiver_id
    office.clock.advance(hours=30)
    office.publish("3")
    run()
    assert len(system.heard) == 2, "while paused it is sent nothing"
    office.change(receiver_id, ReceiverChange(state=ReceiverState.ACTIVE))
    run()
    assert subjects(system.taken("billing")) == ["1", "2", "3"], "nothing was lost"


def test_a_body_that_is_never_taken_is_dead_and_lets_the_others_by(
    office: Office, run: Run, system: System
) -> None:
    receiver_id, _ = office.add("billing", EventType.ORDER_GIVEN)
    office.add("office", EventType.NOTICE_DEAD)
    system.answer("billing", 422)
    office.publish("1", "2")
    assert run()["dead"] == 1
    run()
    assert subjects(system.taken("billing")) == ["2"]
    (told,) = system.taken("office")
    assert told.event["data"]["kind"] == "order.given"
    assert told.event["data"]["why"] == "the receiver answered 422"
    with office.database.unit_of_work() as session:
        retried = service.retry_receiver(session, act=office.act(), receiver_id=receiver_id)
    assert retried.retried == 1
    run()
    assert subjects(system.taken("billing")) == ["2", "1"]


def test_what_could_not_be_sent_for_a_week_is_dead_and_the_rest_goes_on(
    office: Office, run: Run, system: System
) -> None:
    office.add("billing")
    system.always["billing"] = 503
    office.publish(*(f"old{n}" for n in range(25)))
    run()
    office.clock.advance(hours=24 * 7 - 1)
    office.publish("new")
    office.clock.advance(hours=1)
    system.always["billing"] = 204
    assert run() == {"dead": 25, "sent": 1}
    assert subjects(system.taken("billing")) == ["new"]


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500, 503])
def test_what_may_be_mended_is_tried_again(
    office: Office, run: Run, system: System, status: int
) -> None:
    office.add("billing")
    system.answer("billing", status, Retry_After="120", Location=system.at("elsewhere"))
    office.publish("1")
    assert run() == {"later": 1}
    office.clock.advance(seconds=119)
    assert run() == {}, "it asked for two minutes"
    office.clock.advance(seconds=1)
    assert run() == {"sent": 1}
    assert {each.name for each in system.heard} == {"billing"}, "no redirect is followed"


def test_what_waits_for_a_receiver_that_was_deleted_is_dropped(
    office: Office, run: Run, system: System
) -> None:
    receiver_id, _ = office.add("billing")
    office.publish("1", "2")
    with office.database.unit_of_work() as session:
        service.remove_receiver(session, act=office.act(), receiver_id=receiver_id)
    assert run() == {"dropped": 2}
    assert system.heard == []


def test_nothing_goes_into_the_houses_own_network(
    office: Office, run: Run, system: System, settings: Settings
) -> None:
    """The address was allowed when it was given; by now it is not."""
    office.add("billing")
    office.publish("1")
    act = acts.system(district_id=crews.DISTRICT, now=office.clock.now(), job="send_notices")
    strict = opening.opened(dataclasses.replace(settings, private_receivers=False))
    assert sending.send_due(office.database, act=act, channels=strict) == {"later": 1}
    assert system.heard == []
    assert "it is not https" in _why(office)


def _why(office: Office) -> str:
    with office.database.reading() as session:
        return session.scalars(select(Notice.why)).one()


def test_a_signature_is_as_of_when_it_is_made(
    office: Office, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run took ten minutes before the letter left."""
    _, secret = office.add("billing")
    office.publish("1")
    channel = webhook.Webhook(office.settings)
    channel._opened_s -= 600
    act = acts.system(district_id=crews.DISTRICT, now=office.clock.now(), job="send_notices")
    sending.send_due(office.database, act=act, channels={"webhook": channel})
    (heard,) = system.heard
    assert webhooks.verifies(heard, secret, now_s=office.clock.now().timestamp() + 600)


def test_a_letter_is_the_same_bytes_each_time(office: Office) -> None:
    office.add("billing")
    office.publish("1")
    with office.database.reading() as session:
        letter = sending._letter(session.scalars(select(Notice)).one())
    assert webhook.body_of(letter) == webhook.body_of(letter)
    assert json.loads(webhook.body_of(letter))["data"]["name"] == "anything"


def taken(office: Office) -> list[sending._Line]:
    """Let a sender take what is ready, and be slow about the rest."""
    act = acts.system(district_id=crews.DISTRICT, now=office.clock.now(), job="send_notices")
    with office.database.unit_of_work() as session:
        lines, _ = sending._take(session, act, opening.opened(office.settings))
    return lines


def test_a_slow_sender_that_was_overtaken_notes_nothing_of_its_line(office: Office) -> None:
    office.add("billing")
    office.publish("1", "2", "3")
    (slow,) = taken(office)
    office.clock.advance(seconds=sending.HELD.total_seconds())
    (_,) = taken(office)
    act = acts.system(district_id=crews.DISTRICT, now=office.clock.now(), job="send_notices")
    with office.database.unit_of_work() as session:
        noted = sending._note(
            session,
            act,
            opening.opened(office.settings),
            slow,
            outcomes=[Sent()] * 3,
            spread=0.0,
        )
    assert noted == {"overtaken": 1}
    assert office.states() == ["waiting"] * 3


def test_what_stands_first_after_the_dead_is_held_too(
    office: Office, run: Run, system: System
) -> None:
    office.add("billing")
    office.publish("old")
    office.clock.advance(hours=24 * 7 - 1)
    office.publish("new", "newer")
    office.clock.advance(hours=1)
    (line,) = taken(office)
    assert [each.letter.subject_id for each in line.letters] == ["new", "newer"]
    assert (run(), system.heard) == ({}, []), "its sender may still be at it"
