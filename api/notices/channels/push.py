"""Web push: a notice wakes a phone by the push service of its browser (RFC 8030).

The browser's maker carries it, so it is sealed for the phone alone (`sealing`), is as long as every
other, and names no customer.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import os
from http import HTTPStatus
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api.crews import service as crews
from api.notices import addresses, outgoing, store
from api.notices.channels import Declined, Gone, Later, Letter, Outcome, Send, Sent, sealing, vapid
from api.notices.models import Subscription
from api.settings import Settings
from schemas import base, notices
from schemas.notices import NoticeKind

PADDED_TO_BYTES: Final = 512
TOPIC_CHARS_MAX: Final = 32
_NORMAL: Final = frozenset(
    {NoticeKind.REOPENED, NoticeKind.DONE_BY_ANOTHER, NoticeKind.LATE_WORK_DECIDED}
)
"""What may wait until the phone wakes by itself; the rest wakes it."""
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Push:
    """The channel of web push."""

    def __init__(self, settings: Settings) -> None:
        """Open it.

        Args:
            settings: who runs this server, and whether a push may go into the house's own network.
        """
        self._contact = settings.push_contact
        self._private = settings.private_receivers

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        """Read where the device hears notices; it is let go of where it is revoked."""
        found = store.find_subscription(session, device_id=letter.receiver)
        key = vapid.find(session)
        if found is None or key is None or not self._contact:
            return None
        if not crews.active_among(session, device_ids=[letter.receiver]):
            store.drop_subscription(session, device_id=letter.receiver)
            return None
        return functools.partial(self._send, letter, found, key, now)

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        """Let the device hear no more notices, unless it has subscribed anew meanwhile."""
        store.drop_subscription(session, device_id=letter.receiver, endpoint=gone.address)

    def _send(self, letter: Letter, to: Subscription, key: vapid.Key, now: dt.datetime) -> Outcome:
        try:
            place = addresses.read(to.endpoint, private=self._private)
            headers: dict[bytes | str, bytes | str] = {
                "Authorization": vapid.authorization(
                    key, origin=place.origin, contact=self._contact, now=now
                ),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(max(int((letter.expires_at - now).total_seconds()), 0)),
                "Topic": topic_of(letter),
                "Urgency": "normal" if letter.kind in _NORMAL else "high",
            }
            body = _sealed(letter, to)
            answer = outgoing.post(place, headers=headers, body=body, private=self._private)
        except addresses.AddressRefusedError as refused:
            return Declined(str(refused))
        except outgoing.UnreachableError as lost:
            return Later(str(lost))
        return _meant(answer, at=to.endpoint)


def topic_of(letter: Letter) -> str:
    """Name a notice to the push service: sent twice, it lies there once."""
    return letter.id.replace("-", "")[:TOPIC_CHARS_MAX]


def _meant(answer: outgoing.Answer, *, at: str) -> Outcome:
    """Say what a push service's answer means."""
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Sent()
    why = f"the push service answered {status}"
    if status in _GONE:
        return Gone(why, at)
    if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Later(why, answer.retry_after_s)
    return Declined(why)


def _sealed(letter: Letter, to: Subscription) -> bytes:
    words = notices.SENTENCES[letter.kind]
    message = notices.PushMessage(
        id=letter.id,
        kind=letter.kind,
        subject_id=letter.subject_id,
        words=words.zh if to.lang == notices.Tongue.ZH else words.en,
    )
    return sealing.seal(
        base.encode(message),
        p256dh=bytes_of(to.p256dh),
        auth=bytes_of(to.auth),
        salt=os.urandom(sealing.SALT_BYTES),
        ephemeral=ec.generate_private_key(ec.SECP256R1()),
        padded_to=PADDED_TO_BYTES,
    )


def bytes_of(text: str) -> bytes:
    """Read base64url without padding, as browsers write keys.

    Raises:
        ValueError: it is none.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
