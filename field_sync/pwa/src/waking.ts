/**
 * Being woken by the office: the person turns it on with a tap, and the office is told with signal.
 *
 * A push while the app is open lets it sync; what a tapped notice is about is opened.
 */

import { effect, signal } from "@preact/signals";
import { type Ability, ability, ask, browser } from "./device/push";
import { hearPushes } from "./device/pushes";
import * as errors from "./errors";
import { roundSoon, syncNow } from "./rounds";
import { edge, line, pushStanding, safety, store } from "./session";
import * as push from "./sync/push";
import type { Words } from "./wire";
import { lang } from "./words/words";

/** How this browser stands to being woken, as of the last look. */
export const able = signal<Ability>(ability());
/** Why the office could not be told, for the person who has just turned it on. */
export const pushTrouble = signal<Words | null>(null);

/** Whether the office's key was compared since the page was opened. */
let compared = false;
let telling = false;

/** Hear pushes and tapped notices; before the page has come, or what is said meanwhile is lost. */
export function hearWaking(): void {
  hearPushes({
    pushed: roundSoon,
    go: (hash) => {
      location.hash = hash;
    },
  });
}

/** Keep the office told, from now on. */
export function keepWaking(): void {
  document.addEventListener("visibilitychange", () => {
    able.value = ability();
  });
  effect(() => {
    // After each contact, and when the person speaks another language by now.
    void lang.value;
    if (safety.value.wiped) void browser.unsubscribe();
    else if (safety.value.syncedAt !== null) queueMicrotask(() => void tellOffice());
  });
}

/** Turn it on; the browser asks the person the first time. */
export async function turnOn(): Promise<void> {
  able.value = await ask();
  if (able.value !== "able" || store.value === null) return;
  pushTrouble.value = null;
  await push.want(store.value, true);
  await syncNow(); // which renews a token that has lapsed
  await tellOffice();
}

/** Turn it off. */
export async function turnOff(): Promise<void> {
  if (store.value === null) return;
  pushTrouble.value = null;
  await push.want(store.value, false);
  await browser.unsubscribe();
  await tellOffice();
}

/** Let the office wake this phone no more, as far as the line carries it; nobody waits for that. */
export function forgetPush(): void {
  if (store.value !== null) void push.signOff(store.value, line(), edge, browser);
}

async function tellOffice(): Promise<void> {
  const opened = store.value;
  if (opened === null || telling) return;
  telling = true;
  try {
    const asked = { browser, lang: lang.value, fully: !compared };
    await push.settle(opened, line(), edge, asked);
    if (pushStanding.value !== "told") return; // a refusal stays to be read after a later contact
    compared = true;
    pushTrouble.value = null;
  } catch (error) {
    if (!(error instanceof errors.Refused)) throw error;
    // A line that does not carry it now does after the next contact; the rest is said.
    const isLine = error instanceof errors.NoSignal || error instanceof errors.TokenRefused;
    if (!isLine) pushTrouble.value = error.words;
  } finally {
    telling = false;
  }
}
