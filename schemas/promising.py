"""What acts do to the promises on an order, as its crew sees them before the office has heard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import msgspec

from schemas import customer_promises, promises, tasks
from schemas.rules import clocks, transitions, windows


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
        if clock.stopped_at is not None or not _proves(task, clock, event, at):
            return clock
        return msgspec.structs.replace(clock, stopped_at=at)

    return msgspec.structs.replace(task, clocks=[stopped(clock) for clock in task.clocks])


def pause(task: tasks.Task, *, holds: Collection[str], at: dt.datetime) -> tasks.Task:
    """Let the clocks of these kinds stand still; after its end none does."""

    def paused(clock: tasks.TaskClock) -> tasks.TaskClock:
        runs = clock.stopped_at is None and clock.paused_at is None
        if not runs or clock.kind not in holds or clock.started_at is None:
            return clock
        if not clocks.may_pause(at, started_at=clock.started_at, due_at=clock.due_at):
            return clock
        return msgspec.structs.replace(clock, paused_at=at)

    return msgspec.structs.replace(task, clocks=[paused(clock) for clock in task.clocks])


def go_on(task: tasks.Task, *, at: dt.datetime) -> tasks.Task:
    """Let the clocks that stand still run on: what they stood still moves their end."""

    def running(clock: tasks.TaskClock) -> tasks.TaskClock:
        if clock.paused_at is None:
            return clock
        stood_still = max(at - clock.paused_at, dt.timedelta())
        return msgspec.structs.replace(clock, paused_at=None, due_at=clock.due_at + stood_still)

    return msgspec.structs.replace(task, clocks=[running(clock) for clock in task.clocks])


def reasons_of(
    task: tasks.Task, known: Sequence[promises.PolicyReasons]
) -> promises.PolicyReasons | None:
    """Find what an order may be returned or suspended for; None where a handheld does not know.

    Args:
        task: the order.
        known: the reasons of the district's policy sets; the first set is in force.
    """
    policy = next((clock.policy for clock in task.clocks if not clock.promise), None)
    if policy is None:
        return next(iter(known), None)
    return next((each for each in known if each.policy == policy), None)


def _proves(task: tasks.Task, clock: tasks.TaskClock, event: str, at: dt.datetime) -> bool:
    promise = clock.promise
    if promise is None:
        return clock.stop_event is not None and transitions.implies(event, clock.stop_event)
    return windows.proves(
        promise.aim,
        event,
        by_at=at,
        opened_at=task.opened_at,
        given_at=promise.given_at,
        from_at=promise.from_at,
    )


def _is_of(clock: tasks.TaskClock, promise_id: str) -> bool:
    return clock.promise is not None and clock.promise.id == promise_id
