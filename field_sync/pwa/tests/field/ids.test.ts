import { expect, test } from "vitest";
import type { Edge } from "../../src/clock";
import { newId } from "../../src/ids";

const edgeAt = (wallMs: number, byte: number): Edge => ({
  moment: () => ({ wall: new Date(wallMs), monoMs: 0, boot: "boot" }),
  entropy: (count) => new Uint8Array(count).fill(byte),
});

test("an id is a UUIDv7 of its millisecond and of chance", () => {
  // The example of RFC 9562, appendix A.6, is of the same instant.
  expect(newId(edgeAt(0x017f22e279b0, 0xff))).toBe("017f22e2-79b0-7fff-bfff-ffffffffffff");
  expect(newId(edgeAt(0x017f22e279b0, 0))).toBe("017f22e2-79b0-7000-8000-000000000000");
});

test("later ids sort behind earlier ones", () => {
  const ids = [1, 2 ** 32 - 1, 2 ** 32, 1.8e12].map((wallMs) => newId(edgeAt(wallMs, 7)));
  expect(ids.toSorted()).toEqual(ids);
});
