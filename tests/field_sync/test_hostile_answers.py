"""Whatever becomes of an answer on its way: it is taken whole or not at all, nothing is lost."""

from __future__ import annotations

import pathlib
import random
import tempfile
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from field_sync import client, enrolment, fieldwork
from field_sync.store import outbox
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import HandEdge
from field_sync.testing.server import ADDRESS, LOGIN, PASSWORD, FakeServer
from field_sync.transport import Transport
from tests.makers import handheld as make
from tests.makers import spoiling

Spoil = Callable[[bytes], bytes]


class Spoiler(httpx.BaseTransport):
    """A line whose next answers come spoilt."""

    def __init__(self, server: FakeServer) -> None:
        self.spoil: Spoil | None = None
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._server.handle_request(request)
        if self.spoil is None:
            return response
        body = b"".join(response.iter_bytes())
        return httpx.Response(
            response.status_code,
            headers={"Content-Type": response.headers.get("Content-Type", "")},
            stream=httpx.ByteStream(self.spoil(body) if body else body),
        )


@pytest.fixture(scope="module")
def homes() -> Iterator[pathlib.Path]:
    """Give a folder whose handhelds go with the module."""
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder)


def everything(store: Store) -> list[object]:
    """Dump what the server said and what the crew did."""
    return [
        store.connection.execute(question).fetchall()
        for question in (
            "SELECT * FROM records",
            "SELECT * FROM staged",
            "SELECT * FROM outbox",
            "SELECT * FROM uploads",
        )
    ]


@pytest.mark.slow
@settings(max_examples=60)
@given(st.integers(0, 2**32))
@example(362_880)  # the hash that a chain is joined anew by was a hundred digits long
def test_a_spoilt_answer_is_taken_whole_or_not_at_all(homes: pathlib.Path, seed: int) -> None:
    server = FakeServer()
    edge = HandEdge(now=lambda: server.now)
    air = Spoiler(server)
    with (
        tempfile.TemporaryDirectory(dir=homes) as home,
        Transport(httpx.Client(transport=air, base_url=ADDRESS)) as line,
    ):
        store = open_store(pathlib.Path(home))
        login = enrolment.Login(LOGIN, PASSWORD)
        enrolment.enrol(store, line, edge, server=ADDRESS, login=login, name="handheld 7")
        server.put("crew:c1", "task", make.task("t1"))
        client.sync_now(store, line, edge)
        server.put("crew:c1", "task", make.task("t2"))
        acted = [fieldwork.note(store, edge, task_id="t1", text="a word").wire]
        before = everything(store)

        chance = random.Random(seed)
        air.spoil = lambda body: spoiling.spoilt(body, chance)
        ended = client.sync_now(store, line, edge)
        if ended.refused is not None and not server_settled(store):
            assert everything(store) == before

        air.spoil = None
        assert [entry.wire for entry in outbox.list_kept(store)] == acted
        client.sync_now(store, line, edge)
        assert server.operations[0].id == outbox.list_kept(store)[0].id
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store.close()


def server_settled(store: Store) -> bool:
    """Tell whether an answer before the spoilt one was taken in."""
    return outbox.count_waiting(store) == 0
