"""A network that loses requests, loses answers and carries things twice, as it is told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import httpx


class Fault(StrEnum):
    """What the network does to one request."""

    NONE = "none"
    REQUEST_LOST = "request_lost"
    ANSWER_LOST = "answer_lost"
    DOUBLED = "doubled"


class Network(httpx.BaseTransport):
    """A network that does to each request what `fault` says; `NONE` lets it through."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        fault: Callable[[httpx.Request], Fault] = lambda _: Fault.NONE,
    ) -> None:
        """Stand between a client and `inner`."""
        self.fault = fault
        self.requests = 0
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, or lose it, or its answer, or carry it twice."""
        self.requests += 1
        content = request.read()
        fault = self.fault(request)
        if fault is Fault.REQUEST_LOST:
            raise httpx.ConnectTimeout("lost on the way there", request=request)
        if fault is Fault.DOUBLED:
            self._carry(request, content)
        response = self._carry(request, content)
        if fault is Fault.ANSWER_LOST:
            raise httpx.ReadTimeout("lost on the way back", request=request)
        return response

    def _carry(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """Carry one request as it was written, to the end of its answer."""
        fresh = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=content,
            extensions=request.extensions,
        )
        response = self._inner.handle_request(fresh)
        assert isinstance(response.stream, httpx.SyncByteStream)
        body = b"".join(response.stream)
        response.close()
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
        )
