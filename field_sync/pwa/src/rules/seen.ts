/**
 * How a promise stands as its crew sees it, as far as a phone can know it.
 *
 * How a clock is judged is the server's alone: a phone says what it knows, and what is still open.
 */

import { nearMs } from "./clocks";

/** How long before its end it is near, where an older server does not say how it runs. */
export const NEAR_MS = 15 * 60_000;

/** `…_here`: the office has not heard all of it, and decides when it does. */
export type Seen =
  | "running"
  | "near"
  | "still"
  | "kept"
  | "kept_here"
  | "late"
  | "late_here"
  | "broken";

/** A promise as it is asked about; instants in ms. */
export interface Shown {
  readonly startedMs: number | null;
  readonly dueMs: number;
  readonly stoppedMs: number | null;
  readonly pausedMs: number | null;
  readonly stopEvent: string | null;
  /** Whether the office has still to hear of something that was done on its order. */
  readonly isUnsent: boolean;
}

/** Tell how a promise stands by the server's clock. */
export function clock(nowMs: number, shown: Shown): Seen {
  const { dueMs, stoppedMs, isUnsent } = shown;
  if (stoppedMs !== null) {
    if (stoppedMs > dueMs) return "broken";
    return isUnsent ? "kept_here" : "kept";
  }
  if (shown.pausedMs !== null) return "still";
  if (nowMs > dueMs) return isUnsent ? "late_here" : "late";
  const fromMs = nearFromMs(shown);
  return fromMs !== null && nowMs >= fromMs ? "near" : "running";
}

function nearFromMs({ startedMs, dueMs, stopEvent }: Shown): number | null {
  if (startedMs === null || stopEvent === null) return dueMs - NEAR_MS;
  return nearMs({ startedMs, dueMs, isStopped: false, stopEvent });
}
