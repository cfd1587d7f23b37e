/** Proofs that a request comes from the device whose key its token is bound to (DPoP, RFC 9449). */

import type { Edge } from "../clock";
import * as proofs from "../rules/proofs";
import type { Signer } from "./keys";

const ID_BYTES = 16;
const MS_PER_S = 1000;
const UTF8 = new TextEncoder();

/** One request, as its proof names it. */
export interface Request {
  readonly method: string;
  /** Its address, without query and fragment. */
  readonly url: string;
  /** The token that goes with it, if one does. */
  readonly token: string | null;
  /** What the server gave last, if it does not go by our clock. */
  readonly nonce: string | null;
}

/** Signs a proof for each request with the device's key. */
export class Prover {
  readonly #keys: Signer;
  readonly #edge: Edge;

  /** The edge tells the time and draws the proofs' ids. */
  constructor(keys: Signer, edge: Edge) {
    this.#keys = keys;
    this.#edge = edge;
  }

  /** Sign a proof for one request; null where there is no key. Throws `KeyUnreadable`. */
  async prove({ method, url, token, nonce }: Request): Promise<string | null> {
    const jwk = await this.#keys.find();
    if (jwk === null) return null;
    const claims = {
      jti: proofs.segment(this.#edge.entropy(ID_BYTES)),
      htm: method,
      htu: url,
      iat: Math.floor(this.#edge.moment().wall.getTime() / MS_PER_S),
      ...(token === null ? {} : { ath: proofs.tokenHash(token) }),
      ...(nonce === null ? {} : { nonce }),
    };
    const header = { typ: "dpop+jwt", alg: "ES256", jwk };
    const signed = proofs.signingInput(encoded(header), encoded(claims));
    return `${signed}.${await this.#keys.sign(UTF8.encode(signed))}`;
  }
}

function encoded(value: unknown): Uint8Array {
  return UTF8.encode(JSON.stringify(value));
}
