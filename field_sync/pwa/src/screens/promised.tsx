/** What the customer of an order was promised, and how each promise stands, in plain words. */

import type { Work } from "../field/view";
import { useNowMs } from "../parts/due";
import type { TaskClock, TaskPromise } from "../wire";
import { clockTime } from "../words/instants";
import { t } from "../words/words";
import { standing } from "./standings";

export function Promised({ work }: { work: Work }) {
  const clocks = (work.task.clocks ?? []).filter((clock) => clock.promise);
  if (clocks.length === 0) return null;
  return (
    <section class="block">
      <h2>{t.value.promises.title}</h2>
      <ul class="lines">
        {clocks.map((clock) => (
          <li key={clock.promise?.id}>
            <OnePromise clock={clock} unsent={work.unsent} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function OnePromise({ clock, unsent }: { clock: TaskClock; unsent: number }) {
  const now = standing(clock, useNowMs(Date.parse(clock.due_at)), unsent);
  const words = t.value.promises;
  if (!clock.promise) return null;
  return (
    <p class={`promise ${now}`}>
      <strong>{lineOf(clock, clock.promise)}</strong>
      <span class="said">{clock.promise.words}</span>
      <span class="standing">{words.standings[now]}</span>
    </p>
  );
}

/** Say a promise in one line: what, and when. */
export function lineOf(clock: TaskClock, promise: TaskPromise): string {
  const words = t.value.promises;
  const from = promise.from_at ? clockTime(promise.from_at) : null;
  return words.line(words.aims[promise.aim], words.window(from, clockTime(clock.due_at)));
}
