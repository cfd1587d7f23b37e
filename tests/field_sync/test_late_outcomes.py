"""What was held comes to its end on the handheld too, once."""

from __future__ import annotations

import itertools
import pathlib

import pytest

from field_sync import client, fieldwork, view
from field_sync.store import outbox, uploads
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import FakeServer
from field_sync.transport import Transport
from schemas import sync
from schemas.errors import Words
from schemas.rules.transitions import State
from tests.makers import handheld as make


def final(entry: outbox.Entry, status: sync.Status) -> sync.Outcome:
    """Say the final outcome of an operation."""
    words = Words(en=f"At last {status}.", zh="已有结果。")
    return sync.Outcome(n=entry.n, id=entry.id, status=status, code=f"said-{status}", detail=words)


@pytest.fixture
def held(phone: Store, line: Transport, edge: HandEdge, server: FakeServer) -> outbox.Entry:
    """An acceptance that the server holds."""
    server.judge = lambda _: sync.Status.HELD
    entry = fieldwork.accept(phone, edge, task_id="t1")
    client.sync_now(phone, line, edge)
    return entry


def test_what_is_held_stays_visible_whatever_the_record_tells(
    phone: Store, held: outbox.Entry, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.put("crew:c1", "task", make.task("t1", title="No light in Lane 4"))
    client.sync_now(phone, line, edge)
    task = view.get_work(phone, task_id="t1").task
    assert (task.title, task.state) == ("No light in Lane 4", State.accepted)
    assert [entry.id for entry in outbox.list_exceptions(phone)] == [held.id]


def test_a_held_operation_that_is_applied_at_last_is_no_exception_any_more(
    phone: Store, held: outbox.Entry, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.put("device:d", "outcome", final(held, sync.Status.APPLIED))
    server.put("crew:c1", "task", make.task("t1", state=State.accepted, version=2))
    client.sync_now(phone, line, edge)
    assert outbox.list_exceptions(phone) == []
    assert outbox.list_laid_on(phone, subject="t1") == []
    assert view.get_work(phone, task_id="t1").task.state is State.accepted


def test_a_held_operation_that_is_refused_at_last_is_taken_off_the_record(
    phone: Store, held: outbox.Entry, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.put("device:d", "outcome", final(held, sync.Status.REJECTED))
    client.sync_now(phone, line, edge)
    (entry,) = outbox.list_exceptions(phone)
    assert (entry.status, entry.code) == (sync.Status.REJECTED, "said-rejected")
    assert view.get_work(phone, task_id="t1").task.state is State.dispatched


@pytest.mark.rule("H17")
def test_the_final_outcome_of_a_held_operation_is_entered_once(
    phone: Store, held: outbox.Entry, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.put("device:d", "outcome", final(held, sync.Status.MERGED))
    client.sync_now(phone, line, edge)
    server.put("device:d", "outcome", final(held, sync.Status.REJECTED))
    client.sync_now(phone, line, edge)
    assert [entry.status for entry in outbox.list_exceptions(phone)] == [sync.Status.MERGED]


def test_a_final_outcome_reaches_a_phone_that_lost_the_first_answer(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    server.judge = lambda _: sync.Status.HELD
    entry = fieldwork.accept(phone, edge, task_id="t1")
    script = itertools.chain([Fault.ANSWER_LOST], itertools.repeat(Fault.NONE))
    network.fault = lambda _: next(script)
    client.sync_now(phone, line, edge)
    server.put("device:d", "outcome", final(entry, sync.Status.APPLIED))
    client.sync_now(phone, line, edge)
    assert outbox.list_exceptions(phone) == []


def test_a_file_whose_declaration_is_held_is_sent_when_that_is_applied(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "pole.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    server.judge = lambda _: sync.Status.HELD
    entry = fieldwork.photo(phone, edge, task_id="t1", path=path)
    client.sync_now(phone, line, edge)
    assert server.uploads.contents == {}
    assert (uploads.count_waiting(phone), uploads.count_sendable(phone, through=1)) == (1, 0)
    server.put("device:d", "outcome", final(entry, sync.Status.APPLIED))
    client.sync_now(phone, line, edge)
    assert list(server.uploads.contents.values()) == [b"\xff\xd8\xff"]
    assert uploads.count_waiting(phone) == 0
