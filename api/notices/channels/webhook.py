"""Webhooks: an event goes to another system as a CloudEvent, signed with the receiver's secret.

What is not taken is tried again, in order; only a body that the receiver says it will never take is
dead at once, so that one event does not hold up all that follow.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import time
from http import HTTPStatus
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import addresses, outgoing, publishing, store
from api.notices.channels import Declined, Gone, Later, Letter, Outcome, Send, Sent, signing
from api.settings import Settings
from schemas import base, events
from schemas.events import EventType, ReceiverState

_NEVER: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""What a receiver says of a body that it will never take; the rest may be mended on its side."""
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class _To:
    """A receiver as it is when a letter leaves."""

    address: str
    secrets: tuple[str, ...] = dataclasses.field(repr=False)


class Webhook:
    """The channel of webhooks, opened for one run of the sender."""

    def __init__(self, settings: Settings) -> None:
        """Open it.

        Args:
            settings: whether an event may go into the house's own network.
        """
        self._private = settings.private_receivers
        self._opened_s = time.monotonic()

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        """Read where the receiver is and what signs for it; while paused, everything waits."""
        receiver = store.find_receiver(
            session, district_id=letter.district_id, receiver_id=letter.receiver
        )
        if receiver is None:
            return None
        if receiver.state == ReceiverState.PAUSED:
            return functools.partial(Later, "the receiver is paused")
        secrets = [receiver.secret]
        if receiver.earlier_secret and receiver.earlier_until and now < receiver.earlier_until:
            secrets.append(receiver.earlier_secret)
        return functools.partial(self._send, letter, _To(receiver.address, tuple(secrets)), now)

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        """Let nobody go: a receiver that wants no more is paused, for the office to decide."""

    def _send(self, letter: Letter, to: _To, now: dt.datetime) -> Outcome:
        # A run may take minutes, and a signature counts from when it is made.
        at = now + dt.timedelta(seconds=time.monotonic() - self._opened_s)
        body = body_of(letter)
        headers: dict[bytes | str, bytes | str] = {"Content-Type": events.CLOUD_EVENTS}
        headers |= signing.headers(body, message_id=letter.id, at=at, secrets=to.secrets)
        try:
            place = addresses.read(to.address, private=self._private)
            answer = outgoing.post(place, headers=headers, body=body, private=self._private)
        except addresses.AddressRefusedError as refused:
            return Later(str(refused))
        except outgoing.UnreachableError as lost:
            return Later(str(lost))
        return _meant(answer, letter, at=to.address)


def body_of(letter: Letter) -> bytes:
    """Write the event of a letter as a CloudEvent; the same bytes each time."""
    assert letter.payload is not None, "an event is told with what it says"
    told = letter.payload
    return base.encode(
        events.CloudEvent(
            id=letter.id,
            source=f"/districts/{letter.district_id}",
            type=EventType(told["type"]),
            subject=told["subject"],
            time=dt.datetime.fromisoformat(told["time"]),
            data=told["data"],
        )
    )


def _meant(answer: outgoing.Answer, letter: Letter, *, at: str) -> Outcome:
    """Say what a receiver's answer means."""
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Sent()
    why = f"the receiver answered {status}"
    if status in _NEVER:
        return Declined(why)
    if status == HTTPStatus.GONE:
        return Later(why, then=functools.partial(_pause, letter, at))
    return Later(why, answer.retry_after_s)


def _pause(letter: Letter, address: str, session: Session, act: Act) -> None:
    """Pause a receiver that asked for no more, unless it has another address by now."""
    receiver = store.lock_receiver(
        session, district_id=letter.district_id, receiver_id=letter.receiver
    )
    if receiver is None or receiver.address != address or receiver.state == ReceiverState.PAUSED:
        return
    receiver.state = str(ReceiverState.PAUSED)
    receiver.why = f"it answered {HTTPStatus.GONE.value}: it wants no more"
    _log.warning("receiver.paused", receiver_id=receiver.id)
    publishing.publish(
        session,
        act=act,
        event=EventType.RECEIVER_PAUSED,
        subject=f"receivers/{receiver.id}",
        cause=letter.id,
        at=act.happened.at,
        data=events.ReceiverEvent(receiver_id=receiver.id, name=receiver.name, why=receiver.why),
        besides=receiver.id,
    )
