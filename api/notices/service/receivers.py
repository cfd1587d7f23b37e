"""Receivers: other systems, and mailboxes of the office, that are told what happens in a district.

A webhook's secret is made here and shown once; it is rotated without a gap, for both secrets sign
until the old one's time is over.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import service as crews
from api.notices import addresses, publishing, store
from api.notices.channels import signing
from api.notices.models import Receiver
from api.notices.service import office
from api.settings import Settings
from schemas import events as shapes
from schemas.errors import Refused
from schemas.events import EventType, ReceiverChannel, ReceiverState
from schemas.notices import NoticeView, Tongue

RECEIVERS_MAX: Final = 50
"""Receivers of a district: each is asked about for each thing that happens."""
RETRIED_MAX: Final = 1_000
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MAILBOX_CHARS_MAX: Final = 254
_HERE: Final = "receiver"


class ReceiverAddressRefused(Refused):
    """Nothing is sent to such an address. Give an https address with a public name, or a mailbox.

    An address in the house's own network needs LAMPLIGHTER_PRIVATE_RECEIVERS.
    """

    code = "receiver-address-refused"
    status = 422
    en = "This address is neither https with a public name on port 443 nor a mailbox."
    zh = "该地址既不是公网域名的 https 地址（端口 443），也不是有效邮箱。"


class ReceiverEventUnfit(Refused):
    """A mailbox is not told of everything. See the list of events, and choose among its mails."""

    code = "receiver-event-unfit"
    status = 422
    en = "No mail is written about {event}; there are {mailed}."
    zh = "不支持就 {event} 发送邮件；可选：{mailed}。"


class ReceiversFull(Refused):
    """The district has as many receivers as it may. Delete one that nobody needs."""

    code = "receivers-full"
    status = 409
    en = "The district has {most} receivers already, and may have no more."
    zh = "本单位已有 {most} 个接收方，已达上限。"


class ReceiverUnsigned(Refused):
    """A mailbox has no secret: mails are not signed by it. There is nothing to rotate."""

    code = "receiver-unsigned"
    status = 409
    en = "Only a webhook has a secret to rotate."
    zh = "只有 Webhook 才有可轮换的密钥。"


class MailOff(Refused):
    """This server sends no mail. Its operator turns it on by LAMPLIGHTER_SMTP_URL."""

    code = "mail-off"
    status = 409
    en = "This server sends no mail; its operator has not turned it on."
    zh = "本系统未启用邮件发送，请联系系统管理员。"


def add_receiver(
    session: Session, *, act: Act, settings: Settings, draft: shapes.ReceiverDraft
) -> shapes.ReceiverSecret:
    """Let a receiver be told from now on; a webhook's secret is shown this once.

    Raises:
        NotFound: there is no such unit for the actor.
        MailOff: the operator has not turned mail on.
        ReceiverAddressRefused: nothing is sent to such an address.
        ReceiverEventUnfit: no mail is written about one of the events.
        ReceiversFull: the district has as many as it may.
    """
    _require_address(settings, draft.channel, draft.address)
    _require_mailed(draft.channel, draft.events)
    _require_above(session, act, draft.unit_id)
    if len(store.list_receivers(session, district_id=act.district_id)) >= RECEIVERS_MAX:
        raise ReceiversFull(most=RECEIVERS_MAX)
    receiver = Receiver(
        district_id=act.district_id,
        id=act.new_id(),
        channel=str(draft.channel),
        name=draft.name,
        address=draft.address,
        events=_written(draft.events),
        unit_id=draft.unit_id,
        lang=str(draft.lang),
        state=str(ReceiverState.ACTIVE),
        why="",
        secret=signing.new_secret() if draft.channel is ReceiverChannel.WEBHOOK else "",
        earlier_secret=None,
        earlier_until=None,
        made_at=act.received_at,
    )
    session.add(receiver)
    publishing.listen(session)
    _audit(session, act, receiver, "added")
    return shapes.ReceiverSecret(receiver=_view(receiver), secret=receiver.secret)


def list_receivers(session: Session, *, act: Act) -> list[shapes.ReceiverView]:
    """List the district's receivers, the oldest first."""
    return [_view(row) for row in store.list_receivers(session, district_id=act.district_id)]


def get_receiver(session: Session, *, act: Act, receiver_id: str) -> shapes.ReceiverView:
    """Get one receiver.

    Raises:
        NotFound: there is none with this id.
    """
    found = store.find_receiver(session, district_id=act.district_id, receiver_id=receiver_id)
    if found is None:
        raise errors.NotFound(what=_HERE, id=receiver_id)
    return _view(found)


def change_receiver(
    session: Session,
    *,
    act: Act,
    settings: Settings,
    receiver_id: str,
    change: shapes.ReceiverChange,
) -> shapes.ReceiverView:
    """Change a receiver, pause it, or let it go on; what waits follows it.

    Raises:
        NotFound: there is none with this id.
        MailOff: the operator has not turned mail on.
        ReceiverAddressRefused: nothing is sent to such an address.
        ReceiverEventUnfit: no mail is written about one of the events.
    """
    receiver = _lock(session, act, receiver_id)
    channel = ReceiverChannel(receiver.channel)
    if change.address is not None:
        _require_address(settings, channel, change.address)
        receiver.address = change.address
    if change.events is not None:
        _require_mailed(channel, change.events)
        receiver.events = _written(change.events)
    receiver.name = change.name or receiver.name
    receiver.lang = str(change.lang or receiver.lang)
    if change.state is not None:
        receiver.state, receiver.why = str(change.state), ""
    if receiver.state == ReceiverState.ACTIVE:
        store.resume(
            session, district_id=act.district_id, receiver=receiver.id, now=act.received_at
        )
    _audit(session, act, receiver, "changed")
    return _view(receiver)


def remove_receiver(session: Session, *, act: Act, receiver_id: str) -> None:
    """Tell a receiver nothing more; what waits for it is dropped.

    Raises:
        NotFound: there is none with this id.
    """
    receiver = _lock(session, act, receiver_id)
    store.drop_receiver(session, receiver)
    _audit(session, act, receiver, "removed")


def rotate_secret(
    session: Session, *, act: Act, receiver_id: str, rotation: shapes.ReceiverRotation
) -> shapes.ReceiverSecret:
    """Give a webhook a new secret, shown this once; the one before signs besides for a while.

    Raises:
        NotFound: there is none with this id.
        ReceiverUnsigned: it is a mailbox.
    """
    receiver = _lock(session, act, receiver_id)
    if receiver.channel != ReceiverChannel.WEBHOOK:
        raise ReceiverUnsigned
    receiver.earlier_secret, receiver.earlier_until = None, None
    if rotation.keep_h:
        receiver.earlier_secret = receiver.secret
        receiver.earlier_until = act.received_at + dt.timedelta(hours=rotation.keep_h)
    receiver.secret = signing.new_secret()
    _audit(session, act, receiver, "rotated")
    return shapes.ReceiverSecret(receiver=_view(receiver), secret=receiver.secret)


def send_test(session: Session, *, act: Act, receiver_id: str) -> NoticeView:
    """Send a receiver an event that means nothing; the notice tells what became of it.

    Raises:
        NotFound: there is none with this id.
    """
    receiver = _lock(session, act, receiver_id)
    about = shapes.ReceiverEvent(receiver_id=receiver.id, name=receiver.name, why="a test")
    notice_id = publishing.publish_to(
        session,
        act=act,
        receiver=receiver,
        event=EventType.RECEIVER_TEST,
        subject=f"receivers/{receiver.id}",
        cause=act.new_id(),
        at=act.happened.at,
        data=about,
    )
    return office.get_notice(session, act=act, notice_id=notice_id)


def retry_receiver(session: Session, *, act: Act, receiver_id: str) -> shapes.ReceiverRetried:
    """Have the dead notices of a receiver tried again, the oldest first, as if they were new.

    Raises:
        NotFound: there is none with this id.
    """
    receiver = _lock(session, act, receiver_id)
    dead = store.lock_dead(
        session, district_id=act.district_id, receiver=receiver.id, limit=RETRIED_MAX
    )
    for notice in dead:
        office.revive(notice, now=act.received_at)
    _audit(session, act, receiver, "retried")
    return shapes.ReceiverRetried(retried=len(dead))


def _lock(session: Session, act: Act, receiver_id: str) -> Receiver:
    receiver = store.lock_receiver(session, district_id=act.district_id, receiver_id=receiver_id)
    if receiver is None:
        raise errors.NotFound(what=_HERE, id=receiver_id)
    return receiver


def _require_address(settings: Settings, channel: ReceiverChannel, address: str) -> None:
    if channel is ReceiverChannel.MAIL:
        if not settings.smtp_url:
            raise MailOff
        if not _MAILBOX.fullmatch(address) or len(address) > _MAILBOX_CHARS_MAX:
            raise ReceiverAddressRefused(fault="it is no mailbox")
        return
    try:
        addresses.read(address, private=settings.private_receivers)
    except addresses.AddressRefusedError as error:
        raise ReceiverAddressRefused(fault=str(error)) from error


def _require_mailed(channel: ReceiverChannel, wanted: list[EventType]) -> None:
    for event in wanted:
        if channel is ReceiverChannel.MAIL and event not in shapes.MAILED:
            raise ReceiverEventUnfit(event=event, mailed=", ".join(sorted(shapes.MAILED)))


def _require_above(session: Session, act: Act, unit_id: str | None) -> None:
    """Let a unit pass at which the district's cases may stand: itself, or one above it."""
    upward = crews.list_upward(session, unit_id=act.district_id) if unit_id else ()
    if unit_id is not None and unit_id not in {unit.id for unit in upward}:
        raise errors.NotFound(what="unit", id=unit_id)


def _written(wanted: list[EventType]) -> list[str]:
    return [str(event) for event in dict.fromkeys(wanted)]


def _audit(session: Session, act: Act, receiver: Receiver, what: str) -> None:
    crews.audit(
        session,
        act=act,
        what=f"receiver.{what}",
        subject_id=receiver.id,
        detail={"channel": receiver.channel, "state": receiver.state},
    )


def _view(receiver: Receiver) -> shapes.ReceiverView:
    return shapes.ReceiverView(
        id=receiver.id,
        channel=ReceiverChannel(receiver.channel),
        name=receiver.name,
        address=receiver.address,
        events=[EventType(event) for event in receiver.events],
        unit_id=receiver.unit_id,
        lang=Tongue(receiver.lang),
        state=ReceiverState(receiver.state),
        why=receiver.why,
        earlier_until=receiver.earlier_until,
        made_at=receiver.made_at,
    )
