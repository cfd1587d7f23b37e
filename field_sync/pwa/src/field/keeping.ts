/** How an act is kept: held to its form, then one row of the outbox. */

import type { Edge } from "../clock";
import * as errors from "../errors";
import * as ids from "../ids";
import * as outbox from "../store/outbox";
import type { Tables } from "../store/rows";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import type { OperationBodies, Task } from "../wire";
import { type ActType, faultOf } from "./form";
import * as view from "./view";

export type { ActType } from "./form";

/** An act on an order: its name on the wire, and what was done, all its fields in their order. */
export interface Act<T extends ActType> {
  readonly task: Task;
  readonly type: T;
  readonly body: OperationBodies[T];
}

/**
 * Append the act to the outbox, in the caller's write.
 *
 * @throws NotEnrolled this handheld belongs to nobody yet.
 * @throws Wiped the office has revoked it.
 * @throws Malformed the act does not have its form.
 * @throws OutboxFull too much waits already.
 */
export function keep<T extends ActType>(tables: Tables, edge: Edge, act: Act<T>): outbox.Entry {
  const { task, type, body } = act;
  requireOurs(tables);
  const fault = faultOf(type, body);
  if (fault !== null) throw new errors.Malformed({ reason: fault });
  return outbox.add(tables, {
    id: ids.newId(edge),
    type,
    subject: task.id,
    about: view.about(task.id, type, body),
    basedOn: task.version,
    moment: edge.moment(),
    body,
  });
}

function requireOurs(tables: Tables): void {
  const notice = settings.find(tables, Name.WIPED);
  if (notice !== null) throw new errors.Wiped({ notice });
  if (settings.find(tables, Name.DEVICE) === null) throw new errors.NotEnrolled();
}
