"""Text messages: a notice goes to a customer by the gateway that the operator named.

The gateway is told our own id with each message, the same each time that it is tried.
Neither number nor text is ever logged, or said in what stood against a message.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final, Protocol

from sqlalchemy.orm import Session

from api import gateways
from api.notices import addresses, outgoing
from api.notices.channels import Declined, Gone, Later, Letter, Outcome, Send, Sent
from api.settings import Settings

ANSWER_BYTES_MAX: Final = 65_536


class Carrier(Protocol):
    """Who carries text messages: this small interface is all that another gateway must have."""

    def carry(self, message: gateways.Message) -> Outcome:
        """Hand one message over; the same id twice is one message."""
        ...


class Sms:
    """The channel of text messages."""

    def __init__(self, carrier: Carrier | None) -> None:
        """Open it; without a carrier nothing is sent."""
        self._carrier = carrier

    def prepare(self, session: Session, letter: Letter, *, now: dt.datetime) -> Send | None:
        """Read the message, which the letter has with it."""
        del session, now
        if self._carrier is None or letter.payload is None:
            return None
        message = gateways.Message(letter.id, letter.address, str(letter.payload["text"]))
        return functools.partial(self._carrier.carry, message)

    def forget(self, session: Session, letter: Letter, *, gone: Gone) -> None:
        """Do nothing: no gateway says that a number is gone for good."""
        del session, letter, gone


class HttpCarrier:
    """A gateway that is reached over HTTP, as the settings describe it.

    The operator named it, so it may stand in the house's own network.
    """

    def __init__(self, gateway: gateways.Gateway) -> None:
        """Keep what is known of it."""
        self._gateway = gateway

    def carry(self, message: gateways.Message) -> Outcome:
        """Send one request, and read the answer."""
        request = self._gateway.request(message)
        headers: dict[bytes | str, bytes | str] = dict(request.headers.items())
        try:
            answer = outgoing.ask(
                addresses.read(request.url, private=True),
                method=request.method,
                headers=headers,
                body=request.body,
                private=True,
                answer_bytes_max=ANSWER_BYTES_MAX,
            )
        except addresses.AddressRefusedError:
            return Declined("the gateway's address cannot be read")
        except outgoing.UnreachableError as lost:
            return Later(str(lost))
        verdict, why = self._gateway.verdict(answer.status, answer.body)
        match verdict:
            case gateways.Verdict.taken:
                return Sent()
            case gateways.Verdict.again:
                return Later(why, answer.retry_after_s)
            case gateways.Verdict.refused:
                return Declined(why)


def opened(settings: Settings) -> Sms:
    """Open the channel with the gateway of the settings, if there is one."""
    gateway = settings.sms_gateway
    return Sms(HttpCarrier(gateway) if gateway else None)
