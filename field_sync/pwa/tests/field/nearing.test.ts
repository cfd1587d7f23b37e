import { expect, test } from "vitest";
import { isNear, listPromises, nextChangeMs } from "../../src/field/nearing";
import type { Task, TaskClock } from "../../src/wire";
import { task } from "../screens/made";

const START = Date.parse("2026-11-23T01:00:00Z");
const MIN_MS = 60_000;

function clock(named: Partial<TaskClock> = {}): TaskClock {
  return {
    kind: "arrive",
    started_at: "2026-11-23T01:00:00Z",
    due_at: "2026-11-23T01:45:00Z",
    stopped_at: null,
    stop_event: "arrive",
    ...named,
  };
}

function near(minute: number, named: Partial<Task> = {}): string[] {
  const promises = listPromises([task({ clocks: [clock()], ...named })]);
  return promises.filter((each) => isNear(each, START + minute * MIN_MS)).map(({ kind }) => kind);
}

test("a promise is near its end from four fifths of its time to its last instant", () => {
  expect(near(35.99)).toEqual([]);
  expect(near(36)).toEqual(["arrive"]);
  expect(near(45)).toEqual(["arrive"]);
  expect(near(45.01)).toEqual([]);
});

test("what is kept, the office's, or of an order that is not in hand is not told", () => {
  expect(near(40, { clocks: [clock({ stopped_at: "2026-11-23T01:20:00Z" })] })).toEqual([]);
  expect(near(40, { clocks: [clock({ kind: "survey", stop_event: "call_back" })] })).toEqual([]);
  expect(near(40, { state: "finished" })).toEqual([]);
  expect(near(40, { state: "cancelled" })).toEqual([]);
  expect(near(40, { state: "suspended" })).toEqual(["arrive"]);
});

test("of a server that does not say since when a promise runs nothing is told", () => {
  expect(near(40, { clocks: [{ kind: "arrive", due_at: "2026-11-23T01:45:00Z" }] })).toEqual([]);
  expect(near(40, { clocks: [clock({ started_at: null })] })).toEqual([]);
});

test("the next change is when one comes near, or when one is late", () => {
  const promises = listPromises([
    task({ clocks: [clock()] }),
    task({ id: "t2", clocks: [clock({ due_at: "2026-11-23T02:00:00Z" })] }),
  ]);
  const next = (minute: number) => {
    const atMs = nextChangeMs(promises, START + minute * MIN_MS);
    return atMs === null ? null : (atMs - START) / MIN_MS;
  };
  expect(next(0)).toBe(36);
  expect(next(36)).toBeCloseTo(45, 3);
  expect(next(45.5)).toBe(48);
  expect(next(50)).toBeCloseTo(60, 3);
  expect(next(61)).toBeNull();
});

test("two promises of one order have keys of their own, and one that is due anew has another", () => {
  const keys = [
    clock(),
    clock({ kind: "restore", stop_event: "restore" }),
    clock({ due_at: "2026-11-23T02:00:00Z" }),
  ].map((each) => listPromises([task({ clocks: [each] })])[0]?.key);
  expect(new Set(keys).size).toBe(3);
});
