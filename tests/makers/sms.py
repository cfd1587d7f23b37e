"""An SMS gateway for tests: it takes messages over real HTTP, as one of the trade does."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.makers import listening

SECRET: Final = "Bearer s3cret-of-the-gateway"
BODY: Final = json.dumps(
    {"msgId": "{id}", "from": "{sender}", "to": ["{number}"], "content": {"text": "{text}"}}
)


@dataclasses.dataclass
class Gateway:
    """What a gateway has taken, and how it answers next.

    `url` is where it is, while it is open. `down` answers nothing but 503; `answers` are given once
    each, before it takes anything again.
    """

    url: str = ""
    taken: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    headers: list[Mapping[str, str]] = dataclasses.field(default_factory=list)
    down: bool = False
    answers: collections.deque[tuple[int, bytes]] = dataclasses.field(
        default_factory=collections.deque
    )
    asked: int = 0

    @property
    def texts(self) -> list[tuple[str, str]]:
        """List whom what was sent to, in order."""
        return [(each["to"][0], each["content"]["text"]) for each in self.taken]

    def take(self, _path: str, headers: Mapping[str, str], body: bytes) -> listening.Answer:
        """Take a message, or not."""
        self.asked += 1
        if self.down:
            return listening.Answer(503)
        if self.answers:
            status, told = self.answers.popleft()
            return listening.Answer(status, body=told)
        self.headers.append(headers)
        self.taken.append(json.loads(body))
        return listening.Answer(200, body=json.dumps({"result": {"code": 0}}).encode())


@contextlib.contextmanager
def serving() -> Iterator[Gateway]:
    """Open a gateway on this machine."""
    gateway = Gateway()
    with listening.serving(gateway.take) as url:
        gateway.url = f"{url}/send"
        yield gateway
