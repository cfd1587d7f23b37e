/**
 * The basemap: whether there is one, and how much of it this phone keeps.
 *
 * A crew chooses to keep it; from then on it comes piece by piece, waits where there is no signal
 * or only a line that is paid by volume, and goes on where it stopped.
 */

import { computed, signal } from "@preact/signals";
import { isMetered } from "./device/lines";
import { askToPersist, room } from "./device/persistence";
import { preferences } from "./device/preferences";
import * as errors from "./errors";
import { syncNow } from "./rounds";
import { edge, line, store } from "./session";
import { type Kept, openShelf, PIECE_BYTES, piecesOf, type Shelf } from "./store/basemap";
import { find, Name } from "./store/settings";
import * as wanting from "./sync/basemap";
import { StoredKeys } from "./sync/keys";
import { Prover } from "./sync/proofs";
import type { Basemap, Words } from "./wire";

/** What the utility provides; undefined while nobody knows. */
export const offered = signal<Basemap | null | undefined>(undefined);
/** What of an archive is on this phone. */
export const kept = signal<Kept | null>(null);
export type Doing = "resting" | "fetching" | "waiting";
export const doing = signal<Doing>("resting");
/** Why it stopped, or waits. */
export const trouble = signal<Words | null>(null);

/** Whether the whole of an archive is here. */
export const isWhole = computed(() => kept.value !== null && isWholeOf(kept.value));

/** A dead line is tried again after so long. */
const AGAIN_MS = 15_000;
/** So much room must be left for work when the basemap is here. */
const FREE_BYTES_MIN = 100_000_000;
const UNPAID: Words = {
  en: "It waits for Wi-Fi.",
  zh: "等待 Wi-Fi。",
};
const NO_ROOM: Words = {
  en: "There is not enough room on this phone; photos of work come first.",
  zh: "手机空间不足；需优先保留作业照片的空间。",
};

let opening: Promise<Shelf> | null = null;
let isWanted = false;

/** Tell whether all pieces of an archive are here. */
export function isWholeOf({ about, pieces }: Kept): boolean {
  return pieces >= piecesOf(about);
}

/** Tell how many bytes of an archive are here. */
export function bytesOf({ about, pieces }: Kept): number {
  return Math.min(pieces * PIECE_BYTES, about.size_bytes);
}

/** Open the shelf on which the basemap is kept. */
export function shelf(): Promise<Shelf> {
  opening ??= openShelf();
  return opening;
}

/** Look what is kept here and, with signal, what there is. */
export async function lookForBasemap(): Promise<void> {
  kept.value = await (await shelf()).find();
  try {
    offered.value = await wanting.ask(way());
  } catch (error) {
    // Without signal nobody knows; the rest is told when somebody wants the map.
    if (!(error instanceof errors.Refused)) throw error;
  }
}

/** Keep the basemap on this phone: fetch what is missing, however often the line breaks. */
export async function keepBasemap(): Promise<void> {
  if (isWanted) return;
  isWanted = true;
  trouble.value = null;
  doing.value = "fetching";
  await askToPersist();
  try {
    while (isWanted && !(await fetchSome())) await pause();
  } catch (error) {
    if (!(error instanceof errors.Refused)) throw error;
    trouble.value = error.words;
  } finally {
    isWanted = false;
    doing.value = "resting";
    kept.value = await (await shelf()).find();
  }
}

/** Stop for now; what has come stays. */
export function pauseBasemap(): void {
  isWanted = false;
}

/** Give the room back. */
export async function forgetBasemap(): Promise<void> {
  isWanted = false;
  await (await shelf()).forget();
  kept.value = null;
}

/** Fetch until something stands in the way; true where nothing is left to do. */
async function fetchSome(): Promise<boolean> {
  try {
    const about = await wanting.ask(way());
    offered.value = about;
    if (about === null) return true;
    if (!(await hasRoomFor(about))) {
      trouble.value = NO_ROOM;
      return true;
    }
    await wanting.fetchRest(way(), await shelf(), {
      about,
      goesOn: () => isWanted && mayFetch(),
      told: (pieces) => {
        kept.value = { about, pieces };
        trouble.value = null;
        doing.value = "fetching";
      },
    });
  } catch (error) {
    await overcome(error);
    return false;
  }
  if (isWanted && !mayFetch()) trouble.value = UNPAID;
  return isWhole.value;
}

/** Get over what passes; throws what does not. */
async function overcome(error: unknown): Promise<void> {
  const isReplaced = error instanceof errors.ServerRefused && error.serverCode === "not-found";
  if (error instanceof errors.TokenRefused && !(await renewed())) throw error;
  const passes = error instanceof errors.NoSignal || error instanceof errors.TokenRefused;
  if (!passes && !isReplaced) throw error;
  trouble.value = error instanceof errors.NoSignal ? error.words : null;
}

/** Have a round renew the token; false where the session has ended. */
async function renewed(): Promise<boolean> {
  const before = accessToken();
  await syncNow();
  return accessToken() !== null && accessToken() !== before;
}

async function pause(): Promise<void> {
  if (!isWanted) return;
  doing.value = "waiting";
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}

function mayFetch(): boolean {
  return preferences.value.basemapOnMetered || !isMetered();
}

async function hasRoomFor(about: Basemap): Promise<boolean> {
  const found = await room();
  if (found === null || found.quotaBytes === 0) return true;
  const here = kept.value?.about.id === about.id ? bytesOf(kept.value) : 0;
  const left = found.quotaBytes - found.usedBytes;
  return left - (about.size_bytes - here) >= FREE_BYTES_MIN;
}

function way(): wanting.Way {
  const opened = store.value;
  if (opened === null) throw new errors.StoreBusy();
  return {
    line: line().proving(new Prover(new StoredKeys(opened), edge)),
    token: () => {
      const token = accessToken();
      if (token === null) throw new errors.TokenRefused();
      return token;
    },
  };
}

function accessToken(): string | null {
  return store.value === null ? null : find(store.value.tables, Name.ACCESS_TOKEN);
}
