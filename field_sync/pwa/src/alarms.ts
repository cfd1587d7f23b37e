/**
 * Promises near their end: the crew is told by this phone itself, once for each, without a server.
 *
 * A browser lets a page that is out of sight sleep; what came near meanwhile is told when it wakes.
 * Then the office's own notice does it, where this phone may be woken.
 */

import { computed, effect, signal } from "@preact/signals";
import { show } from "./device/push";
import { isNear, listPromises, type Near, nextChangeMs } from "./field/nearing";
import { warn } from "./parts/announcer";
import { locked } from "./screens/locking";
import { nearRead, serverNowMs, store, works } from "./session";
import * as marks from "./store/marks";
import { clockTime } from "./words/instants";
import { named, t } from "./words/words";

/** The server's clock is known better after a contact, so nobody sleeps longer than this. */
const LOOK_MS_MAX = 60_000;
const KIND = "promise_near";

/** Counts the looks at the clock. */
const looks = signal(0);
const promises = computed(() => listPromises(works.value.map(({ task }) => task)));

/** The promises that are near their end now. */
export const near = computed<readonly Near[]>(() => {
  void looks.value;
  const nowMs = serverNowMs();
  return promises.value.filter((each) => isNear(each, nowMs));
});

/** Of those the ones that nobody has looked at here. */
export const nearUnread = computed(() => near.value.filter(({ key }) => !nearRead.value.has(key)));

/** Look at the clock from now on, and tell the crew. */
export function tellOfPromises(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    looks.value += 1;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
  effect(() => {
    void looks.value;
    clearTimeout(timer);
    const nowMs = serverNowMs();
    const nextMs = nextChangeMs(promises.value, nowMs);
    if (nextMs !== null) timer = setTimeout(look, Math.min(nextMs - nowMs, LOOK_MS_MAX));
  });
  effect(() => {
    const now = near.value;
    if (now.length > 0) queueMicrotask(() => void tell(now));
  });
}

/** Keep that somebody has looked at what is near. */
export async function lookAtPromises(): Promise<void> {
  await mark("read", near.value);
}

async function tell(now: readonly Near[]): Promise<void> {
  // Marked first: rather not told after a crash than told again and again.
  const fresh = new Set(await mark("told", now));
  for (const { key, taskId, title, kind, dueMs } of now) {
    if (!fresh.has(key)) continue;
    const words = t.value;
    const at = clockTime(new Date(dueMs));
    // What shows over a locked screen names nobody.
    const inside = words.alarms.near(title, named(words.clocks, kind), at);
    warn(locked.value ? words.alarms.nameless : inside);
    void show(words.alarms.nameless, { id: taskId, kind: KIND });
  }
}

async function mark(as: marks.NearMark, some: readonly Near[]): Promise<readonly string[]> {
  const live = new Set(promises.value.map(({ key }) => key));
  const keys = some.map(({ key }) => key);
  const told = await store.value?.writing((tables) =>
    marks.markNear(tables, { mark: as, keys, live }),
  );
  return told ?? [];
}
