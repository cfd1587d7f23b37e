/** This browser's push: whether it can, whether the person allows it, and its subscription. */

import * as errors from "../errors";
import { segment } from "../rules/proofs";
import type { Address, Browser } from "../sync/push";

/** Whether this phone can be woken, and what stands against it. */
export type Ability = "able" | "unasked" | "denied" | "home-screen" | "unable";

const APPLE_HAND = /iPhone|iPad/;

/** Tell how this browser stands to being woken; it asks the person nothing. */
export function ability(): Ability {
  if (!("serviceWorker" in navigator) || !isSecureContext) return "unable";
  // On iOS only an app of the home screen has push at all.
  if (!("PushManager" in globalThis) || !("Notification" in globalThis)) {
    return APPLE_HAND.test(navigator.userAgent) && !isInstalled() ? "home-screen" : "unable";
  }
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" ? "able" : "unasked";
}

/** Ask the person, who must have just tapped something; tell how it stands then. */
export async function ask(): Promise<Ability> {
  if (ability() === "unasked") await Notification.requestPermission();
  return ability();
}

/** The browser as the protocol's door sees it. */
export const browser: Browser = {
  isAllowed: () => ability() === "able",
  find: async () => addressOf((await manager())?.getSubscription()),
  subscribe: async (key) => {
    try {
      return await subscribed(key);
    } catch (error) {
      if (error instanceof errors.Refused) throw error;
      // No push service of the browser's maker answers here, or the browser has none.
      throw new errors.PushFailed({}, { cause: error });
    }
  },
  unsubscribe: async () => {
    const found = await (await manager())?.getSubscription();
    await found?.unsubscribe();
  },
};

/** Show a notice now, if the person allows it. */
export async function show(words: string, about: { id: string; kind: string }): Promise<void> {
  if (ability() !== "able") return;
  const { id, kind } = about;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.showNotification(words, { tag: `${kind}:${id}`, data: { id } });
}

async function subscribed(key: string): Promise<Address> {
  const registration = await navigator.serviceWorker.ready;
  const asked = { userVisibleOnly: true, applicationServerKey: key };
  const before = await registration.pushManager.getSubscription();
  if (before !== null && !isWith(before, key)) await before.unsubscribe();
  const address = await addressOf(registration.pushManager.subscribe(asked));
  if (address === null) throw new errors.PushFailed();
  return address;
}

async function manager(): Promise<PushManager | undefined> {
  if (!("serviceWorker" in navigator)) return undefined;
  return (await navigator.serviceWorker.getRegistration())?.pushManager;
}

async function addressOf(
  asked: Promise<PushSubscription | null> | undefined,
): Promise<Address | null> {
  const found = (await asked)?.toJSON();
  const { endpoint, keys } = found ?? {};
  if (!endpoint || !keys?.p256dh || !keys.auth) return null;
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
}

/** Tell whether a subscription was made with the office's key as it is now. */
function isWith(subscription: PushSubscription, key: string): boolean {
  const bytes = subscription.options.applicationServerKey;
  if (bytes === null) return false;
  return segment(new Uint8Array(bytes)) === key;
}

function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches;
}
