/** Where the conversation stands: taken up from what the store remembers, and said in words. */

import * as errors from "../errors";
import * as pacing from "../rules/pacing";
import type { Tables } from "../store/connection";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import type { State } from "./conversation";
import * as protocol from "./protocol";

const MS_PER_S = 1000;

/** Take the conversation up from what the store remembers. */
export function takeUp(tables: Tables): State {
  const sent = settings.findNumber(tables, Name.SENT_THROUGH);
  return protocol.begin({
    unsure: sent > settings.findNumber(tables, Name.SETTLED_THROUGH),
    signedOut: settings.find(tables, Name.SIGNED_OUT) !== null,
    wiped: settings.find(tables, Name.WIPED) !== null,
  });
}

/**
 * Take the conversation up for a timer that woke this handheld together with many others.
 *
 * Its own `due` does nothing before the state's `waitUntil`; a person's `asked` does not wait.
 */
export function woken(tables: Tables, now: Date): State {
  const delayS = pacing.wakeDelayS(settings.find(tables, Name.DEVICE) ?? "");
  return { ...takeUp(tables), waitUntil: new Date(now.getTime() + delayS * MS_PER_S) };
}

/** Say what stands between the crew and any sync, whatever went wrong last. */
export function refusal(tables: Tables, state: State): errors.Refused | null {
  switch (state.phase) {
    case "signed_out":
      return new errors.SignedOut();
    case "wiped":
    case "last_words":
      return new errors.Wiped({ notice: settings.find(tables, Name.WIPED) ?? "" });
    default:
      return null;
  }
}
