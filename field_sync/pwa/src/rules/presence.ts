/**
 * Presence: what else a check-in brings than one fix: the best of several, and a stay.
 *
 * No remedy changes a verdict: a doubtful fix stays doubtful. What is said here stands beside it,
 * with its numbers, for a supervisor to weigh.
 *
 * Of several fixes the most exact one is used, never the nearest: to pick by place would let
 * anybody in who walks by often enough.
 * A stay is proven if for the policy's time no sound fix puts the phone elsewhere, and no two of
 * them are farther apart than a quarter of it. A fix is sound here if it is neither simulated nor
 * old and its accuracy is known and no worse than 200 m.
 */

import type { Sighting } from "../wire";
import { type Fence, knownAccuracyM, verdict } from "./geofence";

export const ACCURACY_MAX_M = 200;
/** Looks must be so close that a stay has at least as many gaps. */
export const GAPS_PER_STAY = 4;

/** `left`: a sound fix lies elsewhere; `sparse`: long enough, but with holes. */
export type StayKind = "stayed" | "left" | "short" | "sparse";

/** A stay, with its numbers. */
export interface Stay {
  readonly kind: StayKind;
  /** From the first sound fix to the last. */
  readonly stayedS: number;
  /** How many sound fixes it rests on. */
  readonly positions: number;
  /** How many of them are at the site for certain. */
  readonly inside: number;
  /** The radius of 68 % of the middle one; null without any. */
  readonly accuracyM: number | null;
}

/** Choose the fix to check in with at a moment: the most exact sound one, of equals the latest. */
export function best(
  sightings: readonly Sighting[],
  { atS, ageMaxS }: { readonly atS: number; readonly ageMaxS: number },
): Sighting | null {
  const all = ordered(sightings);
  let chosen: Sighting | null = null;
  for (const sighting of all) {
    if (!isSound(sighting, atS - sighting.after_s, ageMaxS)) continue;
    if (chosen === null || accuracyOf(sighting) <= accuracyOf(chosen)) chosen = sighting;
  }
  return chosen ?? all.at(-1) ?? null;
}

/** Judge a stay by what was seen during it; `dwellS` is how long the policy asks one to stay. */
export function stay(
  sightings: readonly Sighting[],
  fence: Fence,
  { dwellS, ageMaxS }: { readonly dwellS: number; readonly ageMaxS: number },
): Stay {
  const sound = ordered(sightings).filter(
    (each) => isSound(each, 0, ageMaxS) && accuracyOf(each) <= ACCURACY_MAX_M,
  );
  const kinds = sound.map((each) => verdict(each.fix, fence, { ageMaxS }).kind);
  const stayedS = (sound.at(-1)?.after_s ?? 0) - (sound[0]?.after_s ?? 0);
  return {
    kind: kinds.includes("outside") ? "left" : kindOf(sound, stayedS, dwellS),
    stayedS,
    positions: sound.length,
    inside: kinds.filter((kind) => kind === "inside").length,
    accuracyM: middle(sound.map(accuracyOf)),
  };
}

function kindOf(sound: readonly Sighting[], stayedS: number, dwellS: number): StayKind {
  if (stayedS < dwellS || sound.length === 0) return "short";
  const gaps = sound.slice(1).map((each, at) => each.after_s - (sound[at]?.after_s ?? 0));
  return Math.max(0, ...gaps) > dwellS / GAPS_PER_STAY ? "sparse" : "stayed";
}

function isSound({ fix }: Sighting, waitedS: number, ageMaxS: number): boolean {
  const ageS = Math.max(fix.age_s ?? 0, 0) + waitedS;
  return !fix.simulated && ageS <= ageMaxS && knownAccuracyM(fix) !== null;
}

/** Only sound sightings are asked. */
function accuracyOf({ fix }: Sighting): number {
  return knownAccuracyM(fix) ?? Infinity;
}

/** Give the middle one; of an even number the smaller of the two. */
function middle(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

function ordered(sightings: readonly Sighting[]): Sighting[] {
  return [...sightings].sort((one, other) => one.after_s - other.after_s);
}
