/**
 * Three-way merge of one field: what the crew saw, what it set, what the office has now.
 *
 * Nobody's words are lost to somebody else's: what was changed on both sides is kept side by side
 * where the field can carry both, else the office's stays and the crew's is on the timeline.
 */

/** Stands between words of different hands in one text. */
export const SEPARATOR = "; ";

/**
 * How a field was merged.
 *
 * `same`: nothing changes, it is so already or the crew changed nothing. `set`: nobody else changed
 * it, the crew's value stands. `both`: changed on both sides, the words of both stand side by side.
 * `kept`: changed on both sides, the office's value stands.
 */
export type Way = "same" | "set" | "both" | "kept";

/** The crew's value does not stand as it set it. */
export const OVERTAKEN: ReadonlySet<Way> = new Set<Way>(["both", "kept"]);

/** The value of a field after a merge, and how it came about. */
export interface Merged<T> {
  readonly way: Way;
  readonly value: T;
}

/** What the crew looked at, what it set, and what stands there now. */
export interface Sides<T> {
  readonly saw: T;
  readonly wanted: T;
  readonly now: T;
}

/** Merge a field that can carry one value only; `equal` compares values that are not plain. */
export function value<T>(
  sides: Sides<T>,
  equal: (one: T, other: T) => boolean = Object.is,
): Merged<T> {
  const { saw, wanted, now } = sides;
  if (equal(wanted, now) || equal(wanted, saw)) return { way: "same", value: now };
  return equal(now, saw) ? { way: "set", value: wanted } : { way: "kept", value: now };
}

/**
 * Merge a text: words of both sides stand side by side, a correction of one's own replaces it.
 *
 * A wanted text that is empty takes nothing away that the office has changed.
 *
 * @param charsMax what the field can carry; beyond it the office's words stand alone.
 */
export function words(sides: Sides<string> & { readonly charsMax: number }): Merged<string> {
  const { saw, wanted, now, charsMax } = sides;
  const merged = value(sides);
  if (merged.way !== "kept" || wanted === "") return merged;
  const parts = now === "" ? [] : now.split(SEPARATOR);
  if (parts.includes(wanted)) return { way: "same", value: now };
  const own = saw === "" ? -1 : parts.indexOf(saw);
  const both = (
    own < 0 ? [...parts, wanted] : [...parts.slice(0, own), wanted, ...parts.slice(own + 1)]
  ).join(SEPARATOR);
  return charsOf(both) <= charsMax ? { way: "both", value: both } : merged;
}

/** Count characters as the server does: those beyond the first 65,536 are one, not two. */
function charsOf(text: string): number {
  return [...text].length;
}
