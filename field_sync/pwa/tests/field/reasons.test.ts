/** A crew picks a reason without signal, and sees what its clocks do meanwhile. */

import { beforeEach, expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as fieldwork from "../../src/field/fieldwork";
import * as view from "../../src/field/view";
import type { Store } from "../../src/store/connection";
import type { Fix, PolicyReasons, ReasonFor, TaskClock } from "../../src/wire";
import { DISTRICT, enrolledStore, HandEdge, hold, LAT_DEG, LON_DEG, START_MS, task } from "./held";

const WORDS = "the owner has the key and comes at six";
const at = (minutes: number) => new Date(START_MS + minutes * 60_000).toISOString();
const near = (northDeg = 0): Fix => ({
  lat_deg: LAT_DEG + northDeg,
  lon_deg: LON_DEG,
  accuracy_m: 5,
  age_s: 1,
});

let store: Store;
let edge: HandEdge;

beforeEach(async () => {
  edge = new HandEdge();
  store = await enrolledStore();
  await holdOrder(clock("arrive", 45), clock("restore", 180));
  await hold(store, "district:d1", "district", { ...DISTRICT, reasons: [reasons()] });
});

function clock(kind: string, dueMin: number, policy = "sgcc-2022"): TaskClock {
  return { kind, due_at: at(dueMin), started_at: at(0), stop_event: kind, policy };
}

function reasons(ownWords: ReasonFor[] = ["return", "suspend"], policy = "sgcc-2022") {
  const named = (code: string) => ({ code, words: { en: code, zh: code } });
  const known: PolicyReasons = {
    policy,
    reasons: [
      { ...named("no_access"), given_for: ["suspend", "return"], holds: ["arrive"] },
      { ...named("customer_asked"), given_for: ["suspend"], holds: ["arrive"], needs_until: true },
      { ...named("waits_for_material"), given_for: ["suspend"] },
    ],
    own_words: ownWords,
  };
  return known;
}

const holdOrder = (...clocks: TaskClock[]) =>
  hold(store, "crew:c1", "task", task("t1", { state: "en_route", version: 2, clocks }));
const clocks = () => view.getTask(store.tables, { taskId: "t1" }).clocks ?? [];
const suspend = (code: string | null, until: string | null = null) =>
  fieldwork.suspend(store, edge, { taskId: "t1", reason: WORDS, code, until });

test("the clocks that a reason holds stand still at once", async () => {
  edge.advance({ minutes: 10 });
  await suspend("no_access");
  expect(clocks().map((each) => each.paused_at)).toEqual([at(10), undefined]);
});

test("they run on when the work goes on, their end moved by what they stood still", async () => {
  edge.advance({ minutes: 10 });
  await suspend("customer_asked", at(600));
  edge.advance({ minutes: 30 });
  await fieldwork.resume(store, edge, { taskId: "t1" });
  expect(clocks()[0]).toMatchObject({ paused_at: null, due_at: at(75) });
  expect(clocks()[1]).toMatchObject({ due_at: at(180) });
});

test.each([null, "waits_for_material"])("what holds nothing lets them run: %s", async (code) => {
  await suspend(code);
  expect(clocks().some((each) => each.paused_at)).toBe(false);
});

test("after its end no clock stands still", async () => {
  edge.advance({ minutes: 46 });
  await suspend("no_access");
  expect(clocks()[0]?.paused_at).toBeUndefined();
});

test("an arrival at the site stops its clock, and one elsewhere does not", async () => {
  edge.advance({ minutes: 10 });
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: near(1) });
  expect(clocks()[0]?.stopped_at).toBeUndefined();
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: near() });
  expect(clocks().map((each) => each.stopped_at)).toEqual([at(10), undefined]);
});

test.each([
  ["lunch", ["return", "suspend"], "unknown"],
  ["customer_asked", ["return", "suspend"], "no_end"],
  [null, ["return"], "own_words"],
] as [string | null, ReasonFor[], string][])(
  "what the office would refuse is refused here: %s",
  async (code, ownWords, fault) => {
    await hold(store, "district:d1", "district", { ...DISTRICT, reasons: [reasons(ownWords)] });
    const refused = await suspend(code).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(errors.ReasonNotAllowed);
    expect((refused as errors.ReasonNotAllowed).fields.fault).toBe(fault);
    expect(view.getTask(store.tables, { taskId: "t1" }).state).toBe("en_route");
  },
);

test("who gives work back picks from what is given for that", async () => {
  const back = (code: string) =>
    fieldwork.return_(store, edge, { taskId: "t1", reason: WORDS, code });
  await expect(back("waits_for_material")).rejects.toThrow(errors.ReasonNotAllowed);
  await back("no_access");
  expect(view.getTask(store.tables, { taskId: "t1" }).state).toBe("returned");
});

test("an order keeps the reasons that it was opened under", async () => {
  const both = [reasons([], "harbour-2026"), reasons()];
  await hold(store, "district:d1", "district", { ...DISTRICT, reasons: both });
  expect(view.findReasons(store.tables, task("t1", { clocks: clocks() }))).toEqual(both[1]);
  expect(view.findReasons(store.tables, task("t2"))).toEqual(both[0]);
});

test("a phone that does not know the reasons yet works as before", async () => {
  await hold(store, "district:d1", "district", { ...DISTRICT, reasons: [reasons([], "older")] });
  expect(view.findReasons(store.tables, task("t1", { clocks: clocks() }))).toBeNull();
  await suspend("whatever_it_is_called");
  expect(view.getTask(store.tables, { taskId: "t1" }).state).toBe("suspended");
});
