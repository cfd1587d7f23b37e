/** Whoever looks at what the server is shown: keys, proofs of possession, signatures of heads. */

import { createHash, createPublicKey, verify } from "node:crypto";
import type { DeviceKey, SyncRequest } from "../../src/wire";
import { problem } from "./fake_answers";
import type { Answer, Request } from "./network";

interface Proof {
  readonly header: { readonly typ: string; readonly alg: string; readonly jwk: DeviceKey };
  readonly claims: Claims;
}

interface Claims {
  readonly jti?: unknown;
  readonly htm?: unknown;
  readonly htu?: unknown;
  readonly iat?: unknown;
  readonly ath?: unknown;
  readonly nonce?: unknown;
}

/** Believes nothing that is not signed as the protocol has it. */
export class Witness {
  /** What a proof has to name, where the server does not go by the phone's clock. */
  nonce: string | null = null;
  readonly proofs: Proof[] = [];
  readonly #keys = new Map<string, DeviceKey>();
  readonly #used = new Set<unknown>();

  /** Remember a device's key. */
  know(deviceId: string, key: DeviceKey): void {
    this.#keys.set(deviceId, key);
  }

  /** Look at a request's proof; refuse it where it wants a nonce, and throw where it is wrong. */
  refuse(request: Request): Answer | null {
    const written = request.headers.get("DPoP");
    const [scheme = "", token = ""] = (request.headers.get("Authorization") ?? "").split(" ");
    if (written === null) {
      if (scheme !== "" || request.url.pathname.startsWith("/v1/sessions")) {
        throw new Error("a proof goes with every token and every sign-in");
      }
      return null;
    }
    const { claims } = this.#read(written);
    must(claims.htm === request.method, "htm");
    must(claims.htu === `${request.url.origin}${request.url.pathname}`, "htu");
    must(typeof claims.jti === "string" && claims.jti.length >= 8, "jti");
    if (this.#used.has(claims.jti)) return problem(401, "proof-used");
    this.#used.add(claims.jti);
    must(Number.isInteger(claims.iat), "iat");
    if (token !== "") {
      must(scheme === "DPoP", "the scheme of a bound token");
      must(claims.ath === segment(sha256(token)), "ath");
    } else must(!("ath" in claims), "no token, no hash of it");
    if (this.nonce === null || claims.nonce === this.nonce) return null;
    return problem(401, "proof-stale", { "DPoP-Nonce": this.nonce });
  }

  /** Hold a push's head to the key, to the bytes, and to what came last. */
  requireSigned(deviceId: string, ask: SyncRequest, wires: readonly string[]): void {
    const newest = wires.at(-1);
    const { head } = ask;
    if (newest === undefined) {
      must((head ?? null) === null, "nothing to sign");
      return;
    }
    const key = this.#keys.get(deviceId);
    if (!head || !key) throw new Error("a push is signed");
    must(head.sha256 === sha256(newest).toString("hex"), "the head is the last of the push");
    must(head.n === (JSON.parse(newest) as { n: number }).n, "the head's number");
    const statement = `lamplighter-chain-1\n${deviceId}\n${head.n}\n${head.sha256}`;
    must(/^[A-Za-z0-9_-]{86}$/.test(head.signature), "64 bytes");
    must(isBy(key, statement, head.signature), "the head's signature");
  }

  #read(written: string): Proof {
    const [header = "", claims = "", signature = ""] = written.split(".");
    const proof = { header: parsed(header), claims: parsed(claims) } as Proof;
    const { typ, alg, jwk, ...rest } = proof.header;
    must(typ === "dpop+jwt" && alg === "ES256", "typ and alg");
    must(Object.keys(rest).length === 0, "nothing else in the header");
    must(Object.keys(jwk).sort().join() === "crv,kty,x,y", "only the public key");
    must(isBy(jwk, `${header}.${claims}`, signature), "the proof's signature");
    this.proofs.push(proof);
    return proof;
  }
}

function isBy(key: DeviceKey, statement: string, signature: string): boolean {
  const jwk = { kty: "EC", crv: "P-256", x: key.x, y: key.y };
  const by = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  return verify(
    "sha256",
    Buffer.from(statement),
    by as Parameters<typeof verify>[2],
    Buffer.from(signature, "base64url"),
  );
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function segment(raw: Buffer): string {
  return raw.toString("base64url");
}

function parsed(part: string): unknown {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf-8"));
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not as the protocol has it: ${what}`);
}
