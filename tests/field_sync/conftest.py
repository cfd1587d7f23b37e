"""What every test of the handheld can ask for: a store, an edge, a server in memory, a line."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Iterator

import httpx
import pytest

from field_sync import client, enrolment
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import START, HandEdge
from field_sync.testing.network import Network
from field_sync.testing.server import ADDRESS, LOGIN, PASSWORD, FakeServer
from field_sync.transport import Transport
from schemas import tasks
from schemas.rules.transitions import Kind, State
from tests.field_sync.prompting import Prompt, enrol
from tests.makers import handheld as make


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    """Name the handheld's folder."""
    return tmp_path / "handheld"


@pytest.fixture
def store(home: pathlib.Path) -> Iterator[Store]:
    """Open an empty store."""
    opened = open_store(home)
    yield opened
    opened.close()


@pytest.fixture
def server() -> FakeServer:
    """Run a server in memory."""
    return FakeServer()


@pytest.fixture
def edge(server: FakeServer) -> HandEdge:
    """Give the handheld clocks that are right."""
    return HandEdge(now=lambda: server.now)


@pytest.fixture
def network(server: FakeServer) -> Network:
    """Lay a network that carries everything until a test says otherwise."""
    return Network(server)


@pytest.fixture
def line(network: Network) -> Iterator[Transport]:
    """Connect the handheld to the network."""
    with Transport(httpx.Client(transport=network, base_url=ADDRESS)) as transport:
        yield transport


@pytest.fixture
def enrolled(store: Store, line: Transport, edge: HandEdge, network: Network) -> Store:
    """Give a store that belongs to Li Wei."""
    login = enrolment.Login(LOGIN, PASSWORD)
    enrolment.enrol(store, line, edge, server=ADDRESS, login=login, name="handheld 7")
    network.requests = 0
    return store


@pytest.fixture
def phone(enrolled: Store, line: Transport, edge: HandEdge, server: FakeServer) -> Store:
    """A handheld in step with a server that has one order for it."""
    server.put("crew:c1", "task", make.task("t1"))
    assert client.sync_now(enrolled, line, edge).refused is None
    server.requests.clear()
    return enrolled


@pytest.fixture
def prompt(home: pathlib.Path, network: Network, edge: HandEdge) -> Prompt:
    """Sit down at a handheld that nobody has enrolled."""
    return Prompt(home, network, edge)


@pytest.fixture
def at_work(prompt: Prompt, server: FakeServer) -> Prompt:
    """Sit at an enrolled handheld with an order and a route."""
    due = tasks.TaskClock(kind="arrive", due_at=START + dt.timedelta(minutes=45))
    server.put("crew:c1", "task", make.task("order-aaa111", clocks=[due]))
    route = make.task("route-bbb222", kind=Kind.route, state=State.working, site=False)
    server.put("person:p1", "task", route)
    server.put("route:route-bbb222", "stop", make.stop("s1", route_id="route-bbb222"))
    enrol(prompt)
    prompt("sync")
    return prompt
