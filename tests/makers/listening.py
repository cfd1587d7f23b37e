"""Whoever our server sends something to, for tests: real HTTP on this machine."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

HANG: Final = 0
"""Instead of a status: it takes the request and says nothing."""
_POLL_S: Final = 0.02


class _Listener(http.server.ThreadingHTTPServer):
    """Lets many come at once; five of them fill the line that Python's own has."""

    request_queue_size = 128


class Answer(NamedTuple):
    """What a request is answered; a header may be named with `_` for each `-`."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


Take = Callable[[str, Mapping[str, str], bytes], Answer]
"""Takes a request: its path, its headers by their names in lower case, its body."""


@contextlib.contextmanager
def serving(take: Take) -> Iterator[str]:
    """Answer what is posted by a function; gives the url, without a path."""
    closing = threading.Event()

    class Handling(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a request."""
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            answer = take(self.path, headers, body)
            if answer.status == HANG:
                closing.wait()
                return
            with contextlib.suppress(ConnectionError):  # the sender may have left
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Listener(("127.0.0.1", 0), Handling)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_S})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
