/**
 * Telling the office where this phone can be woken, and when it wants to be woken no more.
 *
 * What the person wants is kept here at once; the office is told when there is signal, and again
 * whenever the browser, the language or the office's key has changed. The line that does not carry
 * it now carries it after the next round.
 */

import type { Edge } from "../clock";
import * as errors from "../errors";
import type { Store } from "../store/connection";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import type { PushSubscription as Told, Tongue } from "../wire";
import { StoredKeys } from "./keys";
import { Prover } from "./proofs";
import type { Transport } from "./transport";

const YES = "yes";
const OFF = "push-off";

/** Where the browser can be woken, and its keys; the language is ours to add. */
export type Address = Omit<Told, "lang">;

/** The browser's part in it. */
export interface Browser {
  /** Whether the person has allowed it and the browser can. */
  isAllowed(): boolean;
  /** Give the address that it has; null where it is not subscribed. */
  find(): Promise<Address | null>;
  /** Subscribe with the office's key; one that was made with it stays. Throws `PushFailed`. */
  subscribe(key: string): Promise<Address>;
  /** Be woken no more; again changes nothing. */
  unsubscribe(): Promise<void>;
}

/** How this phone and the office stand about it. */
export type Standing = "off" | "wanted" | "told";

/** Tell what the person wants, and whether the office knows. */
export function standing(tables: Store["tables"]): Standing {
  if (settings.find(tables, Name.PUSH_WANTED) !== YES) return "off";
  return settings.find(tables, Name.PUSH_TOLD) === null ? "wanted" : "told";
}

/** Keep what the person wants. */
export function want(store: Store, wanted: boolean): Promise<void> {
  return store.writing((tables) => {
    if (wanted) settings.put(tables, Name.PUSH_WANTED, YES);
    else settings.drop(tables, Name.PUSH_WANTED);
  });
}

/**
 * Bring the office and the browser to what the person wants.
 *
 * `fully` asks for the office's key again although nothing seems to have changed.
 *
 * Throws `NoSignal`, `TokenRefused`, `Revoked`, and `ServerRefused` where the office wakes nobody;
 * then it is not wanted any more.
 */
export async function settle(
  store: Store,
  line: Transport,
  edge: Edge,
  { browser, lang, fully }: { browser: Browser; lang: Tongue; fully: boolean },
): Promise<void> {
  const { tables } = store;
  const token = settings.find(tables, Name.ACCESS_TOKEN);
  const told = settings.find(tables, Name.PUSH_TOLD);
  if (token === null) return;
  const proven = line.proving(new Prover(new StoredKeys(store), edge));
  if (standing(tables) === "off") {
    if (told !== null) await leave(store, proven, { browser, token });
    return;
  }
  if (!browser.isAllowed()) return;
  const found = await browser.find();
  if (!fully && found !== null && written(found, lang) === told) return;
  try {
    const { key } = await proven.pushKey(token);
    const now = await browser.subscribe(key);
    await proven.subscribe({ ...now, lang }, token);
    await store.writing((draft) => settings.put(draft, Name.PUSH_TOLD, written(now, lang)));
  } catch (error) {
    if (error instanceof errors.ServerRefused && error.serverCode === OFF) await want(store, false);
    throw error;
  }
}

/** Say that this phone wants to be woken no more, as far as the line carries it. */
export async function signOff(
  store: Store,
  line: Transport,
  edge: Edge,
  browser: Browser,
): Promise<void> {
  const token = settings.find(store.tables, Name.ACCESS_TOKEN);
  if (standing(store.tables) === "off" && settings.find(store.tables, Name.PUSH_TOLD) === null) {
    return;
  }
  await want(store, false);
  const proven = line.proving(new Prover(new StoredKeys(store), edge));
  try {
    await leave(store, proven, { browser, token });
  } catch (error) {
    // Without the browser's subscription the push service answers the office that it is gone.
    if (!(error instanceof errors.Refused)) throw error;
  }
}

async function leave(
  store: Store,
  proven: Transport,
  { browser, token }: { browser: Browser; token: string | null },
): Promise<void> {
  await browser.unsubscribe();
  if (token !== null) await proven.unsubscribe(token);
  await store.writing((tables) => settings.drop(tables, Name.PUSH_TOLD));
}

function written({ endpoint, p256dh, auth }: Address, lang: Tongue): string {
  return JSON.stringify({ endpoint, p256dh, auth, lang } satisfies Told);
}
