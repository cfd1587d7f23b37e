/**
 * Node's hashes and signatures in a page. A signature is taken as good at once and is looked at
 * after the test, for a browser only does that while nobody waits: then a bad one fails the test.
 */

import { sha256 } from "@noble/hashes/sha2.js";

interface Key {
  readonly jwk: JsonWebKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
let unsettled: Promise<boolean>[] = [];

export function createHash(_: "sha256") {
  const hash = sha256.create();
  const chained = {
    update(content: string | Uint8Array) {
      hash.update(Buffer.from(content as string));
      return chained;
    },
    digest: (encoding?: "hex") => {
      const raw = Buffer.from(hash.digest() as unknown as string);
      return encoding === undefined ? raw : raw.toString(encoding);
    },
  };
  return chained;
}

export function createPublicKey({ key }: { key: JsonWebKey }): Key {
  return { jwk: key };
}

export function verify(
  _: "sha256",
  statement: Uint8Array<ArrayBuffer>,
  { key }: { key: Key },
  signature: Uint8Array<ArrayBuffer>,
): boolean {
  unsettled.push(isBy(key, statement, signature));
  return true;
}

/** Look at every signature that was taken as good. */
export async function settleSignatures(): Promise<void> {
  const all = unsettled;
  unsettled = [];
  const bad = (await Promise.all(all)).filter((each) => !each).length;
  if (bad > 0) throw new Error(`${bad} signatures are not by the key`);
}

async function isBy(
  { jwk }: Key,
  statement: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await crypto.subtle.importKey("jwk", jwk, ALGORITHM, false, ["verify"]);
  return crypto.subtle.verify(ALGORITHM, key, signature, statement);
}
