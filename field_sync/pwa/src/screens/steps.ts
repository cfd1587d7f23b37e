/** What a crew can do next on an order: one big button, and what else its life allows. */

import { type Event, eventsFrom } from "../rules/transitions";
import type { Task } from "../wire";

/** The moves that are a crew's own. */
export type CrewEvent = Extract<
  Event,
  "accept" | "return" | "set_out" | "arrive" | "start" | "restore" | "finish" | "suspend" | "resume"
>;

export interface Steps {
  /** What comes next on the straight road; null where nothing does. */
  readonly main: CrewEvent | null;
  /** Farther along the road: for who forgot a button. */
  readonly ahead: readonly CrewEvent[];
  /** Off the road, with a reason: return, suspend. */
  readonly aside: readonly CrewEvent[];
}

/** The straight road, in the order in which a crew walks it. */
const ROAD: readonly CrewEvent[] = [
  "resume",
  "accept",
  "set_out",
  "arrive",
  "start",
  "restore",
  "finish",
];
const ASIDE: readonly CrewEvent[] = ["suspend", "return"];

/** List what a crew can do. */
export function steps(task: Task): Steps {
  const possible: ReadonlySet<Event> = new Set(eventsFrom(task.kind, task.state));
  const [main = null, ...ahead] = ROAD.filter((event) => possible.has(event));
  return { main, ahead, aside: ASIDE.filter((event) => possible.has(event)) };
}
