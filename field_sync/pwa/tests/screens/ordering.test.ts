import { expect, test } from "vitest";
import { counts, nextClock, sorted } from "../../src/screens/ordering";
import type { Task } from "../../src/wire";
import { task } from "./made";

const far: Record<string, number | null> = { near: 100, far: 5_000, unknown: null };
const ids = (tasks: readonly Task[], measure = (each: Task) => far[each.id] ?? null) =>
  sorted(
    tasks.map((each) => ({ task: each })),
    measure,
  ).map((work) => work.task.id);

test("urgency goes before distance", () => {
  expect(ids([task({ id: "near", urgency: 3 }), task({ id: "far", urgency: 1 })])).toEqual([
    "far",
    "near",
  ]);
});

test("of the same urgency the nearer goes first, and what nobody can measure last", () => {
  const tasks = ["unknown", "far", "near"].map((id) => task({ id }));
  expect(ids(tasks)).toEqual(["near", "far", "unknown"]);
});

test("without distances the promise that ends first goes first, then the oldest", () => {
  const due = (at: string) => [{ kind: "arrive", due_at: at }];
  const tasks = [
    task({ id: "young", opened_at: "2026-11-23T02:00:00Z" }),
    task({ id: "old", opened_at: "2026-11-23T01:00:00Z" }),
    task({ id: "later", clocks: due("2026-11-23T05:00:00Z") }),
    task({ id: "soon", clocks: due("2026-11-23T04:00:00Z") }),
  ];
  expect(ids(tasks, () => null)).toEqual(["soon", "later", "old", "young"]);
});

test("what rests stands behind everything that can be done", () => {
  const tasks = [
    task({ id: "waits", urgency: 1, state: "suspended" }),
    task({ id: "done", urgency: 1, state: "finished" }),
    task({ id: "open", urgency: 5 }),
  ];
  expect(ids(tasks)[0]).toBe("open");
});

test("a clock that was stopped is not shown", () => {
  const clocks = [
    { kind: "arrive", due_at: "2026-11-23T03:00:00Z", stopped_at: "2026-11-23T02:00:00Z" },
    { kind: "restore", due_at: "2026-11-23T05:00:00Z" },
  ];
  expect(nextClock(task({ clocks }))?.kind).toBe("restore");
  expect(nextClock(task({ clocks: [] }))).toBeNull();
});

test("a clock that stands still is shown only where none runs", () => {
  const still = {
    kind: "arrive",
    due_at: "2026-11-23T03:00:00Z",
    paused_at: "2026-11-23T02:00:00Z",
  };
  const runs = { kind: "restore", due_at: "2026-11-23T05:00:00Z" };
  expect(nextClock(task({ clocks: [still, runs] }))?.kind).toBe("restore");
  expect(nextClock(task({ clocks: [still] }))?.kind).toBe("arrive");
});

test("clocks of work that waits still count; of work that is done they do not", () => {
  expect(counts(task({ state: "suspended" }))).toBe(true);
  expect(counts(task({ state: "finished" }))).toBe(false);
});
