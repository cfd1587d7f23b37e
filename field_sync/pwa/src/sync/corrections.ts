/** What a crew finds otherwise than the order says; the office may change it meanwhile. */

import type { Edge } from "../clock";
import * as errors from "../errors";
import * as keeping from "../field/keeping";
import * as view from "../field/view";
import { positionOf, samePosition } from "../rules/amending";
import type { Store } from "../store/connection";
import type { Entry } from "../store/outbox";
import type { Amended, Position, TextAmended } from "../wire";

/** What is to be corrected; a field that is not named stays as it is. */
export interface Correction {
  readonly taskId: string;
  /** Whom to call. */
  readonly contact?: string;
  /** What the order says about the trouble. */
  readonly note?: string;
  /** How to get in; only on an order with a site, or with its position. */
  readonly accessNote?: string;
  /** Where the site is. */
  readonly position?: Position;
}

/**
 * Correct what the order says, where the crew found it otherwise.
 *
 * Throws `NotOnPhone`, `NothingChanged` where no field is named or all are as the order says,
 * `SiteNeedsPosition` for words how to get to a site that is nowhere, and `Malformed`.
 */
export function amend(store: Store, edge: Edge, wanted: Correction): Promise<Entry> {
  return store.writing((tables) => {
    const task = view.getTask(tables, { taskId: wanted.taskId });
    const site = task.site ?? null;
    const saw = positionOf(site);
    const { position: set = null } = wanted;
    const body: Amended = {
      contact: amended(task.contact ?? "", wanted.contact),
      note: amended(task.note ?? "", wanted.note),
      access_note: amended(site?.access_note ?? "", wanted.accessNote),
      position: set === null || samePosition(set, saw) ? null : { saw, set },
    };
    if (Object.values(body).every((change) => change === null)) throw new errors.NothingChanged();
    if (body.access_note && site === null && set === null) throw new errors.SiteNeedsPosition();
    return keeping.keep(tables, edge, { task, type: "task.amend", body });
  });
}

function amended(saw: string, wanted: string | undefined): TextAmended | null {
  return wanted === undefined || wanted === saw ? null : { saw, set: wanted };
}
