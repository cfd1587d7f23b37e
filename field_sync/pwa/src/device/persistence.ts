/** Whether the phone keeps what we store, and how much room is left. */

import { signal } from "@preact/signals";

/** Whether the room was nearly used up when it was last measured. */
export const nearlyFull = signal(false);

/** Below this share of free room the crew is told, while there is still room to tell it in. */
const NEARLY_FULL_FRACTION = 0.9;
const FREE_BYTES_MIN = 50_000_000;

export interface Room {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly persisted: boolean;
  readonly nearlyFull: boolean;
}

/** Ask the browser never to clear our storage by itself; tell whether it agreed. */
export async function askToPersist(): Promise<boolean> {
  if (navigator.storage?.persist === undefined) return false;
  return (await navigator.storage.persisted()) || (await navigator.storage.persist());
}

/** Measure the room; null where the browser does not tell. */
export async function room(): Promise<Room | null> {
  if (navigator.storage?.estimate === undefined) return null;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  nearlyFull.value = isNearlyFull(usage, quota);
  return {
    usedBytes: usage,
    quotaBytes: quota,
    persisted: (await navigator.storage.persisted?.()) ?? false,
    nearlyFull: nearlyFull.value,
  };
}

/** Tell whether the room is nearly used up. */
export function isNearlyFull(usedBytes: number, quotaBytes: number): boolean {
  if (quotaBytes <= 0) return false;
  return usedBytes > quotaBytes * NEARLY_FULL_FRACTION || quotaBytes - usedBytes < FREE_BYTES_MIN;
}
