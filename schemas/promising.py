"""What a promise does to an order as its crew sees it, before the office has heard of it."""

from __future__ import annotations

import datetime as dt

import msgspec

from schemas import customer_promises, promises, tasks
from schemas.rules import windows


def make(
    task: tasks.Task, *, promise_id: str, body: customer_promises.PromiseMade, at: dt.datetime
) -> tasks.Task:
    """Let a promise count down on an order; one that the order shows already stays as it is."""
    if any(_is_of(clock, promise_id) for clock in task.clocks):
        return task
    promise = tasks.TaskPromise(
        id=promise_id, aim=body.aim, given_at=at, from_at=body.from_at, words=body.words
    )
    clock = tasks.TaskClock(kind=promises.GIVEN, due_at=body.due_at, promise=promise)
    return msgspec.structs.replace(task, clocks=[*task.clocks, clock])


def reagree(
    task: tasks.Task, *, body: customer_promises.PromiseReagreed, at: dt.datetime
) -> tasks.Task:
    """Put another window in the place of the one that still runs."""

    def moved(clock: tasks.TaskClock) -> tasks.TaskClock:
        promise = clock.promise
        if promise is None or promise.id != body.promise_id or clock.stopped_at is not None:
            return clock
        if promise.given_at >= at:
            return clock
        agreed = msgspec.structs.replace(
            promise, given_at=at, from_at=body.from_at, words=body.words
        )
        return msgspec.structs.replace(clock, due_at=body.due_at, promise=agreed)

    return msgspec.structs.replace(task, clocks=[moved(clock) for clock in task.clocks])


def keep(task: tasks.Task, *, event: str, at: dt.datetime) -> tasks.Task:
    """Stop the promises on an order that an event of its crew shows to be kept."""

    def stopped(clock: tasks.TaskClock) -> tasks.TaskClock:
        promise = clock.promise
        if promise is None or clock.stopped_at is not None:
            return clock
        kept = windows.proves(
            promise.aim,
            event,
            by_at=at,
            opened_at=task.opened_at,
            given_at=promise.given_at,
            from_at=promise.from_at,
        )
        return msgspec.structs.replace(clock, stopped_at=at) if kept else clock

    return msgspec.structs.replace(task, clocks=[stopped(clock) for clock in task.clocks])


def _is_of(clock: tasks.TaskClock, promise_id: str) -> bool:
    return clock.promise is not None and clock.promise.id == promise_id
