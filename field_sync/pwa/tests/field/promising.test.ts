/** A crew promises at the door without signal, and sees it count down, move and be kept. */

import { beforeEach, expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as fieldwork from "../../src/field/fieldwork";
import * as promising from "../../src/field/promising";
import * as view from "../../src/field/view";
import { listRunning } from "../../src/rules/promising";
import type { Store } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import type { Fix, PromiseReagreed, TaskClock } from "../../src/wire";
import { enrolledStore, HandEdge, hold, LAT_DEG, LON_DEG, START_MS, task } from "./held";

let store: Store;
let edge: HandEdge;

beforeEach(async () => {
  edge = new HandEdge();
  store = await enrolledStore();
  await hold(store, "crew:c1", "task", task("t1", { state: "en_route" }));
});

const hour = (number: number) => new Date(START_MS + number * 3_600_000).toISOString();
const at = (northDeg = 0): Fix => ({
  lat_deg: LAT_DEG + northDeg,
  lon_deg: LON_DEG,
  accuracy_m: 5,
  age_s: 1,
});
const order = () => view.getTask(store.tables, { taskId: "t1" });
const clock = () => order().clocks?.[0] as TaskClock;

function give({ opens, ends = 4 }: { opens?: number; ends?: number } = {}) {
  return promising.make(store, edge, {
    taskId: "t1",
    customer: "Li Hua",
    contact: "",
    aim: "arrive",
    from: opens === undefined ? null : hour(opens),
    due: hour(ends),
    words: "We come back with the crane.",
  });
}

function agree(promiseId: string, why = "the crane is at the fallen pole") {
  return promising.reagree(store, edge, {
    taskId: "t1",
    promiseId,
    from: null,
    due: hour(8),
    words: "In the evening.",
    consent: { name: "Li Hua", how: "spoken", signature_sha256: null },
    why,
  });
}

test("a promise counts down at once, and once", async () => {
  const entry = await give({ opens: 2 });
  expect(clock()).toMatchObject({ kind: "promise", due_at: hour(4) });
  expect(clock().promise).toMatchObject({ id: entry.id, from_at: hour(2) });
  const told = task("t1", { state: "en_route", version: 2, clocks: [clock()] });
  await hold(store, "crew:c1", "task", told);
  expect(order().clocks).toHaveLength(1);
});

test("consent moves it, and is kept word for word", async () => {
  const { id } = await give();
  edge.advance({ minutes: 1 });
  const entry = await agree(id);
  expect(clock().due_at).toBe(hour(8));
  expect(outbox.read<PromiseReagreed>(entry).consent.name).toBe("Li Hua");
});

test("an arrival in its window keeps it; one before it, or far away, keeps nothing", async () => {
  await give({ opens: 2 });
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: at() });
  expect(clock().stopped_at).toBeFalsy();
  edge.advance({ minutes: 150 });
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: at(1) });
  expect(clock().stopped_at).toBeFalsy();
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: at() });
  expect(clock().stopped_at).toBe(hour(2.5));
  expect(listRunning(order())).toEqual([]);
});

test("what nobody can be promised is refused", async () => {
  await expect(give({ ends: -1 })).rejects.toThrow(errors.WindowFaulty);
  await expect(give({ opens: 5, ends: 4 })).rejects.toThrow(errors.WindowFaulty);
});

test("after it is due, or for no reason, nothing is agreed anew", async () => {
  const { id } = await give();
  await expect(agree(id, "busy")).rejects.toThrow(errors.VagueReason);
  await expect(agree("another")).rejects.toThrow(errors.NoPromise);
  edge.advance({ minutes: 241 });
  await expect(agree(id)).rejects.toThrow(errors.PromiseOver);
});
