/** A promise counting down, in the server's time as well as this phone can know it. */

import { useEffect, useState } from "preact/hooks";
import { serverNowMs } from "../session";
import type { TaskClock } from "../wire";
import { named, t } from "../words/words";
import { left, nextChangeMs } from "./countdown";

/** The digits, with what they count to. They are written anew only when they change. */
export function Due({ clock }: { clock: TaskClock }) {
  const dueMs = Date.parse(clock.due_at);
  const nowMs = useNowMs(dueMs);
  const { nearness, digits, ...parts } = left(dueMs, nowMs);
  const words = t.value.due;
  const kind = named(t.value.clocks, clock.kind);
  const shown = (nearness === "late" ? "−" : "") + (digits ?? words.short(parts));
  const spoken = nearness === "late" ? words.late(kind, parts) : words.left(kind, parts);
  return (
    <span class={`due ${nearness}`}>
      <span class="unseen">{spoken}</span>
      <span class="digits" aria-hidden="true">
        {shown}
      </span>
      <span class="what" aria-hidden="true">
        {nearness === "late" ? words.lateShort(kind) : kind}
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
