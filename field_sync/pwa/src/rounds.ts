/**
 * When the phone speaks with the office: at the start, with signal, in sight, after acts, in time.
 *
 * Sync never stands in the way of capture: nobody waits for a round but who asked for it. Waits
 * that the server or a bad line asked for are kept by everything but a person.
 */

import { effect, signal } from "@preact/signals";
import { isMetered } from "./device/lines";
import { room } from "./device/persistence";
import { ageS, fixOf, lastSeen } from "./device/position";
import { preferences } from "./device/preferences";
import * as errors from "./errors";
import { edge, identity, line, safety, store } from "./session";
import { goOn, type Progress, type Round, ready } from "./sync/client";
import type { Event, State } from "./sync/conversation";
import { takeUp } from "./sync/standing";
import type { Words } from "./wire";

/** How far the round under way has come; null while none is. */
export const syncing = signal<Progress | null>(null);
/** Why the last round did not end well. */
export const syncTrouble = signal<Words | null>(null);
export const waitUntil = signal<Date | null>(null);

/** Acts that follow each other closely go in one round. */
const SOON_MS = 800;
/** A place older than this is not where the crew is. */
const FIX_AGE_MAX_S = 600;
/** Timers of browsers hold no more. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** When nothing else is known: how long until the next look. */
const QUIET_MS = 60_000;

let state: State | null = null;
let lost = false;
let again: "asked" | "due" | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;

/** Keep this phone in step from now on. */
export function keepInStep(): void {
  addEventListener("online", () => void wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void wake();
  });
  // Whenever a store is opened here, at the start or taken over from another tab.
  effect(() => {
    if (store.value === null) return;
    state = null;
    queueMicrotask(() => void round("asked"));
  });
}

/** Sync because a person wants it now. */
export function syncNow(): Promise<void> {
  return round("asked");
}

/** Sync because there is something new to send. */
export function roundSoon(): void {
  clearTimeout(soon);
  // Someone who waits already for a bad line does not wait less for one act more.
  soon = setTimeout(() => void round(state?.phase === "backing_off" ? "due" : "asked"), SOON_MS);
}

/** The phone sees the world again: what a dead line delayed is tried now, not what was asked for. */
function wake(): Promise<void> {
  const hasWork = safety.value.unsafe.operations > 0 || safety.value.unsafe.files > 0;
  const unasked = state === null || lost || (state.phase === "idle" && hasWork);
  return round(unasked ? "asked" : "due");
}

async function round(why: "asked" | "due"): Promise<void> {
  if (syncing.value !== null) {
    again = again === "asked" ? again : why;
    return;
  }
  if (store.value === null || identity.value.device === "") return;
  clearTimeout(timer);
  syncing.value = { phase: "idle", operations: 0, files: 0, fileBytes: 0, fileBytesMax: 0 };
  try {
    end(await one(why));
  } catch (error) {
    if (!(error instanceof errors.Refused)) throw error;
    // The disk is full, or another tab has taken over: both say so themselves.
    syncTrouble.value = error.words;
    setTimer(QUIET_MS);
  } finally {
    syncing.value = null;
  }
  const next = again;
  again = null;
  if (next !== null) await round(next);
}

async function one(why: "asked" | "due"): Promise<Round | null> {
  const opened = store.value;
  if (opened === null) return null;
  const withFiles = preferences.value.photosOnMetered || !isMetered();
  const work = ready(opened, { withFiles });
  const now = edge.moment().wall;
  const event: Event = why === "asked" ? { kind: "asked", work } : { kind: "due", now, work };
  return goOn(opened, line(), edge, {
    // Signing in and out is told by the store; the waits only we know.
    state: { ...(state ?? takeUp(opened.tables)), ...stood(takeUp(opened.tables)) },
    event,
    withFiles,
    fix: recentFix(),
    watch: (progress) => {
      syncing.value = progress;
    },
  });
}

/** What the store knows better than a state that was kept: who is signed in, what is unsure. */
function stood(kept: State): Partial<State> {
  const rests = state?.phase === "backing_off" && kept.phase === "idle";
  return rests ? { unsure: kept.unsure } : { phase: kept.phase, unsure: kept.unsure };
}

function end(had: Round | null): void {
  if (had === null) return;
  state = had.state;
  lost = had.refused instanceof errors.NoSignal && had.refused.retryAfterS === null;
  syncTrouble.value = had.refused?.words ?? null;
  waitUntil.value = had.state.waitUntil;
  const waitMs = had.state.waitUntil
    ? had.state.waitUntil.getTime() - edge.moment().wall.getTime()
    : QUIET_MS;
  setTimer(waitMs);
  void room();
}

function setTimer(waitMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void round("due"), Math.min(Math.max(waitMs, 1_000), TIMER_MS_MAX));
}

function recentFix() {
  const seen = lastSeen.value;
  return seen !== null && ageS(seen) < FIX_AGE_MAX_S ? fixOf(seen) : null;
}
