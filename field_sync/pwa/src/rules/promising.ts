/** What acts do to the promises on an order, as its crew sees them before the office has heard. */

import type {
  Instant,
  PolicyReasons,
  PromiseMade,
  PromiseReagreed,
  Task,
  TaskClock,
  TaskPromise,
} from "../wire";
import { mayPause } from "./clocks";
import { implies } from "./transitions";
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
  return changed(task, (clock) => {
    const { promise } = clock;
    if (!promise || clock.stopped_at) return clock;
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
  return changed(task, (clock) =>
    !clock.stopped_at && isKept(task, clock, event, at) ? { ...clock, stopped_at: at } : clock,
  );
}

/** Let the clocks of these kinds stand still; after its end none does. */
export function pause(
  task: Task,
  { holds, at }: { readonly holds: readonly string[]; readonly at: Instant },
): Task {
  return changed(task, (clock) => {
    const { kind, started_at, due_at, stopped_at, paused_at } = clock;
    if (stopped_at || paused_at || !holds.includes(kind) || !started_at) return clock;
    const running = { startedMs: Date.parse(started_at), dueMs: Date.parse(due_at) };
    return mayPause(Date.parse(at), running) ? { ...clock, paused_at: at } : clock;
  });
}

/** Let the clocks that stand still run on: what they stood still moves their end. */
export function goOn(task: Task, { at }: { readonly at: Instant }): Task {
  return changed(task, (clock) => {
    if (!clock.paused_at) return clock;
    const stoodStillMs = Math.max(Date.parse(at) - Date.parse(clock.paused_at), 0);
    const due_at = new Date(Date.parse(clock.due_at) + stoodStillMs).toISOString();
    return { ...clock, paused_at: null, due_at };
  });
}

/**
 * Find what an order may be returned or suspended for; null where a phone does not know.
 *
 * @param known the reasons of the district's policy sets; the first set is in force.
 */
export function reasonsOf(task: Task, known: readonly PolicyReasons[]): PolicyReasons | null {
  const own = (task.clocks ?? []).find(({ promise }) => !promise)?.policy ?? null;
  const found = own === null ? known[0] : known.find(({ policy }) => policy === own);
  return found ?? null;
}

/** List the promises on an order that still run, the next to end first. */
export function listRunning(task: Task): (TaskClock & { promise: TaskPromise })[] {
  return (task.clocks ?? [])
    .flatMap((clock) =>
      clock.promise && !clock.stopped_at ? [{ ...clock, promise: clock.promise }] : [],
    )
    .sort((one, other) => Date.parse(one.due_at) - Date.parse(other.due_at));
}

function isKept(task: Task, clock: TaskClock, event: string, at: Instant): boolean {
  const { promise, stop_event } = clock;
  if (!promise) return stop_event ? implies(event, stop_event) : false;
  return proves(promise.aim, event, {
    byMs: Date.parse(at),
    openedMs: Date.parse(task.opened_at),
    givenMs: Date.parse(promise.given_at),
    fromMs: promise.from_at ? Date.parse(promise.from_at) : null,
  });
}

function changed(task: Task, change: (clock: TaskClock) => TaskClock): Task {
  return task.clocks ? { ...task, clocks: task.clocks.map(change) } : task;
}
