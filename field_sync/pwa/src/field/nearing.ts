/** Promises on orders in hand that are near their end, as the crew's own clocks tell. */

import { nearMs } from "../rules/clocks";
import type { Task, TaskClock } from "../wire";

/** A promise that a crew can still keep, if it hurries; instants in ms of the server's clock. */
export interface Near {
  /** Names the promise: another one of its kind on the same order is due at another time. */
  readonly key: string;
  readonly taskId: string;
  readonly title: string;
  /** What is promised, as `arrive`. */
  readonly kind: string;
  readonly nearMs: number;
  readonly dueMs: number;
}

const IN_HAND: ReadonlySet<Task["state"]> = new Set([
  "dispatched",
  "accepted",
  "en_route",
  "arrived",
  "working",
  "suspended",
]);

/** List every promise on orders in hand that is or will be near its end, by when it will. */
export function listPromises(tasks: readonly Task[]): Near[] {
  return tasks
    .filter(({ state }) => IN_HAND.has(state))
    .flatMap((task) => (task.clocks ?? []).flatMap((clock) => promised(task, clock)))
    .sort((one, other) => one.nearMs - other.nearMs || (one.key < other.key ? -1 : 1));
}

/** Tell whether a promise is near its end at an instant; one that is late is so no more. */
export function isNear(promise: Near, nowMs: number): boolean {
  return promise.nearMs <= nowMs && nowMs <= promise.dueMs;
}

/** Say when the list of those that are near changes next; null where it never will. */
export function nextChangeMs(promises: readonly Near[], nowMs: number): number | null {
  // A promise is near up to its last instant, and late right after it.
  const changes = promises.flatMap((promise) => [promise.nearMs, promise.dueMs + 1]);
  const ahead = changes.filter((atMs) => atMs > nowMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

function promised(task: Task, clock: TaskClock): Near[] {
  const { kind, due_at, stopped_at, started_at, stop_event } = clock;
  // An older server does not say since when it runs.
  if (!started_at || !stop_event) return [];
  const dueMs = Date.parse(due_at);
  const near = nearMs({
    startedMs: Date.parse(started_at),
    dueMs,
    isStopped: Boolean(stopped_at),
    stopEvent: stop_event,
  });
  if (near === null) return [];
  const { id: taskId, title } = task;
  return [{ key: `${taskId} ${kind} ${due_at}`, taskId, title, kind, nearMs: near, dueMs }];
}
