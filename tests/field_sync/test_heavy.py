"""A handheld with fifty thousand operations waiting works as quickly as one with ten."""

from __future__ import annotations

import decimal
from collections.abc import Callable

import pytest

from field_sync import fieldwork, metering, view
from field_sync.store import chain, outbox
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from schemas.rules.transitions import Kind, State
from tests.makers import handheld as make

WAITING = 50_000
STEPS_PER_TELL = 10


@pytest.fixture
def reader(enrolled: Store, edge: HandEdge) -> Store:
    """A handheld with an order and a route, and one act on each."""
    route = make.task("r1", kind=Kind.route, state=State.working, site=False)
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")), ("task", route))
    make.hold(enrolled, "route:r1", *(("stop", make.stop(f"s{n}", sequence=n)) for n in (1, 2)))
    fieldwork.note(enrolled, edge, task_id="t1", text="the gate is locked")
    take(enrolled, edge, "s1")
    return enrolled


def take(store: Store, edge: HandEdge, stop_id: str) -> None:
    total = decimal.Decimal(1120)
    metering.read(store, edge, stop_id=stop_id, total=total)


def let_wait(store: Store, count: int) -> None:
    """Let so many readings like the first one wait behind everything."""
    last_n = chain.last(store).n
    with store.writing():
        store.connection.execute(
            "WITH RECURSIVE more (n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < :count)"
            " INSERT INTO outbox (n, id, type, subject, entity, entity_id, made_at, wire, hash)"
            " SELECT :last_n + more.n, 'copy-' || more.n, type, subject, entity, entity_id,"
            " made_at, wire, hash FROM outbox AS o, more WHERE o.n = 2",
            {"count": count, "last_n": last_n},
        )


def steps(store: Store, act: Callable[[], object]) -> int:
    """Count the steps that the database takes for an act, in tens."""
    told = 0

    def tell() -> None:
        nonlocal told
        told += 1

    store.connection.set_progress_handler(tell, STEPS_PER_TELL)
    act()
    store.connection.set_progress_handler(None, 0)
    return told


@pytest.mark.slow
@pytest.mark.rule("H23")
@pytest.mark.parametrize("act", ["note", "read", "get_task", "list_waiting"])
def test_an_act_costs_no_more_when_many_wait(reader: Store, edge: HandEdge, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "note": lambda: fieldwork.note(reader, edge, task_id="t1", text="the gate is open"),
        "read": lambda: take(reader, edge, "s2"),
        "get_task": lambda: view.get_task(reader, task_id="r1"),
        "list_waiting": lambda: outbox.list_waiting(reader, limit=1),
    }
    few = steps(reader, acts[act])
    let_wait(reader, WAITING)
    many = steps(reader, acts[act])
    assert many <= 2 * few + STEPS_PER_TELL
