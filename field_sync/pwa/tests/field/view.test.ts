/** What the crew sees: records with its own acts over them, by the server's own rules. */

import { beforeEach, expect, test } from "vitest";
import * as errors from "../../src/errors";
import { localDay } from "../../src/field/checks";
import * as fieldwork from "../../src/field/fieldwork";
import * as keeping from "../../src/field/keeping";
import * as metering from "../../src/field/metering";
import * as view from "../../src/field/view";
import type { Store } from "../../src/store/connection";
import * as contacts from "../../src/store/contacts";
import * as outbox from "../../src/store/outbox";
import { enrolledStore, HandEdge, hold, START_MS, stop, task } from "./held";

let store: Store;
let edge: HandEdge;

beforeEach(async () => {
  edge = new HandEdge();
  store = await enrolledStore();
  await hold(
    store,
    "person:p1",
    "task",
    task("r1", { kind: "route", state: "accepted", site: null }),
  );
  await hold(store, "route:r1", "stop", stop("s1", { sequence: 2 }), stop("s2", { sequence: 1 }));
});

const stopOf = (stopId: string) => view.getStop(store.tables, { stopId });
const stateOf = (taskId: string) => view.getTask(store.tables, { taskId }).state;
const locked = (stopId: string) => metering.skip(store, edge, { stopId, code: "locked" });

test("work is listed by urgency, then by age", async () => {
  const older = task("t2", { opened_at: "2026-11-22T23:59:59.999999Z" });
  await hold(store, "crew:c1", "task", task("t1", { urgency: 1 }), older, task("t3"));
  const listed = view.listWork(store.tables).map((work) => work.task.id);
  expect(listed).toEqual(["t1", "t2", "r1", "t3"]);
});

test("stops are listed in walking order", () => {
  const stops = view.listStops(store.tables, { routeId: "r1" });
  expect(stops.map(({ id }) => id)).toEqual(["s2", "s1"]);
});

test("the first act at a meter starts its route", async () => {
  await locked("s1");
  expect(stateOf("r1")).toBe("working");
  await metering.read(store, edge, { stopId: "s2", total: "1130" });
  await fieldwork.finish(store, edge, { taskId: "r1" });
  const works = view.listWork(store.tables);
  expect(works.map(({ task: { state }, unsent }) => [state, unsent])).toEqual([["finished", 3]]);
});

test("a reading after a pause starts the route again", async () => {
  await locked("s1");
  await locked("s2");
  const reason = "thunderstorm over the village";
  await fieldwork.suspend(store, edge, { taskId: "r1", reason });
  await fieldwork.resume(store, edge, { taskId: "r1" });
  await metering.read(store, edge, { stopId: "s1", total: "1130" });
  expect(stateOf("r1")).toBe("working");
  expect(view.listWork(store.tables)).toEqual([view.getWork(store.tables, { taskId: "r1" })]);
});

test("a skip does not undo a reading and a reading undoes a skip", async () => {
  await locked("s1");
  await metering.read(store, edge, { stopId: "s1", total: "1130" });
  await metering.skip(store, edge, { stopId: "s1", code: "dog" });
  expect([stopOf("s1").state, stopOf("s1").skip_code]).toEqual(["read", null]);
});

test("an act stays visible until the record tells of it", async () => {
  await metering.read(store, edge, { stopId: "s1", total: "1130" });
  await store.writing((tables) => outbox.settle(tables, { through: 1, outcomes: [] }));
  expect(stopOf("s1").state).toBe("read");
  await store.writing((tables) => outbox.lift(tables, { keys: [["stop", "s1"]] }));
  expect(stopOf("s1").state).toBe("open");
});

test("an act that waits is never lifted", async () => {
  await metering.read(store, edge, { stopId: "s1", total: "1130" });
  await store.writing((tables) => outbox.lift(tables, { keys: [["stop", "s1"]] }));
  expect(stopOf("s1").state).toBe("read");
});

test("a correction is laid over its order, beside the office's words", async () => {
  await hold(store, "crew:c1", "task", task("t1", { contact: "Li 139" }));
  const saw = view.getTask(store.tables, { taskId: "t1" });
  const position = { saw: null, set: { lat_deg: 20.05, lon_deg: 110.33 } };
  const body = { contact: { saw: "Li 139", set: "Li 138" }, position };
  const act = { task: saw, type: "task.amend", body } as const;
  await store.writing((tables) => keeping.keep(tables, edge, act));
  await hold(store, "crew:c1", "task", task("t1", { contact: "Wu 137", site: null, version: 2 }));
  const seen = view.getTask(store.tables, { taskId: "t1" });
  expect(seen.contact).toBe("Wu 137; Li 138");
  expect(seen.site?.radius_m).toBe(view.RADIUS_UNKNOWN_M);
  expect(seen.site?.geometry.coordinates).toEqual([110.33, 20.05]);
});

test("what is not held is refused", () => {
  expect(() => view.getWork(store.tables, { taskId: "t9" })).toThrow(errors.NotOnPhone);
  expect(() => stopOf("s9")).toThrow(errors.NotOnPhone);
  expect(view.findDistrict(store.tables)).toBeNull();
  expect(view.zone(store.tables)).toBe("UTC");
});

test("before the first contact the handheld believes its own clock", () => {
  expect(view.serverTime(store.tables, edge.moment())).toEqual(edge.moment().wall);
});

test("after a contact the server's time goes on by the clock that nobody can set", async () => {
  const sent = edge.moment();
  const serverAt = new Date(START_MS + 7_201_000).toISOString();
  await store.writing((tables) => contacts.add(tables, { sent, serverAt, roundTripS: 2 }));
  edge.advance({ minutes: 1 });
  const wrong = { ...edge.moment(), wall: new Date(0) };
  const true_ = new Date(START_MS + 7_260_000);
  expect(view.serverTime(store.tables, wrong)).toEqual(true_);
  const rebooted = { ...edge.moment(), monoMs: 5, boot: "boot-2" };
  expect(view.serverTime(store.tables, rebooted)).toEqual(true_);
});

test("a day is the one of its time zone", () => {
  expect(localDay("2026-10-23T20:00:00Z", "Asia/Shanghai")).toBe("2026-10-24");
  expect(localDay("2026-10-23T20:00:00Z", "UTC")).toBe("2026-10-23");
});

test("five hundred stops with their acts are laid in a few milliseconds", async () => {
  const stops = Array.from({ length: 500 }, (_, at) =>
    stop(`m${at}`, { route_id: "r2", sequence: 500 - at }),
  );
  await hold(
    store,
    "person:p1",
    "task",
    task("r2", { kind: "route", state: "accepted", site: null }),
  );
  await hold(store, "route:r2", "stop", ...stops);
  await store.writing((tables) => {
    const route = view.getTask(tables, { taskId: "r2" });
    for (const { id } of stops) {
      const body = { stop_id: id, code: "locked" } as const;
      keeping.keep(tables, edge, { task: route, type: "reading.skip", body });
    }
  });
  const took: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const began = performance.now();
    const laid = view.listStops(store.tables, { routeId: "r2" });
    view.listWork(store.tables);
    took.push(performance.now() - began);
    expect(view.progress(laid).skipped).toBe(500);
  }
  // A few milliseconds on a phone; so much more here only where something is walked anew each time.
  expect(Math.min(...took)).toBeLessThan(40);
});
