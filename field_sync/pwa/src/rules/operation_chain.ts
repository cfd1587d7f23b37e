/**
 * Chains of hashes: a phone's operations, and the timeline of an order.
 *
 * An operation carries its number and the SHA-256 of the exact bytes of the one before it, so that
 * a missing one (gap) and a phone restored from a copy (fork) are named. A timeline's link hashes
 * the link before it together with the new body.
 * Hashes are lower-case hex; the first link follows the empty string. Text is hashed as UTF-8.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const STATEMENT = "lamplighter-chain-1";
/** What the first link follows. */
export const START = "";

/** How an operation fits to what is known of its phone. */
export type Joint = "next" | "gap" | "fork" | "past";

/** An operation as its chain sees it; a phone counts from 1. */
export interface Link {
  readonly n: number;
  readonly prev: string;
  readonly sha256: string;
}

/** The newest operation that is known of a phone. */
export interface Head {
  readonly n: number;
  readonly sha256: string;
}

/** The head of a new phone. */
export const NEW: Head = { n: 0, sha256: START };

/** Where a chain fails: the first operation that does not follow. */
export interface Break {
  readonly n: number;
  readonly joint: Joint;
}

/** Hash an operation's exact bytes, or the UTF-8 of its text. */
export function fingerprint(raw: Uint8Array | string): string {
  return bytesToHex(sha256(typeof raw === "string" ? utf8ToBytes(raw) : raw));
}

/**
 * Say how an operation fits behind `head`.
 *
 * `past` is a number already known: compare its hash with the stored one, for the same is a
 * repetition and another is a fork.
 */
export function joint(head: Head, link: Link): Joint {
  if (link.n <= head.n) {
    return link.n === head.n && link.sha256 !== head.sha256 ? "fork" : "past";
  }
  if (link.n > head.n + 1) return "gap";
  return link.prev === head.sha256 ? "next" : "fork";
}

/** Walk operations in order and find the first gap or fork; known ones are passed over. */
export function firstBreak(head: Head, links: Iterable<Link>): Break | null {
  let last = head;
  for (const link of links) {
    const how = joint(last, link);
    if (how === "gap" || how === "fork") return { n: link.n, joint: how };
    if (how === "next") last = { n: link.n, sha256: link.sha256 };
  }
  return null;
}

/** Write what a device signs to vouch for its operations up to `head`, in ASCII. */
export function statement(deviceId: string, head: Head): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${STATEMENT}\n${deviceId}\n${head.n}\n${head.sha256}`);
}

/**
 * Tell from which number on a signature over `head` vouches for operations in their order: the
 * first of the unbroken chain that ends in `head`; null if it does not end there.
 */
export function vouchedFrom(links: readonly Link[], head: Head): number | null {
  const last = links.at(-1);
  if (last === undefined || last.n !== head.n || last.sha256 !== head.sha256) return null;
  let first = last;
  for (const earlier of links.slice(0, -1).reverse()) {
    if (joint({ n: earlier.n, sha256: earlier.sha256 }, first) !== "next") break;
    first = earlier;
  }
  return first.n;
}

/** Hash the next link of a timeline: the hash before it, then the body. */
export function extend(previous: string, body: string): string {
  return fingerprint(previous + body);
}

/**
 * Recompute a timeline of (body, stored hash) and find the place of the first that does not hold,
 * counted from 0; null if all hold. A cut tail shows only in the newest hash kept elsewhere.
 */
export function firstChanged(links: readonly (readonly [string, string])[]): number | null {
  let previous = START;
  for (const [place, [body, stored]] of links.entries()) {
    previous = extend(previous, body);
    if (previous !== stored) return place;
  }
  return null;
}
