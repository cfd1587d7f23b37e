/** Whether the screen is locked: at the start, and when nobody has looked for a while. */

import { computed, signal } from "@preact/signals";
import { attempt, find, type Kept, keep, make, newSalt } from "../device/pin";

/** Out of sight for so long, the screen locks. */
const AWAY_MS = 5 * 60_000;

const kept = signal<Kept | null>(find());

export const hasPin = computed(() => kept.value !== null);
export const locked = signal(kept.value !== null);

/** Set a PIN, or take it off. */
export async function setPin(pin: string | null): Promise<void> {
  const made = pin === null ? null : await make(pin, newSalt());
  keep(made);
  kept.value = made;
  if (made === null) locked.value = false;
}

export type Unlocked = "right" | "wrong" | { readonly waitS: number };

/** Try to unlock the screen. */
export async function unlock(pin: string): Promise<Unlocked> {
  if (kept.value === null) {
    locked.value = false;
    return "right";
  }
  const tried = await attempt(kept.value, pin, Date.now());
  switch (tried.kind) {
    case "wait":
      return { waitS: Math.ceil((tried.untilMs - Date.now()) / 1000) };
    case "wrong":
      count(tried.kept);
      return "wrong";
    case "right":
      count({ ...kept.value, wrong: 0, waitUntilMs: 0 });
      locked.value = false;
      return "right";
  }
}

/** Lock the screen now. */
export function lock(): void {
  locked.value = kept.value !== null;
}

/** Lock the screen whenever it was out of sight for long. */
export function lockWhenAway(): void {
  let leftMs: number | null = null;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leftMs = performance.now();
    else if (leftMs !== null && performance.now() - leftMs > AWAY_MS) lock();
  });
}

function count(next: Kept): void {
  keep(next);
  kept.value = next;
}
