/** The clocks of an order, counting down, and how each stands in plain words. */

import { Due, useNowMs } from "../parts/due";
import { OFFICE_EVENTS } from "../rules/clocks";
import type { Task, TaskClock } from "../wire";
import { clockTime } from "../words/instants";
import { named, t } from "../words/words";
import { counts } from "./ordering";
import { standing } from "./standings";

export function Clocks({ task, unsent }: { task: Task; unsent: number }) {
  const clocks = task.clocks ?? [];
  const open = counts(task) ? clocks.filter((clock) => !clock.stopped_at) : [];
  const settled = clocks.filter(
    ({ stopped_at, stop_event, promise }) =>
      stopped_at && !promise && !OFFICE_EVENTS.has(stop_event ?? ""),
  );
  const isHeld = open.some((clock) => clock.paused_at);
  return (
    <>
      {task.state === "suspended" && open.length > 0 && !isHeld && (
        <p class="small">{t.value.clockLines.allRun}</p>
      )}
      {open.length > 0 && (
        <ul class="dues">
          {open.map((clock) => (
            <li key={clock.kind + clock.due_at}>
              <Due clock={clock} unsent={unsent} />
              <OpenLine clock={clock} unsent={unsent} />
            </li>
          ))}
        </ul>
      )}
      {settled.map((clock) => (
        <SettledLine key={clock.kind + clock.due_at} clock={clock} unsent={unsent} />
      ))}
    </>
  );
}

/** What a crew should know of a clock that is still open, where the digits do not say it. */
function OpenLine({ clock, unsent }: { clock: TaskClock; unsent: number }) {
  const words = t.value.clockLines;
  const seen = standing(clock, useNowMs(Date.parse(clock.due_at)), unsent);
  if (seen === "still" && clock.paused_at) {
    return <small>{words.still(clockTime(clock.paused_at))}</small>;
  }
  return seen === "late" || seen === "late_here" ? <small>{words[seen]}</small> : null;
}

/** How a clock ended, as far as this phone knows. */
function SettledLine({ clock, unsent }: { clock: TaskClock; unsent: number }) {
  const seen = standing(clock, Date.parse(clock.due_at), unsent);
  const kind = named(t.value.clocks, clock.kind);
  const at = clockTime(clock.stopped_at ?? clock.due_at);
  if (seen !== "kept" && seen !== "kept_here" && seen !== "broken") return null;
  return <p class={`small settled ${seen}`}>{t.value.clockLines[seen](kind, at)}</p>;
}
