"""The way between a handheld and the server: it takes time, loses, cuts, doubles and reorders."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import httpx

from tests.conftest import HandClock
from tests.world.journal import Fault, Journal
from tests.world.server import Server

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two branches runs
    from compression import zstd
else:
    from backports import zstd

_WAY_S: Final = 2.0
"""Longest way through a good network, one way."""
_SLOW_WAY_S: Final = 14.0
_PATIENCE_S: Final = 30.0
"""How long a handheld waits for an answer that does not come."""
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_WEATHER: Final = (
    Fault.REQUEST_LOST,
    Fault.REQUEST_CUT,
    Fault.REQUEST_LATE,
    Fault.REQUEST_DOUBLED,
    Fault.ANSWER_LOST,
    Fault.ANSWER_LOST,
    Fault.ANSWER_CUT,
    Fault.ANSWER_SHORT,
    Fault.SLOW,
    Fault.SERVER_CRASHED,
    Fault.SERVER_CRASHED,
    Fault.SERVER_FULL,
)


class Air(httpx.BaseTransport):
    """One handheld's network.

    Attributes:
        storm: how likely a request meets a fault, from 0 to 1.
        signal: whether anything gets through at all.
    """

    def __init__(
        self,
        who: str,
        server: Server,
        *,
        clock: HandClock,
        journal: Journal,
        chance: random.Random,
    ) -> None:
        """Span it between a handheld and a server."""
        self.storm = 0.0
        self.signal = True
        self._who = who
        self._server = server
        self._clock = clock
        self._journal = journal
        self._chance = chance
        self._under_way: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request and its answer, or what the weather leaves of them."""
        content = request.read()
        fault = self._weather()
        if fault is None:
            return self._carry(request, content)
        return _CARRIED.get(fault, Air._spoil_answer)(self, request, content, fault)

    def deliver(self) -> None:
        """Bring an old request, if one is under way, after newer ones; nobody hears its answer."""
        if self._under_way:
            late = self._under_way.pop(self._chance.randrange(len(self._under_way)))
            self._befell(Fault.REQUEST_LATE, late, "arrives")
            with contextlib.suppress(httpx.TransportError):
                self._server.answer(late)

    def _weather(self) -> Fault | None:
        if not self.signal:
            return Fault.REQUEST_LOST
        return self._chance.choice(_WEATHER) if self._chance.random() < self.storm else None

    def _carry(self, request: httpx.Request, content: bytes) -> httpx.Response:
        self._clock.advance(seconds=self._chance.uniform(0, _WAY_S))
        response = self._server.answer(_again(request, content))
        self._clock.advance(seconds=self._chance.uniform(0, _WAY_S))
        return response

    def _befell(self, fault: Fault, request: httpx.Request, what: str = "") -> None:
        path = request.url.path.partition("/uploads/")
        self._journal.befell(
            self._who, fault, f"{request.method} {path[0]}{path[1]} {what}".rstrip()
        )

    def _lose(self, request: httpx.Request, _: bytes, fault: Fault) -> httpx.Response:
        self._befell(fault, request)
        self._clock.advance(seconds=self._chance.uniform(0, _PATIENCE_S))
        message = "lost on the way there"
        raise httpx.ConnectTimeout(message, request=request)

    def _delay(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        """Let a request arrive when its sender has long given up."""
        self._under_way.append(_again(request, content))
        return self._lose(request, content, fault)

    def _cut_request(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        """Let the line break while the request is sent: in its head, or in its body."""
        at = self._chance.choice([-1, 0, len(content) // 2, max(len(content) - 1, 0)])
        self._befell(fault, request, f"at {at} of {len(content)}")
        if at >= 0 and content:
            self._server.answer(_again(request, content[:at]))  # its head promises all of it
        message = "broken while sending"
        raise httpx.WriteError(message, request=request)

    def _double(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        self._befell(fault, request)
        self._carry(request, content)
        return self._carry(request, content)

    def _slow_down(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        self._befell(fault, request)
        self._clock.advance(seconds=self._chance.uniform(0, _SLOW_WAY_S))
        response = self._carry(request, content)
        self._clock.advance(seconds=self._chance.uniform(0, _SLOW_WAY_S))
        return response

    def _crash(self, request: httpx.Request, content: bytes, _: Fault) -> httpx.Response:
        with self._server.dying():
            return self._carry(request, content)

    def _fill(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        with self._server.ground.full():
            response = self._carry(request, content)
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self._befell(fault, request)
        return response

    def _spoil_answer(self, request: httpx.Request, content: bytes, fault: Fault) -> httpx.Response:
        """Lose an answer, or all of it beyond a byte: loudly, or so that nothing says so."""
        response = self._carry(request, content)
        body = _bytes(response)
        if fault is Fault.ANSWER_LOST or not body:
            self._befell(Fault.ANSWER_LOST, request)
            message = "lost on the way back"
            raise httpx.ReadTimeout(message, request=request)
        at = self._chance.choice(_edges(body))
        self._befell(fault, request, f"at {at} of {len(body)}")
        loud = fault is Fault.ANSWER_CUT
        stream = _Broken(body[:at], request if loud else None)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)


_Carry = Callable[[Air, httpx.Request, bytes, Fault], httpx.Response]
_CARRIED: Final[Mapping[Fault, _Carry]] = {
    Fault.REQUEST_LOST: Air._lose,
    Fault.REQUEST_LATE: Air._delay,
    Fault.REQUEST_CUT: Air._cut_request,
    Fault.REQUEST_DOUBLED: Air._double,
    Fault.SLOW: Air._slow_down,
    Fault.SERVER_CRASHED: Air._crash,
    Fault.SERVER_FULL: Air._fill,
}


class _Broken(httpx.SyncByteStream):
    """The beginning of a body, then a broken line, or nothing."""

    def __init__(self, left: bytes, request: httpx.Request | None) -> None:
        self._left = left
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._left
        if self._request is not None:
            message = "broken while reading"
            raise httpx.ReadError(message, request=self._request)


def _again(request: httpx.Request, content: bytes) -> httpx.Request:
    """Write a request anew, as it was sent."""
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=content,
        extensions=request.extensions,
    )


def _bytes(response: httpx.Response) -> bytes:
    assert isinstance(response.stream, httpx.SyncByteStream)
    return b"".join(response.stream)


def _edges(body: bytes) -> list[int]:
    """List the places where a cut matters: the ends, inside, and after each whole frame."""
    edges = [0, 1, len(body) // 2, len(body) - 1]
    rest = body
    while rest.startswith(_ZSTD_MAGIC):
        frame = zstd.ZstdDecompressor()
        frame.decompress(rest)
        rest = frame.unused_data
        if rest:
            edges.append(len(body) - len(rest))
    return edges
