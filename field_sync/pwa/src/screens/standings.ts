/** How a clock of an order stands, as far as this phone can know it. */

import { type Seen, clock as seen } from "../rules/seen";
import type { TaskClock } from "../wire";

/** Tell how it stands; `unsent` records on its order are still only on this phone. */
export function standing(clock: TaskClock, nowMs: number, unsent: number): Seen {
  return seen(nowMs, {
    startedMs: msOf(clock.started_at),
    dueMs: Date.parse(clock.due_at),
    stoppedMs: msOf(clock.stopped_at),
    pausedMs: msOf(clock.paused_at),
    stopEvent: clock.stop_event ?? null,
    isUnsent: unsent > 0,
  });
}

function msOf(instant: string | null | undefined): number | null {
  return instant ? Date.parse(instant) : null;
}
