/**
 * Pacing: when phones come, and with how much, so that a crowd never comes in one second.
 *
 * Each device has a place of its own between 0 and 1, made from its id: nobody has to hand places
 * out, and a phone keeps its place over restarts.
 * Seconds everywhere.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** Phones that a timer wakes together start within this: 5,000 are then 8 or 9 a second. */
export const WAKE_WINDOW_S = 600;
/** Between two contacts of a phone with nothing to say, on average, when the server is idle. */
export const QUIET_S = 60;
/** The places of devices spread the quiet over so much of it, evenly around its average. */
export const QUIET_SPREAD = 0.5;
/** So many times longer is the quiet when the server has no place left. */
export const LOADED_TIMES = 10;
/** A push should take about so long: well within any timeout, long enough to be worth its way. */
export const EXCHANGE_S = 5;
/** A slow line shrinks no push below this: what a bad hour took away is soon regained. */
export const BATCH_MIN = 25;
const PLACE_BITS = 53;
const GROWTH = 4;
const EASY = 0.25;

/** Give a device's place: from 0 up to, but not, 1; the same for ever, evenly spread. */
export function place(deviceId: string): number {
  const digest = sha256(utf8ToBytes(deviceId));
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
  return Number(number >> BigInt(64 - PLACE_BITS)) / 2 ** PLACE_BITS;
}

/**
 * Tell how long a phone that a timer woke waits before it starts.
 *
 * Only a timer's round waits; a person who wants to sync is never delayed.
 */
export function wakeDelayS(deviceId: string): number {
  return place(deviceId) * WAKE_WINDOW_S;
}

/** Tell when a phone with nothing to say should come again; `load` is the server's, 0 to 1. */
export function nextInS(deviceId: string, { load }: { readonly load: number }): number {
  const spread = 1 + QUIET_SPREAD * (place(deviceId) - 0.5);
  return QUIET_S * spread * (1 + (LOADED_TIMES - 1) * load * load);
}

/** The last push: its operations (at least 1), how long it took, and the most that it might have had. */
export interface Push {
  readonly sent: number;
  readonly tookS: number;
  readonly batch: number;
}

/** Work out the most operations of the next push from how long the last one took. */
export function nextBatch(push: Push & { readonly batchMax: number }): number {
  const { sent, tookS, batch, batchMax } = push;
  if (tookS > EXCHANGE_S) {
    return Math.max(Math.trunc((sent * EXCHANGE_S) / tookS), Math.min(sent, BATCH_MIN));
  }
  if (sent >= batch && tookS < EXCHANGE_S * EASY) return Math.min(batch * GROWTH, batchMax);
  return batch;
}

/**
 * Work out the most operations of the next push after one that got no answer.
 *
 * One that failed at once says nothing of its size.
 */
export function batchAfterSilence({ sent, tookS, batch }: Push): number {
  if (tookS <= EXCHANGE_S) return batch;
  return Math.max(Math.floor(sent / 2), Math.min(sent, BATCH_MIN));
}

/** Work out the most operations of the next push after one whose body was too large. */
export function batchAfterTooLarge({ sent }: { readonly sent: number }): number {
  return Math.max(Math.floor(sent / 2), 1);
}
