/** What the map marks: orders and meters, where they are and how they stand. */

import type { LatLon } from "../device/position";
import type { Work } from "../field/view";
import type { Stop, Task } from "../wire";
import { middleOf } from "./fence";
import { rests, URGENCY } from "./ordering";
import type { Place } from "./places";

/** How a mark stands: at risk, still to do, or nothing left to do. */
export type Tone = "urgent" | "open" | "done";

export interface Mark {
  /** Its order's, or its meter's stop's; two kinds of things never share an id. */
  readonly id: string;
  readonly kind: "order" | "meter";
  readonly at: LatLon;
  /** The fence around an order's site. */
  readonly radiusM: number | null;
  readonly tone: Tone;
  /** An order's state; a meter has none of its own. */
  readonly state: Task["state"] | null;
  readonly title: string;
  /** What is written on its card below. */
  readonly address: string;
  readonly to: Place;
}

/** So urgent an order is red. */
const URGENT_MAX = 2;

/** Mark every order that has a site, and every stop of the routes, with what is left on top. */
export function marksOf(
  works: readonly Work[],
  stopsOf: (routeId: string) => readonly Stop[],
): readonly Mark[] {
  const marks = works.flatMap(({ task }) =>
    task.kind === "route"
      ? stopsOf(task.id).flatMap((stop) => meterMark(stop, task.id))
      : orderMark(task),
  );
  return marks.sort((one, other) => layer(one) - layer(other));
}

function orderMark(task: Task): Mark[] {
  const { site } = task;
  const at = site ? middleOf(site.geometry, site.datum) : null;
  if (!site || at === null) return [];
  const tone = rests(task) ? "done" : (task.urgency ?? URGENCY) <= URGENT_MAX ? "urgent" : "open";
  return [
    {
      id: task.id,
      kind: "order",
      at,
      radiusM: site.radius_m,
      tone,
      state: task.state,
      title: task.title,
      address: site.address ?? "",
      to: { kind: "order", id: task.id },
    },
  ];
}

function meterMark(stop: Stop, routeId: string): Mark[] {
  const at = middleOf(stop.geometry, stop.datum);
  if (at === null) return [];
  return [
    {
      id: stop.id,
      kind: "meter",
      at,
      radiusM: null,
      tone: stop.state === "open" ? "open" : "done",
      state: null,
      title: stop.serial,
      address: stop.address,
      to: { kind: "meter", id: routeId, stop: stop.id },
    },
  ];
}

/** What is drawn later covers what is drawn before. */
function layer({ kind, tone }: Mark): number {
  const tones: Readonly<Record<Tone, number>> = { done: 0, open: 1, urgent: 2 };
  return tones[tone] * 2 + (kind === "order" ? 1 : 0);
}
