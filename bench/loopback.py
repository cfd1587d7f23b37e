"""A kept connection to a server on this machine, and how long each answer took, whole."""

from __future__ import annotations

import dataclasses
import http.client
import select
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

HOST: Final = "127.0.0.1"
_TIMEOUT_S: Final = 300
_OK: Final = range(200, 300)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An answer's body as it came, and the time from the first byte out to the last byte in."""

    body: bytes
    took_s: float


class Line:
    """One connection, used by one thread."""

    def __init__(self, port: int) -> None:
        """Connect at the first request.

        Args:
            port: where the server listens.
        """
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something."""
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send something."""
        return self._ask("POST", path, body, headers)

    def put(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Lay something down."""
        return self._ask("PUT", path, body, headers)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        self._forget_line_that_ended()
        started_s = time.perf_counter()
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        answered = response.read()
        took_s = time.perf_counter() - started_s
        if response.status not in _OK:
            raise RuntimeError(f"{method} {path}: {response.status} {answered[:300]!r}")
        return Answer(answered, took_s)

    def _forget_line_that_ended(self) -> None:
        """Connect anew where the server tired of an idle line and hung up."""
        line = self._connection.sock
        if line is not None and select.select([line], [], [], 0)[0]:
            self._connection.close()
