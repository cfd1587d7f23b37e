/** The order of Today: the most urgent first, then the nearest, then the promise that ends first. */

import type { Task, TaskClock } from "../wire";

/** What an order has of which nobody said how urgent it is. */
export const URGENCY = 3;

/** Where the crew is, and how to measure from there; `null` where nobody knows. */
export type Measure = (task: Task) => number | null;

export interface Placed {
  readonly task: Task;
  readonly distanceM: number | null;
}

/** Sort work for the crew: settled steps last, then by urgency, distance, promise and age. */
export function sorted<T extends { readonly task: Task }>(
  works: readonly T[],
  measure: Measure,
): (T & { readonly distanceM: number | null })[] {
  return works
    .map((work) => ({ ...work, distanceM: measure(work.task) }))
    .sort((one, other) => compare(one, other));
}

/** Find the promise that ends first of those that still run, else of those that stand still. */
export function nextClock(task: Task): TaskClock | null {
  const open = (task.clocks ?? []).filter((clock) => !clock.stopped_at);
  const running = open.filter((clock) => !clock.paused_at);
  return (running.length > 0 ? running : open).reduce<TaskClock | null>(
    (first, clock) => (first === null || clock.due_at < first.due_at ? clock : first),
    null,
  );
}

/** Tell whether a crew has nothing to do on an order just now. */
export function rests(task: Task): boolean {
  return !ACTIVE.has(task.state);
}

/** Tell whether an order's clocks are shown: it can be worked on, or waits until it can. */
export function counts(task: Task): boolean {
  return !rests(task) || task.state === "suspended";
}

const ACTIVE: ReadonlySet<Task["state"]> = new Set([
  "dispatched",
  "accepted",
  "en_route",
  "arrived",
  "working",
  "restored",
]);

function compare(one: Placed, other: Placed): number {
  // Two that nobody can measure differ by NaN, which like 0 leaves it to the next line.
  return (
    Number(rests(one.task)) - Number(rests(other.task)) ||
    (one.task.urgency ?? URGENCY) - (other.task.urgency ?? URGENCY) ||
    (one.distanceM ?? Infinity) - (other.distanceM ?? Infinity) ||
    dueMs(one.task) - dueMs(other.task) ||
    Date.parse(one.task.opened_at) - Date.parse(other.task.opened_at) ||
    (one.task.id < other.task.id ? -1 : 1)
  );
}

function dueMs(task: Task): number {
  const clock = nextClock(task);
  return clock === null ? Infinity : Date.parse(clock.due_at);
}
