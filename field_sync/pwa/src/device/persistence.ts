/** Whether the phone keeps what we store, and how much room is left. */

import { signal } from "@preact/signals";

/** How much room was left when it was last measured, once it is nearly used up; else null. */
export const scarceBytes = signal<number | null>(null);

/** Below this share of free room the crew is told, while there is still room to work on. */
const NEARLY_FULL_FRACTION = 0.9;
const FREE_BYTES_MIN = 50_000_000;
/** As large as a photo is once it is made small, and what is kept with it. */
const PHOTO_BYTES = 800_000;

export interface Room {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly persisted: boolean;
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
  scarceBytes.value = isNearlyFull(usage, quota) ? Math.max(quota - usage, 0) : null;
  const persisted = (await navigator.storage.persisted?.()) ?? false;
  return { usedBytes: usage, quotaBytes: quota, persisted };
}

/** Tell whether the room is nearly used up. */
export function isNearlyFull(usedBytes: number, quotaBytes: number): boolean {
  if (quotaBytes <= 0) return false;
  return usedBytes > quotaBytes * NEARLY_FULL_FRACTION || quotaBytes - usedBytes < FREE_BYTES_MIN;
}

/** Tell about how many photos still fit. */
export function photosIn(leftBytes: number): number {
  return Math.floor(leftBytes / PHOTO_BYTES);
}
