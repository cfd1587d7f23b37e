/**
 * The window of a promise to a customer: whether it may be given or moved, and what keeps it.
 *
 * A customer who was told "between two and four" waits from two to four, so an arrival before the
 * window keeps nothing: a crew that waits for it checks in again when it opens.
 * Light, and the end of the work, are what the customer wants: they keep it however early.
 * Instants in ms.
 */

import type { Aim } from "../wire";

/** No promise reaches farther ahead than this from the day on which it is given. */
export const AHEAD_DAYS_MAX = 366;
const MS_PER_DAY = 86_400_000;

/** Why a window cannot be promised. */
export type Fault = "over" | "backwards" | "too_far";

/** Why a promise cannot be agreed anew. */
export type Hindrance = "settled" | "after_due";

const AIMS: Readonly<Record<Aim, readonly string[]>> = {
  arrive: ["arrive", "restore", "finish"],
  restore: ["restore", "finish"],
  finish: ["finish"],
};

/** Judge a window that is about to be promised; without `fromMs` it opens at once. */
export function fault(
  givenMs: number,
  { fromMs, dueMs }: { readonly fromMs: number | null; readonly dueMs: number },
): Fault | null {
  if (fromMs !== null && dueMs <= fromMs) return "backwards";
  if (dueMs <= givenMs) return "over";
  return dueMs - givenMs > AHEAD_DAYS_MAX * MS_PER_DAY ? "too_far" : null;
}

/** Say why a promise cannot be agreed anew at an instant; null when it can. */
export function hindrance(
  atMs: number,
  { dueMs, endedMs }: { readonly dueMs: number; readonly endedMs: number | null },
): Hindrance | null {
  if (endedMs !== null && endedMs <= atMs) return "settled";
  return atMs > dueMs ? "after_due" : null;
}

/** Tell whether an event shows that a promise's aim was reached. */
export function proves(
  aim: Aim,
  event: string,
  since: {
    /** When it had happened at the latest. */
    readonly byMs: number;
    readonly openedMs: number;
    readonly givenMs: number;
    readonly fromMs: number | null;
  },
): boolean {
  const { byMs, openedMs, givenMs, fromMs } = since;
  if (!AIMS[aim].includes(event)) return false;
  if (event === "finish") return byMs >= openedMs;
  if (byMs < givenMs) return false;
  return event !== "arrive" || fromMs === null || byMs >= fromMs;
}
