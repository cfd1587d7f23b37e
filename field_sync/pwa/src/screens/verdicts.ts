/** A verdict in one sentence with its numbers, as `schemas/checkins.py` says it to the office. */

import type { Reason, Verdict } from "../rules/geofence";
import type { Stay } from "../rules/presence";
import type { VerdictKind } from "../wire";
import type { Words } from "../words/words";

/** Say a verdict; `within` and `far` are not among the reasons said: the numbers say them. */
export function sentence(
  words: Words,
  verdict: Verdict,
  numbers: { readonly accuracyM: number | null; readonly radiusM: number | null },
): string {
  const { distanceM } = verdict;
  const far =
    distanceM === null || numbers.radiusM === null
      ? []
      : [words.fix.measured(distanceM, numbers.accuracyM, numbers.radiusM)];
  const reasons = numbers.radiusM === null ? ["no_site"] : verdict.reasons;
  const said = reasons.flatMap((code) => {
    const reason = reasonWords(words, code);
    return reason === null ? [] : [reason];
  });
  return words.fix.sentence(words.verdicts[verdict.kind], [...far, ...said]);
}

/** Say what a stay shows, with its numbers. */
export function sentenceOfStay(words: Words, stay: Stay): string {
  return words.arrival.stayed(stay.stayedS, words.arrival.stays[stay.kind], stay);
}

/** What the crew can do about a doubt, the most useful first. */
export type Remedy = "look_again" | "go_outside" | "go_nearer" | "photograph" | "switch_off_mock";

/** List what would make a verdict surer. */
export function remedies(kind: VerdictKind, reasons: readonly (Reason | "no_site")[]): Remedy[] {
  if (kind === "inside") return [];
  const found = reasons.flatMap((code) => REMEDIES[code] ?? []);
  const always: Remedy[] = kind === "outside" ? ["go_nearer"] : ["photograph"];
  return [...new Set([...found, ...always])];
}

const REMEDIES: Readonly<Partial<Record<Reason | "no_site", Remedy[]>>> = {
  no_fix: ["go_outside", "look_again"],
  accuracy_unknown: ["look_again"],
  accuracy_poor: ["go_outside", "look_again"],
  near_edge: ["go_nearer", "look_again"],
  stale: ["look_again"],
  simulated: ["switch_off_mock"],
};

function reasonWords(words: Words, code: string): string | null {
  const table: Readonly<Record<string, string>> = words.reasons;
  return Object.hasOwn(table, code) ? (table[code] ?? null) : null;
}
