/**
 * When a promise is near its end: what a crew is told of it without any server.
 *
 * A port of `near_at` of schemas/rules/clocks.py; how a clock is judged is the server's alone.
 */

export const WARN_80_FRACTION = 0.8;
/** What the office does to keep a promise: no crew can hurry for it. */
export const OFFICE_EVENTS: ReadonlySet<string> = new Set([
  "call_back",
  "contact",
  "dispatch",
  "answer",
  "reconnect",
  "rectify",
]);

/** A promise as it is asked about; instants in ms. */
export interface Running {
  readonly startedMs: number;
  readonly dueMs: number;
  readonly isStopped: boolean;
  readonly stopEvent: string;
}

/** Say from when on a crew is told, in ms; null where it was kept, or is the office's. */
export function nearMs({ startedMs, dueMs, isStopped, stopEvent }: Running): number | null {
  if (isStopped || OFFICE_EVENTS.has(stopEvent)) return null;
  return startedMs + (dueMs - startedMs) * WARN_80_FRACTION;
}
