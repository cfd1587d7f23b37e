"""Mail for the office: what happened within a few minutes goes to a mailbox as one mail, by SMTP.

The connection is closed to eyes (STARTTLS, or TLS from the start) unless the operator says
otherwise, and a mail names ids, levels and times alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import email.message
import email.policy
import email.utils
import functools
import smtplib
import ssl
import urllib.parse
from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from api.notices import store
from api.notices.channels import Declined, Gone, Later, Letter, Outcome, Send, Sent, wording
from api.settings import Settings
from schemas.events import ReceiverState
from schemas.notices import Tongue

WAIT_S: Final = 10.0
"""How long each step of the conversation with the mail server may take."""
_PERMANENT: Final = 500
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_trusted: Final = ssl.create_default_context()


@dataclasses.dataclass(frozen=True, slots=True)
class _Post:
    """The mail server, as the operator named it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = dataclasses.field(repr=False)


class Mail:
    """The channel of mail."""

    def __init__(self, settings: Settings, *, trusted: ssl.SSLContext = _trusted) -> None:
        """Open it.

        Args:
            settings: the mail server, the sender, and where links lead.
            trusted: whom the mail server's certificate must come from.
        """
        self._url = settings.smtp_url
        self._from = settings.smtp_from
        self._public_url = settings.public_url
        self._trusted = trusted

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        """Write the mail in the receiver's language; while paused, everything waits."""
        receiver = store.find_receiver(
            session, district_id=letter.district_id, receiver_id=letter.receiver
        )
        if receiver is None:
            return None
        if receiver.state == ReceiverState.PAUSED:
            return functools.partial(Later, "the receiver is paused")
        if not self._url:
            return functools.partial(Later, "this server sends no mail any more")
        written = wording.mail(
            [each.payload for each in (letter, *letter.more) if each.payload is not None],
            lang=Tongue(receiver.lang),
            public_url=self._public_url,
        )
        mail = self._mail(written, letter, to=receiver.address, now=now)
        return functools.partial(self._send, mail)

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        """Let nobody go: a mailbox that is refused is for a person of the office to look at."""

    def _mail(
        self, written: wording.Mail, letter: Letter, *, to: str, now: dt.datetime
    ) -> email.message.EmailMessage:
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = self._from, to, written.subject
        mail["Date"] = email.utils.format_datetime(now)
        # Sent twice, it is one mail to whoever looks at this.
        mail["Message-ID"] = f"<{letter.id}@{self._from.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(written.text)
        return mail

    def _send(self, mail: email.message.EmailMessage) -> Outcome:
        try:
            post = _opened(_post_of(self._url), self._trusted)
            try:
                return _taken(functools.partial(post.send_message, mail))
            finally:
                # It has been taken or not by now, however the conversation ends.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    post.quit()
        except smtplib.SMTPException as error:
            return Later(_why(error))
        except OSError as error:
            return Later(f"{type(error).__name__}: {error}")


def _taken(send: Callable[[], object]) -> Outcome:
    """Hand a mail over; what is refused for good is told from what may be taken another time."""
    said: bytes | str
    try:
        send()
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
    except smtplib.SMTPResponseException as error:
        code, said = error.smtp_code, error.smtp_error
    else:
        return Sent()
    words = said if isinstance(said, str) else said.decode(errors="replace")
    why = f"the mail server answered {code} {words}"
    return Declined(why) if code >= _PERMANENT else Later(why)


def _opened(post: _Post, trusted: ssl.SSLContext) -> smtplib.SMTP:
    """Connect, closed to eyes as the operator wants it, and sign in.

    Raises:
        SMTPException: the server does not do it.
        OSError: it is not reached.
    """
    opened: smtplib.SMTP
    if post.scheme == "smtps":
        opened = smtplib.SMTP_SSL(post.host, post.port, timeout=WAIT_S, context=trusted)
    else:
        opened = smtplib.SMTP(post.host, post.port, timeout=WAIT_S)
    try:
        if post.scheme == "smtp":
            opened.starttls(context=trusted)
        if post.user:
            opened.login(post.user, post.password)
    except BaseException:
        opened.close()
        raise
    return opened


def _post_of(url: str) -> _Post:
    place = urllib.parse.urlsplit(url)
    unquote = urllib.parse.unquote
    return _Post(
        scheme=place.scheme,
        host=place.hostname or "",
        port=place.port or _PORTS[place.scheme],
        user=unquote(place.username or ""),
        password=unquote(place.password or ""),
    )


def _why(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    return f"{type(error).__name__}: {error}"
