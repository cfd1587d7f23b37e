/** Time left to a promise, as digits for the eye and as parts for words. */

const MS_PER_S = 1_000;
const S_PER_MIN = 60;
const S_PER_HOUR = 3_600;
const S_PER_DAY = 86_400;
/** How often to look where the digits show minutes only. */
const COARSE_MS = 15_000;
/** From here on a promise is near its end, and the screen says so. */
export const NEAR_S = 15 * S_PER_MIN;

export type Nearness = "far" | "near" | "late";

export interface Left {
  readonly nearness: Nearness;
  /** `45:12`; null from an hour on, which is said in hours and days. */
  readonly digits: string | null;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

/** Tell how far a promise is from its end; both instants in ms of the server's clock. */
export function left(dueMs: number, nowMs: number): Left {
  // Rounded so that "0:00" is shown for the last second and never for a late one.
  const leftS = Math.floor((dueMs - nowMs) / MS_PER_S);
  const late = leftS < 0;
  const s = Math.abs(leftS);
  return {
    nearness: late ? "late" : s <= NEAR_S ? "near" : "far",
    digits: s < S_PER_HOUR ? `${Math.floor(s / S_PER_MIN)}:${two(s % S_PER_MIN)}` : null,
    days: Math.floor(s / S_PER_DAY),
    hours: Math.floor((s % S_PER_DAY) / S_PER_HOUR),
    minutes: Math.floor((s % S_PER_HOUR) / S_PER_MIN),
  };
}

/** Tell how long until the shown digits change, so that a screen wakes only then. */
export function nextChangeMs(dueMs: number, nowMs: number): number {
  const leftMs = dueMs - nowMs;
  if (Math.abs(leftMs) > S_PER_HOUR * MS_PER_S) return COARSE_MS;
  return (((leftMs % MS_PER_S) + MS_PER_S) % MS_PER_S) + 1;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
