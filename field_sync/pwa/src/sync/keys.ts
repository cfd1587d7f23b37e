/**
 * The device's key pair on P-256: made at enrolment, signs the head of every push, never leaves.
 *
 * The browser makes it and lets nobody read its private half; the store keeps the handle.
 */

import type { Edge } from "../clock";
import * as errors from "../errors";
import * as operationChain from "../rules/operation_chain";
import { segment } from "../rules/proofs";
import type { Store } from "../store/connection";
import type { DeviceKey, Head } from "../wire";

const PAIR = "device";
const NEXT_PAIR = "device-next";
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

/** A key pair, if there is one, and what it signs. Both throw `KeyUnreadable`. */
export interface Signer {
  /** Give the public key; null where there is no key. */
  find(): Promise<DeviceKey | null>;
  /** Sign by ES256: r and s in base64url; null where there is no key. */
  sign(statement: Uint8Array<ArrayBuffer>): Promise<string | null>;
}

/** Where a device's key pair lives. What makes one throws `DiskFull` where it has no room. */
export interface KeyStore extends Signer {
  /** Give the public key, of a pair made now if there is none yet. */
  make(edge: Edge): Promise<DeviceKey>;
  /** Tell whether a next pair was begun and has not taken this one's place. */
  isChanging(): Promise<boolean>;
  /** Give the pair that is to take this one's place, the same until it has. */
  next(edge: Edge): Promise<KeyStore>;
  /** Put the next pair in this one's place; once more changes nothing. */
  change(): Promise<void>;
}

/** A pair, and its public key as it is written. */
interface Pair {
  readonly keys: CryptoKeyPair;
  readonly public: DeviceKey;
}

/** A key pair in the handheld's store; it is read once. */
export class StoredKeys implements KeyStore {
  readonly #store: Store;
  readonly #name: string;
  #known: Pair | null = null;

  constructor(store: Store, name: string = PAIR) {
    this.#store = store;
    this.#name = name;
  }

  /** The browser draws the key by itself, where nobody can see it. */
  async make(_edge: Edge): Promise<DeviceKey> {
    const known = await this.#pair();
    if (known !== null) return known.public;
    const keys = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
    await this.#store.writing((tables) => tables.addKeys(this.#name, keys));
    this.#known = await paired(keys);
    return this.#known.public;
  }

  async find(): Promise<DeviceKey | null> {
    return (await this.#pair())?.public ?? null;
  }

  async sign(statement: Uint8Array<ArrayBuffer>): Promise<string | null> {
    const pair = await this.#pair();
    if (pair === null) return null;
    const { privateKey } = pair.keys;
    return segment(new Uint8Array(await crypto.subtle.sign(ES256, privateKey, statement)));
  }

  async isChanging(): Promise<boolean> {
    return (await this.#read(NEXT_PAIR)) !== null;
  }

  async next(edge: Edge): Promise<KeyStore> {
    const following = new StoredKeys(this.#store, NEXT_PAIR);
    await following.make(edge);
    return following;
  }

  async change(): Promise<void> {
    const keys = await this.#read(NEXT_PAIR);
    if (keys === null) return;
    await this.#store.writing((tables) => {
      tables.addKeys(this.#name, keys);
      tables.dropKeys(NEXT_PAIR);
    });
    this.#known = await paired(keys);
  }

  async #pair(): Promise<Pair | null> {
    if (this.#known === null) {
      const keys = await this.#read(this.#name);
      this.#known = keys === null ? null : await paired(keys);
    }
    return this.#known;
  }

  async #read(name: string): Promise<CryptoKeyPair | null> {
    const kept = await this.#store.readKeys(name);
    if (kept === null) return null;
    if (!isPair(kept)) throw new errors.KeyUnreadable({ path: name });
    return kept;
  }
}

/** Sign the last operation of a push; null on a device without a key. */
export async function signedHead(
  keys: Signer,
  { deviceId, n, sha256 }: { deviceId: string; n: number; sha256: string },
): Promise<Head | null> {
  const signature = await keys.sign(operationChain.statement(deviceId, { n, sha256 }));
  return signature === null ? null : { n, sha256, signature };
}

/** Write a pair's public key as a JWK, its members as the server names them. */
async function paired(keys: CryptoKeyPair): Promise<Pair> {
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { keys, public: { kty: "EC", crv: "P-256", x, y } };
}

function isPair(kept: unknown): kept is CryptoKeyPair {
  const { privateKey, publicKey } = (kept ?? {}) as Partial<CryptoKeyPair>;
  return privateKey instanceof CryptoKey && publicKey instanceof CryptoKey;
}
