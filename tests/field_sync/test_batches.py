"""How much goes into one push: as much as the server and the line can do in good time."""

from __future__ import annotations

import datetime as dt
import gzip

import httpx
import msgspec
import pytest

from field_sync import client, fieldwork, standing
from field_sync.conversation import Asked, Due, Phase
from field_sync.exchange import work
from field_sync.store import outbox
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import ADDRESS, FakeServer
from field_sync.transport import Transport
from schemas.base import encode
from schemas.errors import Problem, Words
from schemas.rules import pacing

NOTES = 120


@pytest.fixture
def laden(phone: Store, edge: HandEdge) -> Store:
    """A handheld with a hundred and twenty notes to tell."""
    for _ in range(NOTES):
        fieldwork.note(phone, edge, task_id="t1", text="the water stands high")
    return phone


class Counting(httpx.BaseTransport):
    """Counts the operations of each push on its way, and refuses bodies beyond a limit."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.pushes: list[int] = []
        self.operations_max = 10_000
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/sync":
            return self._inner.handle_request(request)
        body = request.read()
        if "Content-Encoding" in request.headers:
            body = gzip.decompress(body)
        count = len(msgspec.json.decode(body)["operations"])
        self.pushes += [count] if count else []
        if count <= self.operations_max:
            return self._inner.handle_request(request)
        words = Words(en="Too large.", zh="过大。")
        problem = Problem(type="", title="", status=413, code="too-large", detail=words)
        return httpx.Response(413, stream=httpx.ByteStream(encode(problem)))


@pytest.fixture
def counting(network: Network) -> Counting:
    return Counting(network)


@pytest.fixture
def wire(counting: Counting) -> Transport:
    return Transport(httpx.Client(transport=counting, base_url=ADDRESS))


@pytest.mark.rule("H15")
def test_a_slow_server_is_sent_less_at_a_time(
    laden: Store, wire: Transport, counting: Counting, network: Network, edge: HandEdge
) -> None:
    def slow(request: httpx.Request) -> Fault:
        if request.url.path == "/v1/sync":
            edge.advance(seconds=2 * pacing.EXCHANGE_S)
        return Fault.NONE

    network.fault = slow
    assert client.sync_now(laden, wire, edge).refused is None
    fieldwork.note(laden, edge, task_id="t1", text="the water falls")
    for _ in range(NOTES):
        fieldwork.note(laden, edge, task_id="t1", text="the water falls")
    assert client.sync_now(laden, wire, edge).refused is None
    assert counting.pushes[:3] == [NOTES, NOTES // 2, 30]
    assert min(counting.pushes[:-1]) >= pacing.BATCH_MIN


def test_a_push_that_waited_long_for_nothing_is_made_smaller(
    laden: Store, wire: Transport, counting: Counting, network: Network, edge: HandEdge
) -> None:
    def dead(request: httpx.Request) -> Fault:
        if request.url.path != "/v1/sync":
            return Fault.NONE
        edge.advance(seconds=30)
        return Fault.REQUEST_LOST

    network.fault = dead
    for _ in range(3):
        assert client.sync_now(laden, wire, edge).state.phase is Phase.BACKING_OFF
    network.fault = lambda _: Fault.NONE
    assert client.sync_now(laden, wire, edge).refused is None
    assert counting.pushes == [NOTES, 60, 30, 25, 95]


def test_without_signal_a_push_stays_as_large_as_it_was(
    laden: Store, wire: Transport, counting: Counting, network: Network, edge: HandEdge
) -> None:
    network.fault = lambda _: Fault.REQUEST_LOST
    for _ in range(3):
        client.sync_now(laden, wire, edge)
    network.fault = lambda _: Fault.NONE
    client.sync_now(laden, wire, edge)
    assert set(counting.pushes) == {NOTES}


@pytest.mark.rule("H15")
def test_a_server_that_takes_small_bodies_gets_small_bodies(
    laden: Store, wire: Transport, counting: Counting, edge: HandEdge
) -> None:
    counting.operations_max = 50
    for _ in range(3):
        client.sync_now(laden, wire, edge)
    assert outbox.count_waiting(laden) == 0
    assert counting.pushes == [NOTES, 60, 30, 30, 30, 30]


@pytest.mark.rule("H14")
def test_a_handheld_that_a_timer_woke_waits_its_share_and_a_person_does_not(
    laden: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    state = standing.woken(laden, edge.moment().wall)
    due = Due(edge.moment().wall, work(laden))
    assert client.go_on(laden, line, edge, state=state, event=due).state == state
    assert server.requests == []
    share = dt.timedelta(seconds=pacing.WAKE_WINDOW_S)
    late = Due(edge.moment().wall + share, work(laden))
    assert client.go_on(laden, line, edge, state=state, event=late).refused is None
    asked = Asked(work(laden))
    assert client.go_on(laden, line, edge, state=state, event=asked).refused is None
    assert server.requests == ["POST /v1/sync", "POST /v1/sync"]
