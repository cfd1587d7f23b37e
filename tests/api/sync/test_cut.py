"""A first pull goes on after a cut at any byte, and is shown only when it is whole."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import flask
import httpx
import pytest

from api import db
from api.feed import store as feed
from api.feed.pages import making
from field_sync import client, errors, exchange
from field_sync.store import records, settings
from field_sync.store.connection import Store, open_store
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

ENTRIES = 300
PAGED = 270
SMALL = making.Policy(page_rows=60, tail_numbers=1)
AUDIENCE = "crew:crew-1"


class BadLine(httpx.BaseTransport):
    """A line that dies after so many bytes of each answer; None: it lives."""

    def __init__(self, app: flask.Flask) -> None:
        self.dies_after_bytes: int | None = None
        self.carried: list[int] = []
        self._app = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request and what the line can of its answer."""
        response = self._app.handle_request(request)
        body = b"".join(response.stream)  # type: ignore[arg-type]  # WSGI's streams are synchronous
        self.carried.append(len(body))
        limit = self.dies_after_bytes
        if limit is None or len(body) <= limit:
            return httpx.Response(
                response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
            )
        return httpx.Response(
            response.status_code, headers=response.headers, stream=Broken(body[:limit])
        )


@dataclasses.dataclass
class Broken(httpx.SyncByteStream):
    """The beginning of an answer."""

    beginning: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.beginning
        raise httpx.ReadError("the line is dead")


@pytest.fixture
def street(database: db.Database, phone: Phone) -> None:
    """Give the crew many small records, most of them in pages."""

    def put(first: int, last: int) -> None:
        with database.unit_of_work() as session:
            feed.enter(
                session,
                [
                    feed.Put(
                        crews.DISTRICT,
                        AUDIENCE,
                        "lamp",
                        f"l{number:04}",
                        b'{"entity":"lamp","id":"l%04d","put":{"code":"%d"}}' % (number, number**7),
                    )
                    for number in range(first, last)
                ],
                [],
            )

    put(0, PAGED)
    assert making.make(database, district_id=crews.DISTRICT, audience=AUDIENCE, policy=SMALL)
    put(PAGED, ENTRIES)


@pytest.fixture
def handheld(tmp_path: pathlib.Path, phone: Phone) -> Iterator[Store]:
    """Give a handheld that is signed in and has nothing yet."""
    store = open_store(tmp_path / "handheld")
    with store.writing():
        settings.put(store, Name.DEVICE, "the token says which")
        token = phone.headers["Authorization"].removeprefix("Bearer ")
        settings.put(store, Name.ACCESS_TOKEN, token)
    yield store
    store.close()


@pytest.fixture
def bad(app: flask.Flask) -> BadLine:
    return BadLine(app)


@pytest.fixture
def line(bad: BadLine) -> Iterator[Transport]:
    with Transport(httpx.Client(transport=bad, base_url="http://127.0.0.1")) as transport:
        yield transport


def lamps(store: Store) -> int:
    return len(list(records.list_of(store, entity="lamp")))


@pytest.mark.rule("H24")
def test_a_first_pull_goes_on_after_a_cut_at_any_byte(
    street: None, handheld: Store, bad: BadLine, line: Transport, clock: HandClock
) -> None:
    edge = HandEdge(now=clock.now)
    assert client.sync_now(handheld, line, edge).refused is None
    whole = max(bad.carried)
    for position in [*range(0, whole, max(whole // 25, 1)), whole - 1]:
        with handheld.writing():
            records.wipe(handheld)
        bad.dies_after_bytes = position
        ended = client.sync_now(handheld, line, edge)
        assert isinstance(ended.refused, errors.AnswerCut)
        assert records.count(handheld) == 0, "half a first pull is not shown"
        bad.dies_after_bytes = None
        assert client.sync_now(handheld, line, edge).refused is None
        assert lamps(handheld) == ENTRIES


def test_a_line_that_carries_little_at_a_time_carries_it_all(
    street: None, handheld: Store, bad: BadLine, line: Transport, clock: HandClock
) -> None:
    edge = HandEdge(now=clock.now)
    bad.dies_after_bytes = 2_500
    tries = 1
    while client.sync_now(handheld, line, edge).refused is not None:
        assert records.count(handheld) == 0
        tries += 1
        assert tries < 40, "it never ends"
    assert tries > 2, "the line was no trouble"
    assert lamps(handheld) == ENTRIES


@pytest.mark.rule("H24")
def test_it_asks_for_half_after_a_cut_and_for_twice_after_an_answer(
    street: None, handheld: Store, bad: BadLine, line: Transport, clock: HandClock
) -> None:
    edge = HandEdge(now=clock.now)
    bad.dies_after_bytes = 0
    for _ in range(8):
        client.sync_now(handheld, line, edge)
    assert settings.find_number(handheld, Name.CHANGES_WANTED) == exchange.CHANGES_WANTED_MIN
    bad.dies_after_bytes = None
    for _ in range(8):
        client.sync_now(handheld, line, edge)
    assert settings.find_number(handheld, Name.CHANGES_WANTED) == exchange.CHANGES_WANTED_MAX
