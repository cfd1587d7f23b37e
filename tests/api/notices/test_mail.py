"""Stories of mail for the office, against a real mail server."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from api import acts, db
from api.notices import publishing, sending, service
from api.notices.channels import mail
from api.settings import Settings
from schemas import events
from schemas.base import Shape
from schemas.events import EventType, ReceiverChannel, ReceiverDraft
from schemas.notices import Tongue
from tests.conftest import HandClock
from tests.makers import crews, postbox, supervision
from tests.makers import tasks as make
from tests.makers.postbox import PostBox, text_of

DUTY = "duty@utility.example"
BREACHED = events.PromiseEvent(
    clock_id="c1",
    subject_id="t1",
    promise_id=None,
    kind="arrive",
    state="breached",  # type: ignore[arg-type]  # only what the words read matters
    sure=True,
    from_at=None,
    due_at=make.NOW,
    late_s=60,
    crew_id=None,
    supervision_id=None,
    heard_at=make.NOW,
    en="Arrival was promised by 08:45 and has not come.",
    zh="到场：承诺时限 08:45，至今未兑现。",
)


@pytest.fixture(scope="module")
def house() -> Iterator[PostBox]:
    """Open one mail server for all stories."""
    with postbox.serving() as box:
        yield box


@pytest.fixture
def box(house: PostBox) -> PostBox:
    """Let it have got nothing."""
    house.clear()
    return house


@pytest.fixture
def settings(settings: Settings, box: PostBox) -> Settings:
    """Let the server send its mail there."""
    return dataclasses.replace(
        settings,
        smtp_url=box.url,
        smtp_from="lamps@utility.example",
        public_url="https://office.example",
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """An office with a mailbox."""

    database: db.Database
    settings: Settings
    clock: HandClock
    box: PostBox

    def add(self, lang: Tongue = Tongue.ZH, *, address: str = DUTY) -> str:
        """Let a mailbox be written to."""
        draft = ReceiverDraft(
            channel=ReceiverChannel.MAIL, name="值班室", address=address, lang=lang
        )
        with self.database.unit_of_work() as session:
            make.district(session)
            act = make.of_office(at=self.clock.now())
            made = service.add_receiver(session, act=act, settings=self.settings, draft=draft)
        return made.receiver.id

    def publish(
        self, cause: str, event: EventType = EventType.PROMISE_BREACHED, data: Shape = BREACHED
    ) -> None:
        """Let something happen."""
        with self.database.unit_of_work() as session:
            service.publish(
                session,
                act=make.of_office(at=self.clock.now()),
                event=event,
                subject=f"promises/{cause}",
                cause=cause,
                at=self.clock.now(),
                data=data,
            )

    def send(self, settings: Settings | None = None) -> Counter[str]:
        """Send what is due, as the job does."""
        act = acts.system(district_id=crews.DISTRICT, now=self.clock.now(), job="send_notices")
        channel = mail.Mail(settings or self.settings, trusted=self.box.trusted)
        return sending.send_due(
            self.database, act=act, channels={"mail": channel}, spread=lambda: 0.0
        )

    def gathered(self) -> None:
        """Let the minutes pass in which a mail is gathered."""
        self.clock.advance(seconds=publishing.GATHERED.total_seconds())


@pytest.fixture
def office(database: db.Database, settings: Settings, clock: HandClock, box: PostBox) -> Office:
    """Open an office."""
    return Office(database, settings, clock, box)


def test_what_happens_within_a_few_minutes_is_one_mail(office: Office, box: PostBox) -> None:
    office.add()
    office.publish("1")
    office.clock.advance(minutes=2)
    office.publish("2")
    assert office.send() == {}, "it waits for what belongs into it"
    office.clock.advance(minutes=1)
    assert office.send() == {"sent": 2}
    (got,) = box.mails
    assert (got["To"], got["From"]) == (DUTY, "lamps@utility.example")
    assert got["Subject"] == "2 件事项：服务承诺超时等"
    assert got["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@utility\.example>", got["Message-ID"])
    assert text_of(got) == (
        "2026-11-23 00:00 UTC  服务承诺超时\n"
        "到场：承诺时限 08:45，至今未兑现。\n"
        "https://office.example/v1/promises/1\n"
        "\n"
        "2026-11-23 00:02 UTC  服务承诺超时\n"
        "到场：承诺时限 08:45，至今未兑现。\n"
        "https://office.example/v1/promises/2\n"
        "\n"
        "本邮件由 Lamplighter 自动发送，请勿回复。\n"
    )
    assert office.send() == {}


def test_a_mail_is_in_its_receivers_language(office: Office, box: PostBox) -> None:
    office.add(Tongue.EN)
    office.publish("1")
    office.gathered()
    office.send()
    (got,) = box.mails
    assert got["Subject"] == "A promise was broken"
    assert "Arrival was promised by 08:45" in text_of(got)


def test_what_is_urgent_goes_at_once_with_what_was_gathered(
    office: Office, box: PostBox, database: db.Database
) -> None:
    office.add(Tongue.EN)
    with database.unit_of_work() as session:
        supervision.late_order(session)
    supervision.pass_time(database, 46)
    office.clock.advance(minutes=46)
    assert office.send() == {}, "a new case may wait for three minutes"
    office.clock.advance(minutes=120)
    supervision.pass_time(database, 166)
    assert office.send()["sent"] >= 3
    (got,) = box.mails
    text = text_of(got)
    assert text.index("A promise was broken") < text.index("opened at the level district")
    assert text.index("opened at the level district") < text.index("climbed to the level city")
    office.publish("9")
    paused = events.ReceiverEvent(receiver_id="r", name="billing", why="it answered 410")
    office.publish("10", EventType.RECEIVER_PAUSED, paused)
    assert office.send() == {"sent": 2}
    assert "The receiver billing was paused: it answered 410" in text_of(box.mails[1])


def test_what_is_refused_for_a_while_is_sent_later_and_once(office: Office, box: PostBox) -> None:
    office.add()
    office.publish("1")
    office.publish("2")
    office.gathered()
    box.to_recipients.append("450 try later")
    box.to_mails.append("451 try later")
    assert office.send() == {"later": 1}
    assert office.send() == {}
    office.clock.advance(seconds=10)
    assert office.send() == {"later": 1}
    office.publish("3")
    office.clock.advance(seconds=20)
    assert office.send() == {"sent": 3}
    assert len(box.mails) == 1
    assert text_of(box.mails[0]).count("服务承诺超时") == 3


@pytest.mark.parametrize("step", ["to_recipients", "to_mails"])
def test_what_is_refused_for_good_is_dead_and_can_be_tried_again(
    office: Office, box: PostBox, database: db.Database, step: str
) -> None:
    receiver_id = office.add()
    office.publish("1")
    office.publish("2")
    office.gathered()
    getattr(box, step).append("550 5.1.1 no such mailbox")
    assert office.send() == {"dead": 2}
    with database.reading() as session:
        shown = service.list_notices(
            session, act=make.of_office(), state=None, receiver=None, before=None, limit=9
        )
    assert {each.why for each in shown} == {"the mail server answered 550 5.1.1 no such mailbox"}
    with database.unit_of_work() as session:
        act = make.of_office(at=office.clock.now())
        service.retry_receiver(session, act=act, receiver_id=receiver_id)
    assert office.send() == {"sent": 2}


def test_a_notice_that_nobody_got_is_written_about_and_that_mail_is_not(
    office: Office, box: PostBox
) -> None:
    """Two mailboxes: the death of a mail is told to the other, and goes no further."""
    office.add(address="gone@utility.example")
    office.publish("1")
    office.add(Tongue.EN)
    office.gathered()
    box.to_recipients.append("550 no such mailbox")
    assert office.send() == {"dead": 1}
    office.gathered()
    assert office.send() == {"sent": 1}
    (got,) = box.mails
    assert got["To"] == DUTY
    assert "A notice by mail reached nobody: the mail server answered 550" in text_of(got)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("s3cret", "wrong"), "the mail server answered 535"),
        (("smtp://", "smtp+plain://"), "SMTP AUTH extension not supported"),
        (("smtp://", "smtps://"), "SSLError"),
        (("127.0.0.1", "localhost"), "SSLCertVerificationError"),
    ],
)
def test_a_server_that_is_set_up_wrongly_is_tried_again(
    office: Office, box: PostBox, database: db.Database, change: tuple[str, str], why: str
) -> None:
    """Nothing is lost while the operator mends it, and no password goes where nobody is known."""
    office.add()
    office.publish("1")
    office.gathered()
    wrong = dataclasses.replace(office.settings, smtp_url=box.url.replace(*change))
    assert office.send(wrong) == {"later": 1}
    with database.reading() as session:
        (shown,) = service.list_notices(
            session, act=make.of_office(), state=None, receiver=None, before=None, limit=9
        )
    assert why in shown.why
    assert "s3cret" not in shown.why
    office.clock.advance(seconds=10)
    assert office.send() == {"sent": 1}


def test_where_mail_was_turned_off_what_waits_goes_on_waiting(office: Office) -> None:
    office.add()
    office.publish("1")
    office.gathered()
    off = dataclasses.replace(office.settings, smtp_url="")
    assert office.send(off) == {"later": 1}


def test_a_name_cannot_break_out_of_a_header(office: Office, box: PostBox) -> None:
    office.add(Tongue.EN)
    data = events.ReceiverEvent(receiver_id="r", name="x\r\nBcc: all@utility.example", why="{lang}")
    office.publish("1", EventType.RECEIVER_PAUSED, data)
    office.send()
    (got,) = box.mails
    assert got["Bcc"] is None
    assert got["Subject"] == "The receiver x Bcc: all@utility.example was paused: {lang}"
