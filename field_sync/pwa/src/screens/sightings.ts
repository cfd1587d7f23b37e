/** What was seen while a check-in is open, thinned so that it can be sent: pure. */

import { SIGHTINGS_MAX } from "../field/form";
import type { Fix, Sighting } from "../wire";

/** A stay is looked at so many times; its rule asks for a third of them. */
const LOOKS_PER_STAY = 12;

/** Tell how far apart the looks of a stay are. */
export function everyS(dwellS: number): number {
  return dwellS / LOOKS_PER_STAY;
}

/** Add what was seen; of those that come close together the most exact, of all the newest. */
export function seen(
  before: readonly Sighting[],
  look: Sighting,
  { dwellS }: { readonly dwellS: number },
): readonly Sighting[] {
  const slot = ({ after_s }: Sighting) => Math.floor(after_s / everyS(dwellS));
  const last = before.at(-1);
  if (last === undefined || slot(last) !== slot(look))
    return [...before, look].slice(-SIGHTINGS_MAX);
  return isMoreExact(look, last) ? [...before.slice(0, -1), look] : before;
}

/** Give a sighting's fix as it is used now, so much older than when it was seen. */
export function aged({ after_s, fix }: Sighting, nowS: number): Fix {
  const ageS = (fix.age_s ?? 0) + Math.max(nowS - after_s, 0);
  return { ...fix, age_s: Math.round(ageS * 10) / 10 };
}

function isMoreExact(one: Sighting, other: Sighting): boolean {
  return (one.fix.accuracy_m ?? Infinity) < (other.fix.accuracy_m ?? Infinity);
}
