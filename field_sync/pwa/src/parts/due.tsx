/** A promise counting down, in the server's time as well as this phone can know it. */

import { useEffect, useState } from "preact/hooks";
import type { Seen } from "../rules/seen";
import { standing } from "../screens/standings";
import { serverNowMs } from "../session";
import type { TaskClock } from "../wire";
import { named, t } from "../words/words";
import { left, nextChangeMs } from "./countdown";

/** How a clock stands that nothing has stopped. */
type Open = Exclude<Seen, "kept" | "kept_here" | "broken">;

/**
 * The digits, with what they count to and how it stands. They are written anew only when they
 * change; one that stands still shows what it has left.
 */
export function Due({ clock, unsent }: { clock: TaskClock; unsent: number }) {
  const dueMs = Date.parse(clock.due_at);
  const nowMs = useNowMs(dueMs);
  const seen = standing(clock, nowMs, unsent) as Open;
  const stillMs = clock.paused_at ? Date.parse(clock.paused_at) : nowMs;
  const { isLate, digits, ...parts } = left(dueMs, stillMs);
  const words = t.value.due;
  const what = words.what[seen](named(t.value.clocks, clock.kind));
  return (
    <span class={`due ${seen}`}>
      <span class="unseen">{isLate ? words.late(what, parts) : words.left(what, parts)}</span>
      <span class="digits" aria-hidden="true">
        {(isLate ? "−" : "") + (digits ?? words.short(parts))}
      </span>
      <span class="what" aria-hidden="true">
        {what}
      </span>
    </span>
  );
}

/** Tell the time as often as the digits change, or the words beside them. */
export function useNowMs(dueMs: number): number {
  const [nowMs, setNowMs] = useState(serverNowMs);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const now = serverNowMs();
      setNowMs(now);
      timer = setTimeout(tick, nextChangeMs(dueMs, now));
    };
    const look = () => {
      clearTimeout(timer);
      // A screen that nobody sees counts nothing down.
      if (document.visibilityState === "visible") tick();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [dueMs]);
  return nowMs;
}
