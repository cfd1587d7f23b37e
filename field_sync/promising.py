"""What a crew promises the customer at the door, and agrees on anew, also without signal."""

from __future__ import annotations

import datetime as dt

from field_sync import errors, keeping, view
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import customer_promises, tasks
from schemas.base import rfc3339
from schemas.rules import reasons, windows


def make(
    store: Store, edge: Edge, *, task_id: str, promised: customer_promises.PromiseMade
) -> Entry:
    """Keep what the customer was promised; it counts down on the order at once.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WindowFaulty: nobody can be promised such a window.
        Malformed: words or a name are missing, or too long.
    """
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        _require_window(store, edge, from_at=promised.from_at, due_at=promised.due_at)
        return keeping.keep(store, edge, task=task, body=promised)


def reagree(
    store: Store, edge: Edge, *, task_id: str, agreed: customer_promises.PromiseReagreed
) -> Entry:
    """Keep that the customer consented to another window, before the promise is due.

    Raises:
        VagueReason: the reason says nothing.
        NotOnPhone: the order is not on this handheld.
        NoPromise: the order has no such promise that still runs.
        PromiseOver: it is due already.
        WindowFaulty: nobody can be promised such a window.
        Malformed: words or a name are missing, or too long.
    """
    verdict = reasons.check(agreed.why)
    if verdict.fault is not None:
        raise errors.VagueReason(fault=verdict.fault)
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        clock = _running(task, agreed.promise_id)
        now = view.server_time(store, edge.moment())
        if windows.hindrance(now, due_at=clock.due_at, ended_at=None) is not None:
            raise errors.PromiseOver(due_at=rfc3339(clock.due_at))
        _require_window(store, edge, from_at=agreed.from_at, due_at=agreed.due_at)
        return keeping.keep(store, edge, task=task, body=agreed)


def list_promises(task: tasks.Task) -> list[tasks.TaskClock]:
    """List the promises on an order that still run, the next to end first."""
    running = [each for each in task.clocks if each.promise and each.stopped_at is None]
    return sorted(running, key=lambda clock: clock.due_at)


def _running(task: tasks.Task, promise_id: str) -> tasks.TaskClock:
    for clock in list_promises(task):
        if clock.promise is not None and clock.promise.id == promise_id:
            return clock
    raise errors.NoPromise(id=promise_id)


def _require_window(
    store: Store, edge: Edge, *, from_at: dt.datetime | None, due_at: dt.datetime
) -> None:
    now = view.server_time(store, edge.moment())
    fault = windows.fault(now, from_at=from_at, due_at=due_at)
    if fault is not None:
        raise errors.WindowFaulty(fault=fault)
