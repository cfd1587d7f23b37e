import { expect, test } from "vitest";
import { segment, signingInput, thumbprint, tokenHash } from "../../src/rules/proofs";
import { cases } from "./vectors";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each(cases<{ x: string; y: string; thumbprint: string }>("proofs", "thumbprints"))(
  "a key has the name that the vectors say: $name",
  (case_) => {
    expect(thumbprint(case_)).toBe(case_.thumbprint);
  },
);

test.each(cases<{ token: string; hash: string }>("proofs", "tokens"))(
  "a token has the hash that the vectors say: $name",
  (case_) => {
    expect(tokenHash(case_.token)).toBe(case_.hash);
  },
);

test("a proof is signed over both its parts", () => {
  expect(signingInput(bytes('{"a":1}'), new Uint8Array([255]))).toBe("eyJhIjoxfQ._w");
});

test("a segment is base64url without padding", () => {
  for (const length of [0, 1, 2, 3, 255]) {
    const raw = Uint8Array.from({ length }, (_, place) => 255 - place);
    expect(segment(raw)).toBe(Buffer.from(raw).toString("base64url"));
  }
});
