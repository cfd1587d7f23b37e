"""Another system that is told of events, over real HTTP; it verifies and keeps them.

The verifying is written here anew, from Standard Webhooks 1.0, so that what is signed is held
against the rule and not against itself.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.notices.channels import signing
from api.notices.models import Receiver
from schemas.events import EventType
from tests.makers import listening
from tests.makers.tasks import NOW

TOLERANCE_S: Final = 300


def receiver(receiver_id: str, district_id: str, **changed: object) -> Receiver:
    """Make a webhook of a district that wants nothing but tests."""
    row = {
        "district_id": district_id,
        "id": receiver_id,
        "channel": "webhook",
        "name": f"name of {receiver_id}",
        "address": "https://billing.example/events",
        "events": [str(EventType.RECEIVER_TEST)],
        "unit_id": None,
        "lang": "zh",
        "state": "active",
        "why": "",
        "secret": signing.new_secret(),
        "earlier_secret": None,
        "earlier_until": None,
        "made_at": NOW,
    }
    return Receiver(**{**row, **changed})


@dataclasses.dataclass(frozen=True, slots=True)
class Heard:
    """A request that came: for whom, its headers, its body, and what it was answered."""

    name: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent that it carries."""
        event: dict[str, Any] = json.loads(self.body)
        return event


class System:
    """Other systems, each at an address of its own.

    Attributes:
        url: where they are, while it is open.
        heard: every request that came, in order.
        always: what is answered to everything that is not told otherwise, by name.
    """

    def __init__(self) -> None:
        """Have heard nothing."""
        self.url = ""
        self.heard: list[Heard] = []
        self.always: dict[str, int] = {}
        self._answers: dict[str, collections.deque[tuple[int, Mapping[str, str]]]] = {}

    def clear(self) -> None:
        """Forget what was heard, and what is to be answered."""
        self.heard.clear()
        self.always.clear()
        self._answers.clear()

    def at(self, name: str) -> str:
        """Give the address of a system."""
        return f"{self.url}/{name}"

    def answer(self, name: str, *statuses: int, **headers: str) -> None:
        """Say what the next requests to a system are answered."""
        told = self._answers.setdefault(name, collections.deque())
        told.extend((status, headers) for status in statuses)

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> listening.Answer:
        """Take a request."""
        name = path.removeprefix("/")
        waiting = self._answers.get(name)
        status, more = waiting.popleft() if waiting else (self.always.get(name, 204), {})
        self.heard.append(Heard(name, headers, body, status))
        return listening.Answer(status, more)

    def taken(self, name: str) -> list[Heard]:
        """List what a system took: what it answered with success."""
        return [each for each in self.heard if each.name == name and 200 <= each.status < 300]

    def types(self, name: str) -> list[str]:
        """List what a system took, by type."""
        return [each.event["type"] for each in self.taken(name)]


def verifies(heard: Heard, secret: str, *, now_s: float) -> bool:
    """Tell whether a request is from whoever shares a secret, and fresh."""
    timestamp = heard.headers["webhook-timestamp"]
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{heard.headers['webhook-id']}.{timestamp}.".encode() + heard.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [each.partition(",") for each in heard.headers["webhook-signature"].split(" ")]
    return any(v == "v1" and hmac.compare_digest(wanted, found) for v, _, found in given)


@contextlib.contextmanager
def serving() -> Iterator[System]:
    """Open it on this machine."""
    system = System()
    with listening.serving(system.take) as system.url:
        yield system
