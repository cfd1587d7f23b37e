/** What a crew promises the customer at the door, and agrees on anew, also without signal. */

import type { Edge } from "../clock";
import * as errors from "../errors";
import { listRunning } from "../rules/promising";
import * as reasons from "../rules/reasons";
import * as windows from "../rules/windows";
import type { Store, Tables } from "../store/connection";
import type { Entry } from "../store/outbox";
import type { Aim, Consent, Instant, PromiseMade, PromiseReagreed } from "../wire";
import * as keeping from "./keeping";
import * as view from "./view";

/** When it shall come: from now on, where no begin is named. */
export interface Window {
  readonly from: Instant | null;
  readonly due: Instant;
  readonly words: string;
}

/**
 * Keep what the customer was promised; it counts down on the order at once.
 *
 * @throws WindowFaulty nobody can be promised such a window.
 * @throws Malformed words or a name are missing, or too long.
 */
export function make(
  store: Store,
  edge: Edge,
  act: Window & {
    readonly taskId: string;
    readonly customer: string;
    readonly contact: string;
    readonly aim: Aim;
  },
): Promise<Entry> {
  return store.writing((tables) => {
    const task = view.getTask(tables, act);
    requireWindow(tables, edge, act);
    const body: PromiseMade = {
      customer: act.customer,
      contact: act.contact,
      channel: "at_door",
      aim: act.aim,
      from_at: act.from,
      due_at: act.due,
      words: act.words,
      consent: null,
    };
    return keeping.keep(tables, edge, { task, type: "promise.make", body });
  });
}

/**
 * Keep that the customer consented to another window, before the promise is due.
 *
 * @throws VagueReason the reason says nothing.
 * @throws NoPromise the order has no such promise that still runs.
 * @throws PromiseOver it is due already.
 * @throws WindowFaulty nobody can be promised such a window.
 */
export async function reagree(
  store: Store,
  edge: Edge,
  act: Window & {
    readonly taskId: string;
    readonly promiseId: string;
    readonly consent: Required<Consent>;
    readonly why: string;
  },
): Promise<Entry> {
  const vague = reasons.check(act.why);
  if (vague !== null) throw new errors.VagueReason({ fault: vague });
  return store.writing((tables) => {
    const task = view.getTask(tables, act);
    const clock = listRunning(task).find(({ promise }) => promise.id === act.promiseId);
    if (clock === undefined) throw new errors.NoPromise({ id: act.promiseId });
    const nowMs = view.serverTime(tables, edge.moment()).getTime();
    const dueMs = Date.parse(clock.due_at);
    if (windows.hindrance(nowMs, { dueMs, endedMs: null }) !== null) {
      throw new errors.PromiseOver({ due_at: clock.due_at });
    }
    requireWindow(tables, edge, act);
    const body: PromiseReagreed = {
      channel: "at_door",
      from_at: act.from,
      due_at: act.due,
      words: act.words,
      consent: act.consent,
      why: act.why,
      promise_id: act.promiseId,
    };
    return keeping.keep(tables, edge, { task, type: "promise.reagree", body });
  });
}

function requireWindow(tables: Tables, edge: Edge, { from, due }: Window): void {
  const nowMs = view.serverTime(tables, edge.moment()).getTime();
  const fromMs = from === null ? null : Date.parse(from);
  const fault = windows.fault(nowMs, { fromMs, dueMs: Date.parse(due) });
  if (fault !== null) throw new errors.WindowFaulty({ fault });
}
