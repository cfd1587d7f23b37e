/** Refusals in the person's language, with the trade words in them translated as well. */

import * as errors from "../errors";
import { clockTime } from "./instants";
import { named, t, told } from "./words";

/** Say why something was refused. */
export function refusalWords(refused: errors.Refused): string {
  if (refused instanceof errors.ServerRefused) {
    // The server's own sentence is for people; that it came from the server they need not know.
    const { server_en: en, server_zh: zh } = refused.fields;
    return told({ en: String(en ?? ""), zh: String(zh ?? "") });
  }
  return told(translated(refused).words);
}

function translated(refused: errors.Refused): errors.Refused {
  const { fields } = refused;
  if (refused instanceof errors.WrongStep) {
    const possible = String(fields.possible ?? "")
      .split(", ")
      .map(step);
    return new errors.WrongStep({ ...moved(fields), possible: possible.join(", ") });
  }
  if (refused instanceof errors.AlreadyDone) return new errors.AlreadyDone(moved(fields));
  if (refused instanceof errors.VagueReason) {
    return new errors.VagueReason({ fault: named(t.value.faults, String(fields.fault ?? "")) });
  }
  if (refused instanceof errors.WindowFaulty) {
    const fault = named(t.value.windowFaults, String(fields.fault ?? ""));
    return new errors.WindowFaulty({ fault });
  }
  if (refused instanceof errors.PromiseOver) {
    return new errors.PromiseOver({ due_at: clockTime(String(fields.due_at)) });
  }
  return refused;
}

function moved(fields: errors.Fields): errors.Fields {
  return { state: named(t.value.states, String(fields.state)), step: step(String(fields.step)) };
}

function step(code: string): string {
  return named(t.value.doing, code);
}
