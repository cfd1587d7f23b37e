/**
 * How long to wait before the next try: longer each time, never together with all other phones.
 *
 * After the first failure 1 to 2 s, then 2 to 4 s, and so on up to 150 to 300 s.
 * A server that asks for 60 s is given 60 to 90 s: what it told to everybody at once must not bring
 * everybody back at once.
 */

export const FIRST_S = 2;
export const LONGEST_S = 300;
/** What a server asks for is believed up to here; one that is away for longer can say it again. */
export const ASKED_LONGEST_S = 3_600;
const DOUBLINGS_MAX = 10;

export interface Tried {
  /** How many tries in a row have failed, this one included; at least 1. */
  readonly failures: number;
  /**
   * A random number from 0 up to 1; it takes up to half of our own wait away, and up to all of the
   * half that is added to what the server asked for.
   */
  readonly spread: number;
  /** What the server asked for; the wait is never shorter, up to `ASKED_LONGEST_S`. */
  readonly retryAfterS: number | null;
}

/** Work out a wait. */
export function delayS({ failures, spread, retryAfterS }: Tried): number {
  const doublings = Math.min(failures - 1, DOUBLINGS_MAX);
  const longestS = Math.min(FIRST_S * 2 ** doublings, LONGEST_S);
  const ownS = longestS * (1 - spread / 2);
  const askedS = Math.min(retryAfterS ?? 0, ASKED_LONGEST_S);
  return Math.max(ownS, askedS * (1 + (1 - spread) / 2));
}
