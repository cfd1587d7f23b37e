/**
 * Proofs that whoever shows a token holds the key that it is bound to (DPoP, RFC 9449).
 *
 * A proof is a JWT that the key signs for one request: its method, its address, the token's hash,
 * an id that is used once, and an instant or a nonce of the server's that says it is fresh.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** Name a key on P-256, of coordinates in base64url, by the hash of its JWK (RFC 7638, section 3). */
export function thumbprint(key: { readonly x: string; readonly y: string }): string {
  const members = `{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`;
  return segment(sha256(utf8ToBytes(members)));
}

/** Hash a token, so that a proof names the one that it was made for (section 4.2, `ath`). */
export function tokenHash(token: string): string {
  return segment(sha256(utf8ToBytes(token)));
}

/** Write bytes in base64url without padding. */
export function segment(raw: Uint8Array): string {
  let text = "";
  for (const byte of raw) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Lay out what a proof's signature is over (RFC 7515, section 5.1). */
export function signingInput(header: Uint8Array, claims: Uint8Array): string {
  return `${segment(header)}.${segment(claims)}`;
}
