import { expect, test } from "vitest";
import { attempt, FREE_TRIES, isPin, make, ROUNDS, waitS } from "../../src/device/pin";

const SALT = new Uint8Array(16).fill(7);
const FEW = 100;

test("the right PIN opens and another does not", async () => {
  const kept = await make("2468", SALT, FEW);
  expect((await attempt(kept, "2468", 0)).kind).toBe("right");
  expect((await attempt(kept, "2469", 0)).kind).toBe("wrong");
});

test("the PIN itself is kept nowhere, and the same PIN looks different with another salt", async () => {
  const one = await make("2468", SALT, FEW);
  const other = await make("2468", new Uint8Array(16).fill(8), FEW);
  expect(JSON.stringify(one)).not.toContain("2468");
  expect(one.hash).not.toBe(other.hash);
});

test("the hash is slow by default", () => {
  expect(ROUNDS).toBeGreaterThanOrEqual(600_000);
});

test("after some wrong tries each further one waits longer, and the right one waits as well", async () => {
  let kept = await make("2468", SALT, FEW);
  for (let tries = 0; tries < FREE_TRIES + 1; tries++) {
    const tried = await attempt(kept, "0000", 0);
    if (tried.kind === "wrong") kept = tried.kept;
  }
  expect(await attempt(kept, "2468", 1)).toEqual({ kind: "wait", untilMs: waitS(5) * 1000 });
  expect((await attempt(kept, "2468", waitS(5) * 1000)).kind).toBe("right");
});

test("waits double up to a quarter of an hour", () => {
  expect([4, 5, 6, 7].map(waitS)).toEqual([0, 15, 30, 60]);
  expect(waitS(50)).toBe(900);
});

test("a clock that was set back locks nobody out for longer than the longest wait", async () => {
  const kept = { ...(await make("2468", SALT, FEW)), waitUntilMs: 10 ** 12 };
  expect(await attempt(kept, "2468", 0)).toEqual({ kind: "wait", untilMs: 900_000 });
});

test("a PIN is four to twelve digits", () => {
  expect(["1234", "123456789012"].every(isPin)).toBe(true);
  expect(["123", "1234567890123", "12a4", "", "１２３４"].some(isPin)).toBe(false);
});
