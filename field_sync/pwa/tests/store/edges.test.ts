/** The handheld's edges: clocks that sleep, tabs that fight, words that have numbers. */

import { expect, test } from "vitest";
import { APART_MS, Machine } from "../../src/clock";
import * as errors from "../../src/errors";
import * as tab from "../../src/store/tab";

/** A page's clocks, moved by hand. */
function clocks() {
  const at = { wallMs: 1_000_000, monoMs: 500.7 };
  const machine = new Machine({ wallMs: () => at.wallMs, monoMs: () => at.monoMs });
  const pass = (wallMs: number, monoMs = wallMs) => {
    at.wallMs += wallMs;
    at.monoMs += monoMs;
    return machine.moment();
  };
  return { machine, pass };
}

test("a moment tells both clocks in whole milliseconds", () => {
  const { machine } = clocks();
  expect(machine.moment()).toMatchObject({ wall: new Date(1_000_000), monoMs: 500 });
  expect(machine.moment().boot).toMatch(/^[0-9a-f]{32}$/);
  expect(machine.entropy(9)).toHaveLength(9);
});

test("a boot goes on as long as both clocks go together", () => {
  const { machine, pass } = clocks();
  const { boot } = machine.moment();
  expect(pass(8 * 3_600_000, 8 * 3_600_000 - 2_000).boot).toBe(boot);
  expect(pass(APART_MS / 2, 0).boot).toBe(boot);
});

test.each([
  ["slept", 60_000, 20],
  ["had its clock set back", -60_000, 20],
])("a phone that %s begins a new boot, and stays in it", (_, wallMs, monoMs) => {
  const { machine, pass } = clocks();
  const { boot } = machine.moment();
  const after = pass(wallMs, monoMs);
  expect(after.boot).not.toBe(boot);
  expect(pass(10_000).boot).toBe(after.boot);
});

test("no two pages share a boot", () => {
  expect(clocks().machine.moment().boot).not.toBe(clocks().machine.moment().boot);
});

test("a sentence carries its numbers, and a placeholder without one stays", () => {
  const full = new errors.OutboxFull({ waiting: 7 });
  expect(full.words.en).toBe(
    "7 operations wait to be sent, the limit is {limit}; sync before you go on.",
  );
  expect(full.words.zh).toContain("已有 7 条记录");
  expect([full.code, full.status, full.message]).toEqual([
    "handheld-outbox-full",
    409,
    full.words.en,
  ]);
});

test("every refusal has a code of its own, and the same placeholders in both languages", () => {
  const kinds = Object.values(errors).filter((each) => each !== errors.Refused);
  const codes = kinds.map((kind) => kind.code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const kind of kinds) {
    const [en, zh] = [kind.en, kind.zh].map((text) =>
      [...text.matchAll(/\{(\w+?)(_en|_zh)?\}/g)].map((found) => found[1]).sort(),
    );
    expect([kind.code, zh]).toEqual([kind.code, en]);
    expect(kind.code).toMatch(/^handheld-[a-z-]+$/);
  }
});

test("one tab works, and another one may take over", async () => {
  const { locks } = navigator;
  const first = await tab.take(locks);
  expect(first).not.toBeNull();
  expect(await tab.take(locks)).toBeNull();
  const second = await tab.takeOver(locks);
  await first?.lost;
  second?.release();
  await new Promise((resolve) => setImmediate(resolve));
  const third = await tab.take(locks);
  expect(third).not.toBeNull();
  third?.release();
});

test("a page loaded anew waits for the lock of the one it took the place of", async () => {
  const { locks } = navigator;
  const before = await tab.take(locks);
  setTimeout(() => before?.release(), 300);
  const after = await tab.take(locks);
  expect(after).not.toBeNull();
  after?.release();
});

test("where a browser has no locks, every tab works", async () => {
  expect(await tab.take(undefined)).not.toBeNull();
});
