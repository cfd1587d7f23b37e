"""The air between a handheld and the server: signal comes and goes, lines are really cut.

A cut is made on the real connection: the request's second half is never sent, or the answer is
heard by nobody. Bytes are counted as bodies, without headers.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import httpx

CUT_FROM_BYTES: Final = 1_000
FAULTS_FROM: Final = 500
_SLOW_S: Final = (0.02, 0.15)


class Signal(StrEnum):
    """How good the signal is."""

    GOOD = "good"
    WEAK = "weak"
    NONE = "none"


class Fault(StrEnum):
    """What happens to one request on its way."""

    NO_LINE = "no line"
    CUT = "cut half-way"
    ANSWER_LOST = "answer lost"
    SLOW = "slow"


_CHANCES: Final[dict[Signal, dict[Fault, float]]] = {
    Signal.GOOD: {Fault.SLOW: 0.02, Fault.ANSWER_LOST: 0.01},
    Signal.WEAK: {Fault.NO_LINE: 0.15, Fault.CUT: 0.15, Fault.ANSWER_LOST: 0.15, Fault.SLOW: 0.15},
    Signal.NONE: {Fault.NO_LINE: 1.0},
}


class Air(httpx.BaseTransport):
    """Carries requests as well as the signal lets it.

    Attributes:
        signal: how good it is now.
        is_calm: at the depot nothing is cut.
        up_bytes: bodies that went out, in bytes, whole or cut.
        down_bytes: bodies that came in.
        faults: how often what happened.
    """

    def __init__(self, inner: httpx.BaseTransport, *, chance: random.Random) -> None:
        """Stand between a client and `inner`."""
        self.signal = Signal.GOOD
        self.is_calm = False
        self.up_bytes = self.down_bytes = 0
        self.faults: Counter[str] = Counter()
        self._inner = inner
        self._chance = chance

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, or do to it what the air does."""
        content = request.read()
        fault = None if self.is_calm else self._fault(len(content))
        if fault is not None:
            self.faults[fault] += 1
        if fault is Fault.NO_LINE:
            raise httpx.ConnectTimeout("no signal", request=request)
        if fault is Fault.SLOW:
            time.sleep(self._chance.uniform(*_SLOW_S))
        if fault is Fault.CUT:
            self.up_bytes += len(content) // 2
            self._send(request, _Broken(request, content))
        self.up_bytes += len(content)
        response = self._send(request, httpx.ByteStream(content))
        if fault is Fault.ANSWER_LOST:
            raise httpx.ReadTimeout("the answer was lost", request=request)
        return response

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def _fault(self, size_bytes: int) -> Fault | None:
        """Throw the dice for one request."""
        dice = self._chance.random()
        for fault, share in _CHANCES[self.signal].items():
            dice -= share
            if dice < 0:
                too_small = fault is Fault.CUT and size_bytes < CUT_FROM_BYTES
                return Fault.ANSWER_LOST if too_small else fault
        return None

    def _send(self, request: httpx.Request, stream: httpx.SyncByteStream) -> httpx.Response:
        """Send a request as it was written, and hear its answer to the end."""
        fresh = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=stream,
            extensions=request.extensions,
        )
        response = self._inner.handle_request(fresh)
        if response.status_code >= FAULTS_FROM:
            self.faults[f"answered {response.status_code}"] += 1
        assert isinstance(response.stream, httpx.SyncByteStream)
        try:
            body = b"".join(response.stream)
        finally:
            response.close()
        self.down_bytes += len(body)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
        )


class _Broken(httpx.SyncByteStream):
    """The first half of a body; then the line is cut."""

    def __init__(self, request: httpx.Request, content: bytes) -> None:
        self._request = request
        self._half = content[: len(content) // 2]

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx.WriteError("cut half-way", request=self._request)


def plan_coverage(chance: random.Random, *, minutes: int) -> list[tuple[int, Signal]]:
    """Plan a phone's signal: from which minute of the day on it is how good."""
    spans = {Signal.GOOD: (15, 60), Signal.WEAK: (5, 30), Signal.NONE: (10, 75)}
    plan, minute, signal = [], 0, Signal.GOOD
    while minute < minutes:
        plan.append((minute, signal))
        minute += chance.randint(*spans[signal])
        signal = chance.choice([each for each in Signal if each is not signal])
    return plan


def signal_at(plan: list[tuple[int, Signal]], minute: int) -> Signal:
    """Look up how good the signal is at a minute."""
    return [signal for since, signal in plan if since <= minute][-1]
