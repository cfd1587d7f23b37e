/** How a promise to the customer stands, as far as this phone can know it. */

import { left } from "../parts/countdown";
import type { TaskClock } from "../wire";

/** `…_here`: the office has not heard all of it, and decides when it does. */
export type Standing = "running" | "near" | "kept" | "kept_here" | "late" | "late_here" | "broken";

/** Tell how it stands; `unsent` records on its order are still only on this phone. */
export function standing(clock: TaskClock, nowMs: number, unsent: number): Standing {
  const dueMs = Date.parse(clock.due_at);
  if (clock.stopped_at) {
    if (Date.parse(clock.stopped_at) > dueMs) return "broken";
    return unsent > 0 ? "kept_here" : "kept";
  }
  switch (left(dueMs, nowMs).nearness) {
    case "far":
      return "running";
    case "near":
      return "near";
    case "late":
      return unsent > 0 ? "late_here" : "late";
  }
}
