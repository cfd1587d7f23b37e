"""An SMS gateway for tests: a small HTTP server that takes messages as one of the trade does."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

SECRET: Final = "Bearer s3cret-of-the-gateway"
BODY: Final = json.dumps(
    {"msgId": "{id}", "from": "{sender}", "to": ["{number}"], "content": {"text": "{text}"}}
)


@dataclasses.dataclass
class Gateway:
    """What a gateway has taken, and how it answers next.

    `down` answers nothing but 503; `answers` are given once each, before it takes anything again.
    """

    url: str
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

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Take a message, or not."""
        self.asked += 1
        if self.down:
            return 503, b""
        if self.answers:
            return self.answers.popleft()
        self.headers.append(headers)
        self.taken.append(json.loads(body))
        return 200, json.dumps({"result": {"code": 0}}).encode()


@contextlib.contextmanager
def serving() -> Iterator[Gateway]:
    """Open a gateway on a port of this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, told = gateway.answer(dict(self.headers.items()), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}/send")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
