/** An arrival in the making: the position while the screen is open, and what is brought beside it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { doCheckIn, doPhoto } from "../deeds";
import { type Sighting as Found, fixOf, glanceNow, type Watched, watch } from "../device/position";
import { stayAwake } from "../device/wake";
import { CODE_CHARS_MAX, PHOTOS_MAX } from "../field/form";
import type { Verdict } from "../rules/geofence";
import { best, type Stay } from "../rules/presence";
import { arrivalOf, policy, stayOf } from "../session";
import type { Fix, Sighting, Task } from "../wire";
import { aged, everyS, seen } from "./sightings";

/** Of the fixes of so long the most exact one is used: whoever goes on walking is not held back. */
const BEST_WITHIN_S = 20;

export interface Arrival {
  readonly watched: Watched;
  readonly fix: Fix | null;
  readonly verdict: Verdict;
  /** Whether a stay was begun, and what it shows so far; null before the first look. */
  readonly isStaying: boolean;
  readonly stay: Stay | null;
  readonly photos: number;
  readonly scanned: string;
  readonly busy: boolean;
  readonly lookAgain: () => void;
  readonly beginStay: () => void;
  readonly photograph: (file: File) => Promise<void>;
  readonly scan: (code: string) => void;
  readonly keep: (note: string) => Promise<boolean>;
}

export function useArrival(task: Task): Arrival {
  const { watched, looks, stays, nowS, lookAgain, beginStay } = useLooks();
  const [photos, setPhotos] = useState<readonly string[]>([]);
  const [scanned, setScanned] = useState("");
  const [busy, setBusy] = useState(false);
  const { ageMaxS } = policy.value;
  const chosen = best(looks, { atS: nowS(), ageMaxS: Math.min(BEST_WITHIN_S, ageMaxS) });
  const fix = chosen === null ? null : aged(chosen, nowS());
  const photograph = async (file: File) => {
    setBusy(true);
    await doPhoto(task.id, file, { kind: "site", fix }, (sha256) =>
      setPhotos((had) => [...had, sha256]),
    ).finally(() => setBusy(false));
  };
  const scan = (code: string) => setScanned(code.slice(0, CODE_CHARS_MAX));
  const keep = async (note: string) => {
    setBusy(true);
    // Every photo is evidence of the order; a check-in names the newest.
    const photoSha256 = photos.slice(-PHOTOS_MAX);
    const beside = { sightings: stays ?? [], photoSha256, scanned };
    return doCheckIn(task.id, { fix, note, ...beside }).finally(() => setBusy(false));
  };
  return {
    ...{ watched, fix, scanned, busy, lookAgain, beginStay, photograph, scan, keep },
    verdict: arrivalOf(task, fix),
    stay: stays === null ? null : stayOf(task, stays),
    isStaying: stays !== null,
    photos: photos.length,
  };
}

/** What was seen: all of it, and from the begin of a stay on what counts for that. */
interface Seen {
  readonly looks: readonly Sighting[];
  readonly stays: readonly Sighting[] | null;
}

/** The position, watched while this screen is open; its fixes grow older while one looks at them. */
function useLooks() {
  const [round, setRound] = useState(0);
  const [watched, setWatched] = useState<Watched>({ kind: "looking" });
  const [{ looks, stays }, setSeen] = useState<Seen>({ looks: [], stays: null });
  const [begunMs, setBegun] = useState<number | null>(null);
  const openedMs = useRef(performance.now());
  const begun = useRef(0);
  const note = (sighting: Found) =>
    setSeen((had) => noted(had, sighting, openedMs.current, begun.current));
  useEffect(() => {
    setSeen((had) => ({ ...had, looks: [] }));
    return watch((found) => {
      setWatched(found);
      if (found.kind === "found") note(found.sighting);
    });
  }, [round]);
  useEffect(stayAwake, []);
  useTicks();
  useEffect(() => (begunMs === null ? undefined : lookOften(note)), [begunMs]);
  const beginStay = () => {
    begun.current = performance.now();
    setSeen((had) => ({ ...had, stays: [] }));
    setBegun(begun.current);
  };
  const nowS = () => (performance.now() - openedMs.current) / 1_000;
  return { watched, looks, stays, nowS, beginStay, lookAgain: () => setRound(round + 1) };
}

function noted({ looks, stays }: Seen, sighting: Found, openedMs: number, begunMs: number): Seen {
  const nowMs = performance.now();
  const fix = fixOf(sighting, nowMs);
  const look = (sinceMs: number) => ({ after_s: (nowMs - sinceMs) / 1_000, fix });
  return {
    looks: [...looks, look(openedMs)].slice(-LOOKS_MAX),
    stays: stays === null ? null : seen(stays, look(begunMs), policy.value),
  };
}

/** More than a phone sees in the time that a fix is used. */
const LOOKS_MAX = 60;

/** Ask for the position again and again: a watch alone is silent while the phone lies still. */
function lookOften(note: (sighting: Found) => void): () => void {
  let ended = false;
  const look = async () => {
    const sighting = await glanceNow();
    if (sighting !== null && !ended) note(sighting);
  };
  void look();
  const timer = setInterval(() => void look(), everyS(policy.value.dwellS) * 1_000);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}

/** Draw anew every second, for the age of what is shown. */
function useTicks(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
}
