/**
 * The lock of the screen: a PIN kept as a salted, slow hash.
 *
 * It keeps curious hands out; it is no key, and nothing is encrypted by it, so a PIN that is
 * forgotten loses nothing: whoever signs in with the password sets another.
 */

export const PIN_CHARS_MIN = 4;
export const PIN_CHARS_MAX = 12;
/** Rounds of PBKDF2-SHA256: about half a second on a phone. */
export const ROUNDS = 600_000;
/** Wrong tries that cost nothing; each further one doubles the wait. */
export const FREE_TRIES = 4;
const WAIT_FIRST_S = 15;
const WAIT_LONGEST_S = 900;
const SALT_BYTES = 16;
const HASH_BITS = 256;
const KEY = "lamplighter.pin";

/** What is kept of a PIN. */
export interface Kept {
  readonly salt: string;
  readonly rounds: number;
  readonly hash: string;
  /** Wrong tries in a row, and the wall clock before which another is not heard. */
  readonly wrong: number;
  readonly waitUntilMs: number;
}

export type Tried =
  | { readonly kind: "right" }
  | { readonly kind: "wrong"; readonly kept: Kept }
  | { readonly kind: "wait"; readonly untilMs: number };

/** Tell whether digits may be a PIN. */
export function isPin(text: string): boolean {
  return /^\d+$/.test(text) && text.length >= PIN_CHARS_MIN && text.length <= PIN_CHARS_MAX;
}

/** Make what is kept of a new PIN. */
export async function make(
  pin: string,
  salt: Uint8Array<ArrayBuffer>,
  rounds = ROUNDS,
): Promise<Kept> {
  return { salt: hex(salt), rounds, hash: await hash(pin, salt, rounds), wrong: 0, waitUntilMs: 0 };
}

/** Try a PIN; a wrong one is counted, and too many of them are made to wait. */
export async function attempt(kept: Kept, pin: string, nowMs: number): Promise<Tried> {
  // A wall clock that was set far back must not lock anybody out for longer than the longest wait.
  const untilMs = Math.min(kept.waitUntilMs, nowMs + WAIT_LONGEST_S * 1000);
  if (nowMs < untilMs) return { kind: "wait", untilMs };
  if ((await hash(pin, unhex(kept.salt), kept.rounds)) === kept.hash) return { kind: "right" };
  const wrong = kept.wrong + 1;
  return { kind: "wrong", kept: { ...kept, wrong, waitUntilMs: nowMs + waitS(wrong) * 1000 } };
}

/** Tell how long to wait after so many wrong tries in a row. */
export function waitS(wrong: number): number {
  if (wrong <= FREE_TRIES) return 0;
  return Math.min(WAIT_FIRST_S * 2 ** (wrong - FREE_TRIES - 1), WAIT_LONGEST_S);
}

/** Find what is kept on this phone; null where there is no lock. */
export function find(): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

/** Keep a PIN's hash; null takes the lock off. */
export function keep(kept: Kept | null): void {
  if (kept === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify(kept));
}

/** Draw a salt. */
export function newSalt(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(SALT_BYTES));
}

async function hash(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<string> {
  const letters = new TextEncoder().encode(pin);
  const key = await crypto.subtle.importKey("raw", letters, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, HASH_BITS)));
}

function isKept(found: unknown): found is Kept {
  if (typeof found !== "object" || found === null) return false;
  const { salt, rounds, hash, wrong, waitUntilMs } = found as Record<string, unknown>;
  const texts = typeof salt === "string" && typeof hash === "string";
  return texts && [rounds, wrong, waitUntilMs].every((number) => typeof number === "number");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
