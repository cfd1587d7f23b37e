/** How far an order is from where the phone was last seen. */

import type { Sighting } from "../device/position";
import { distanceM } from "../rules/geodesy";
import type { Task } from "../wire";
import { middleOf } from "./fence";

/** Measure in a straight line to the middle of the site; null where either place is unknown. */
export function distanceTo(task: Task, from: Sighting | null): number | null {
  if (from === null || !task.site) return null;
  const at = middleOf(task.site.geometry, task.site.datum);
  return at === null ? null : distanceM(from.latDeg, from.lonDeg, at.latDeg, at.lonDeg);
}
