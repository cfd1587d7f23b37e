/** Meters found otherwise than the route says: one operation each, seen at once. */

import { beforeEach, describe, expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as findings from "../../src/field/meter_findings";
import * as metering from "../../src/field/metering";
import * as view from "../../src/field/view";
import type { Store } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import type { MeterChanged, MeterFound, MeterMismatch } from "../../src/wire";
import { DISTRICT, enrolledStore, HandEdge, hold, stop, task } from "./held";

let store: Store;
let edge: HandEdge;
const SHA = "a".repeat(64);

beforeEach(async () => {
  edge = new HandEdge();
  store = await enrolledStore();
  const policy = { photo_on_skip: ["dog"] as const, photo_on_confirm: true };
  await hold(store, "district:d1", "district", {
    ...DISTRICT,
    ...policy,
    photo_on_skip: [...policy.photo_on_skip],
  });
  await hold(store, "person:p1", "task", task("r1", { kind: "route", site: null }));
  await hold(store, "route:r1", "stop", stop("s1"), stop("s2", { sequence: 2, serial: "880002" }));
});

const seen = (stopId = "s1") => view.getStop(store.tables, { stopId });
const kept = () => outbox.listKept(store.tables);

describe("a meter that is not on the route", () => {
  test("is kept with where it stands, and starts the route", async () => {
    const entry = await findings.found(store, edge, {
      ...{ routeId: "r1", serial: "X9", place: "behind the pump", total: "07" },
      photoSha256: [SHA],
    });
    const body = outbox.read<MeterFound>(entry);
    expect(body).toMatchObject({ serial: "X9", place: "behind the pump", total: "7", fix: null });
    expect(body.photo_sha256).toEqual([SHA]);
    expect(view.getTask(store.tables, { taskId: "r1" }).state).toBe("working");
  });

  test("is refused where the route has it, and where it says nothing", async () => {
    const act = { routeId: "r1", place: "yard" };
    const there = findings.found(store, edge, { ...act, serial: "880002" });
    await expect(there).rejects.toThrow(errors.OnRoute);
    const blank = findings.found(store, edge, { ...act, serial: "" });
    await expect(blank).rejects.toThrow(errors.Malformed);
    const wordy = findings.found(store, edge, { ...act, serial: "X", total: "seven" });
    await expect(wordy).rejects.toThrow(errors.Malformed);
    expect(kept()).toEqual([]);
  });
});

describe("another meter at a stop", () => {
  const act = { stopId: "s1", serial: "N1", digits: 6, decimals: 1, total: "137.5" };

  test("takes the old one's place until the office has looked into it", async () => {
    const entry = await findings.changed(store, edge, { ...act, oldTotal: "1100" });
    expect(outbox.read<MeterChanged>(entry)).toMatchObject({ total: "137.5", old_total: "1100" });
    expect(seen()).toMatchObject({
      ...{ serial: "N1", digits: 6, decimals: 1, state: "read", finding_id: entry.id },
      ...{ previous_value: "137.5", typical_kwh: null },
    });
  });

  test("is read without a question about the old one", async () => {
    await findings.changed(store, edge, act);
    expect(metering.prompts(store.tables, { stopId: "s1", total: "140.2" })).toEqual([]);
    await metering.read(store, edge, { stopId: "s1", total: "140.2" });
    expect(kept().map((entry) => entry.type)).toEqual(["meter.changed", "reading.take"]);
  });

  test("with only another serial is left to be read", async () => {
    const entry = await findings.mismatch(store, edge, { stopId: "s2", serial: "Z7" });
    expect(outbox.read<MeterMismatch>(entry)).toMatchObject({ serial: "Z7", total: null });
    expect(seen("s2")).toMatchObject({ serial: "Z7", state: "open", previous_value: null });
    expect(view.listLeft(store.tables, { routeId: "r1" }).map((each) => each.id)).toEqual([
      "s1",
      "s2",
    ]);
  });

  test("is refused with what no display shows, or with the same serial", async () => {
    const wrong = [
      { ...act, total: "1234567" },
      { ...act, total: "1.25" },
      { ...act, oldTotal: "123456" },
    ];
    for (const each of wrong) {
      await expect(findings.changed(store, edge, each)).rejects.toThrow(errors.NotOnDisplay);
    }
    const unknown = findings.changed(store, edge, { ...act, tariffs: { night: "1" } });
    await expect(unknown).rejects.toThrow(errors.Malformed);
    const same = findings.changed(store, edge, { ...act, serial: "880001" });
    await expect(same).rejects.toThrow(errors.SameSerial);
    expect(kept()).toEqual([]);
  });
});

describe("photos that the district asks for", () => {
  test("of a skip: by its code, unless a note says why there is none", async () => {
    const skip = { stopId: "s1", code: "dog" } as const;
    await expect(metering.skip(store, edge, skip)).rejects.toThrow(errors.PhotoFirst);
    await metering.skip(store, edge, { ...skip, note: "the camera is broken" });
    await metering.skip(store, edge, { ...skip, photoSha256: [SHA] });
    await metering.skip(store, edge, { stopId: "s2", code: "refused" });
    expect(kept()).toHaveLength(3);
  });

  test("of a display: where an odd value is confirmed", async () => {
    const odd = { stopId: "s1", total: "1000", confirmed: ["ER12"] };
    await expect(metering.read(store, edge, odd)).rejects.toThrow(errors.PhotoFirst);
    await metering.read(store, edge, { ...odd, photoSha256: [SHA] });
    await metering.read(store, edge, { stopId: "s2", total: "1100" });
    expect(kept()).toHaveLength(2);
  });
});
