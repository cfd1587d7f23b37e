/** What a promise does to an order as its crew sees it, before the office has heard of it. */

import type { Instant, PromiseMade, PromiseReagreed, Task, TaskClock, TaskPromise } from "../wire";
import { proves } from "./windows";

/** The kind of the clock that a promise to a customer has. */
export const GIVEN = "promise";

/** Let a promise count down on an order; one that the order shows already stays as it is. */
export function make(
  task: Task,
  { id, body, at }: { readonly id: string; readonly body: PromiseMade; readonly at: Instant },
): Task {
  const clocks = task.clocks ?? [];
  if (clocks.some((clock) => clock.promise?.id === id)) return task;
  const promise: TaskPromise = {
    id,
    aim: body.aim ?? "arrive",
    given_at: at,
    from_at: body.from_at ?? null,
    words: body.words,
  };
  return { ...task, clocks: [...clocks, { kind: GIVEN, due_at: body.due_at, promise }] };
}

/** Put another window in the place of the one that still runs. */
export function reagree(
  task: Task,
  { body, at }: { readonly body: PromiseReagreed; readonly at: Instant },
): Task {
  return changed(task, (clock, promise) => {
    const isOlder = Date.parse(promise.given_at) < Date.parse(at);
    if (promise.id !== body.promise_id || !isOlder) return clock;
    const { from_at = null, words } = body;
    return { ...clock, due_at: body.due_at, promise: { ...promise, given_at: at, from_at, words } };
  });
}

/** Stop the promises on an order that an event of its crew shows to be kept. */
export function keep(
  task: Task,
  { event, at }: { readonly event: string; readonly at: Instant },
): Task {
  return changed(task, (clock, promise) => {
    const kept = proves(promise.aim, event, {
      byMs: Date.parse(at),
      openedMs: Date.parse(task.opened_at),
      givenMs: Date.parse(promise.given_at),
      fromMs: promise.from_at ? Date.parse(promise.from_at) : null,
    });
    return kept ? { ...clock, stopped_at: at } : clock;
  });
}

/** List the promises on an order that still run, the next to end first. */
export function listRunning(task: Task): (TaskClock & { promise: TaskPromise })[] {
  return (task.clocks ?? [])
    .flatMap((clock) =>
      clock.promise && !clock.stopped_at ? [{ ...clock, promise: clock.promise }] : [],
    )
    .sort((one, other) => Date.parse(one.due_at) - Date.parse(other.due_at));
}

function changed(task: Task, change: (clock: TaskClock, promise: TaskPromise) => TaskClock): Task {
  if (!task.clocks?.some(({ promise }) => promise)) return task;
  const clocks = task.clocks.map((clock) =>
    clock.promise && !clock.stopped_at ? change(clock, clock.promise) : clock,
  );
  return { ...task, clocks };
}
