"""One request out of the house: bounded in time, never redirected, its answer's body never read.

It connects to the address that was looked at, and to no other; a proxy of the environment is not
asked, for it would look the name up again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpcore
import httpx

from api.notices import addresses

WHOLE_S: Final = 10.0
"""What one request may take from the first look at the name to the last line of the head."""
RETRY_AFTER_CHARS_MAX: Final = 9
_trusted: Final = httpx.create_ssl_context()


class UnreachableError(Exception):
    """No answer came; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; `retry_after_s` where it asked for a pause in seconds."""

    status: int
    retry_after_s: float | None


def post(
    place: addresses.Place,
    *,
    headers: Mapping[bytes | str, bytes | str],
    body: bytes,
    private: bool,
) -> Answer:
    """Send a body.

    Args:
        place: where, as `addresses.read` took it apart.
        headers: of the request, besides its host and length.
        body: what is sent.
        private: whether it may go into the house's own network.

    Raises:
        AddressRefusedError: the name leads where nothing is sent.
        UnreachableError: no answer came in time.
    """
    url = httpcore.URL(
        scheme=place.scheme.encode(),
        host=place.host.encode(),
        port=place.port,
        target=place.target.encode(),
    )
    wire = _Wire(until=time.monotonic() + WHOLE_S, private=private)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trusted, network_backend=wire) as pool,
            pool.stream("POST", url, headers=headers, content=body) as answer,
        ):
            return Answer(answer.status, _retry_after_s(answer.headers))
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise UnreachableError(f"{type(error).__name__}: {error}".rstrip(": ")) from error


class _Wire(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, within one span of time for everything."""

    def __init__(self, *, until: float, private: bool) -> None:
        self._until = until
        self._private = private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        del timeout
        try:
            found = addresses.resolve(host, port, private=self._private)
        except OSError as error:
            raise httpcore.ConnectError(f"no such name: {error}") from error
        failed: Exception = httpcore.ConnectError("the name leads nowhere")
        for each in found:
            try:
                stream = self._plain.connect_tcp(
                    each, port, _left_s(self._until), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, until=self._until)
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes share what time is left."""

    def __init__(self, plain: httpcore.NetworkStream, *, until: float) -> None:
        self._plain = plain
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._plain.read(max_bytes, _left_s(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._plain.write(buffer, _left_s(self._until))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._plain.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        del timeout
        begun = self._plain.start_tls(ssl_context, server_hostname, _left_s(self._until))
        return _Stream(begun, until=self._until)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's own signature
        return self._plain.get_extra_info(info)


def _left_s(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout(f"it took more than {WHOLE_S:g} s")
    return left


def _retry_after_s(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    """Read Retry-After where it counts seconds; as a date it is as good as none."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return float(value[:RETRY_AFTER_CHARS_MAX])
    return None
