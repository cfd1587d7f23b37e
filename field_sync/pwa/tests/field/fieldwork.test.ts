/** Fieldwork: rules first, then one operation, on disk before the promise is fulfilled. */

import { beforeEach, describe, expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as fieldwork from "../../src/field/fieldwork";
import * as metering from "../../src/field/metering";
import * as view from "../../src/field/view";
import { fingerprint } from "../../src/rules/operation_chain";
import { openStore, type Store } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import * as settings from "../../src/store/settings";
import * as uploads from "../../src/store/uploads";
import type {
  CheckIn,
  Declared,
  Finished,
  Fix,
  Operation,
  Outcome,
  ReadingTaken,
} from "../../src/wire";
import {
  DISTRICT,
  emptyStore,
  enrolledStore,
  HandEdge,
  hold,
  LAT_DEG,
  LON_DEG,
  stop,
  task,
} from "./held";

let store: Store;
let edge: HandEdge;

beforeEach(async () => {
  edge = new HandEdge();
  store = await enrolledStore();
  await hold(store, "district:d1", "district", DISTRICT);
  await hold(store, "crew:c1", "task", task("t1"));
  await hold(
    store,
    "person:p1",
    "task",
    task("r1", { kind: "route", state: "working", site: null }),
  );
  const registers = ["total", "peak", "valley"];
  await hold(store, "route:r1", "stop", stop("s1"), stop("s2", { sequence: 2, registers }));
});

function fix({ accuracyM = 5, ageS = 1, northM = 0 } = {}): Fix {
  return {
    lat_deg: LAT_DEG + northM / 111_000,
    lon_deg: LON_DEG,
    accuracy_m: accuracyM,
    age_s: ageS,
  };
}

const kept = () => outbox.listKept(store.tables);
const stateOf = (taskId: string) => view.getTask(store.tables, { taskId }).state;

test("what a crew did is on disk when the promise is fulfilled", async () => {
  const bare = await openStore("reopened");
  await bare.writing((tables) => settings.put(tables, settings.Name.DEVICE, "device-1"));
  await hold(bare, "crew:c1", "task", task("t1"));
  const entry = await fieldwork.accept(bare, edge, { taskId: "t1" });

  const again = await openStore("reopened");
  expect(outbox.listWaiting(again.tables, { limit: 10 })).toEqual([entry]);
  await expect(fieldwork.setOut(bare, edge, { taskId: "t1" })).rejects.toThrow(errors.StoreBusy);
});

test("a whole repair goes through in the order of its life", async () => {
  const taskId = "t1";
  await fieldwork.accept(store, edge, { taskId });
  await fieldwork.setOut(store, edge, { taskId });
  await fieldwork.checkIn(store, edge, { taskId, fix: fix() });
  await fieldwork.start(store, edge, { taskId });
  await fieldwork.restored(store, edge, { taskId, note: "fuse 2" });
  await fieldwork.finish(store, edge, { taskId, cause: "blown fuse", workDone: "replaced it" });

  const work = view.getWork(store.tables, { taskId });
  expect([work.task.state, work.unsent]).toEqual(["finished", 6]);
  expect(kept().map((entry) => entry.type)).toEqual([
    "task.accept",
    "task.set_out",
    "checkin.record",
    "task.start",
    "repair.restored",
    "task.finish",
  ]);
});

test("operations are numbered and chained by the hash of their exact bytes", async () => {
  await fieldwork.accept(store, edge, { taskId: "t1" });
  edge.advance({ minutes: 5 });
  await fieldwork.note(store, edge, { taskId: "t1", text: "gate code 41" });

  const [first, second] = kept().map((entry) => JSON.parse(entry.wire) as Operation);
  expect([second?.n, second?.prev]).toEqual([2, fingerprint(kept()[0]?.wire ?? "")]);
  expect((second?.mono_ms ?? 0) - (first?.mono_ms ?? 0)).toBe(300_000);
  expect(second?.based_on).toBe(1);
  expect(second?.body).toEqual({ text: "gate code 41" });
});

test("a step out of order is refused and keeps nothing", async () => {
  const refused = await refusal(fieldwork.finish(store, edge, { taskId: "t1" }));
  expect(refused).toBeInstanceOf(errors.WrongStep);
  expect(refused.fields.possible).toBe("accept, return, set_out, arrive");
  expect(kept()).toEqual([]);
});

test("a step done before is refused as done", async () => {
  await fieldwork.accept(store, edge, { taskId: "t1" });
  const again = fieldwork.accept(store, edge, { taskId: "t1" });
  await expect(again).rejects.toThrow(errors.AlreadyDone);
});

test("a second check-in is kept as a fact", async () => {
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: null });
  await fieldwork.start(store, edge, { taskId: "t1" });
  await fieldwork.checkIn(store, edge, { taskId: "t1", fix: fix() });
  expect(stateOf("t1")).toBe("working");
  expect(kept().length).toBe(3);
});

describe("a check-in is kept whatever its verdict", () => {
  test.each([
    ["inside", fix()],
    ["outside", fix({ northM: 200 })],
    ["unsure", fix({ northM: 45, accuracyM: 20 })],
    ["unsure", fix({ ageS: 90 })],
    ["unsure", null],
  ] as const)("%s %j", async (kind, at) => {
    const { entry, verdict } = await fieldwork.checkIn(store, edge, { taskId: "t1", fix: at });
    const body = outbox.read<CheckIn>(entry);
    expect([verdict.kind, body.verdict]).toEqual([kind, kind]);
    const rest = { datum: "wgs84", simulated: false, provider: null };
    expect(body.fix).toEqual(at && { ...at, ...rest });
    expect(stateOf("t1")).toBe("arrived");
  });
});

test("a stay is kept beside the doubt and judged on the spot", async () => {
  const doubtful = fix({ northM: 20, accuracyM: 60 });
  const sightings = [0, 30, 60, 90, 120, 150, 180].map((after_s) => ({ after_s, fix: doubtful }));
  const act = { taskId: "t1", fix: doubtful, sightings, scanned: "880001" };
  const { entry, verdict, stay } = await fieldwork.checkIn(store, edge, act);
  expect([verdict.kind, stay?.kind, stay?.positions]).toEqual(["unsure", "stayed", 7]);
  const body = outbox.read<CheckIn>(entry);
  expect([body.sightings?.length, body.scanned, body.photo_sha256]).toEqual([7, "880001", []]);
  expect((JSON.parse(entry.wire) as Operation).v).toBe(2);
});

test("an order without a site, or with no shape for one, leaves arrival unsure", async () => {
  const nowhere = { geometry: { type: "Circle" }, datum: "wgs84", radius_m: 50 } as const;
  await hold(store, "crew:c1", "task", task("t2", { site: null }), task("t3", { site: nowhere }));
  for (const taskId of ["t2", "t3"]) {
    const { verdict } = await fieldwork.checkIn(store, edge, { taskId, fix: fix() });
    expect([verdict.kind, verdict.distanceM]).toEqual(["unsure", null]);
  }
});

test.each(["busy", "工作忙", "", "...."])(
  "a vague reason gives nothing back: %j",
  async (reason) => {
    const taskId = "t1";
    await expect(fieldwork.return_(store, edge, { taskId, reason })).rejects.toThrow(
      errors.VagueReason,
    );
    await expect(fieldwork.suspend(store, edge, { taskId, reason })).rejects.toThrow(
      errors.VagueReason,
    );
    expect(kept()).toEqual([]);
  },
);

test("work can wait for a concrete reason and go on", async () => {
  const until = "2026-11-24T08:00:00Z";
  const reason = "road flooded at the bridge";
  await fieldwork.accept(store, edge, { taskId: "t1" });
  await fieldwork.suspend(store, edge, { taskId: "t1", reason, until });
  const waiting = view.getTask(store.tables, { taskId: "t1" });
  await fieldwork.resume(store, edge, { taskId: "t1" });

  expect([waiting.state, waiting.suspended_reason]).toEqual(["suspended", reason]);
  expect(waiting.suspended_until).toBe(until);
  expect(stateOf("t1")).toBe("accepted");
});

test("work is given back for a concrete reason", async () => {
  await fieldwork.return_(store, edge, { taskId: "t1", reason: "needs the high-voltage crew" });
  expect(stateOf("t1")).toBe("returned");
});

test("a reading is kept and its stop is done", async () => {
  const entry = await metering.read(store, edge, { stopId: "s1", total: "01130.0" });

  const body = outbox.read<ReadingTaken>(entry);
  expect([entry.subject, entry.entity, entry.entityId]).toEqual(["r1", "stop", "s1"]);
  expect([body.total, body.confirmed]).toEqual(["1130", []]);
  const stops = view.listStops(store.tables, { routeId: "r1" });
  expect(stops.map(({ state }) => state)).toEqual(["read", "open"]);
  expect(view.progress(stops)).toEqual({ stops: 2, read: 1, skipped: 0, open: 1 });
});

test("an odd reading must be confirmed and the prompt is recorded", async () => {
  const refused = await refusal(metering.read(store, edge, { stopId: "s1", total: "1000" }));
  expect(refused).toBeInstanceOf(errors.ConfirmFirst);
  expect(refused.fields.codes).toEqual(["ER12"]);
  expect(refused.words.en).toContain("No consumption since 2026-10-24");

  const confirmed = ["ER12", "ER10"];
  const entry = await metering.read(store, edge, { stopId: "s1", total: "1000", confirmed });
  expect(outbox.read<ReadingTaken>(entry).confirmed).toEqual(["ER12"]);
});

test("a prompt never tells what to find", () => {
  const asked = metering.prompts(store.tables, { stopId: "s1", total: "1000" });
  const said = asked.map(({ en, zh, numbers }) => en + zh + Object.values(numbers).join()).join();
  expect(asked.length).toBeGreaterThan(0);
  for (const secret of ["120", "60", "240"]) expect(said).not.toContain(secret);
});

test("tariffs that do not add up are asked about", () => {
  const tariffs = { peak: "600", valley: "400" };
  const asked = metering.prompts(store.tables, { stopId: "s2", total: "1130", tariffs });
  expect(asked.map(({ code }) => code)).toEqual(["ER21"]);
});

test("values of two neighbours are asked about when they are exchanged", async () => {
  await hold(store, "route:r1", "stop", stop("s2", { sequence: 2, previous_value: "5000" }));
  await hold(store, "route:r1", "stop", stop("s3", { sequence: 3 }));
  const { n } = await metering.read(store, edge, { stopId: "s1", total: "5120" });
  const asked = () => metering.prompts(store.tables, { stopId: "s2", total: "1120" });
  expect(asked().map(({ code }) => code)).toEqual(["ER16", "ER10"]);
  expect(asked()[0]?.numbers).toEqual({ meter: "880001" });
  await store.writing((tables) => outbox.settle(tables, { through: n, outcomes: [] }));
  expect(asked().map(({ code }) => code)).toEqual(["ER16", "ER10"]);
  const far = metering.prompts(store.tables, { stopId: "s3", total: "5120" });
  expect(far.map(({ code }) => code)).not.toContain("ER16");
});

test("a value that the office refused is no neighbour's", async () => {
  await hold(store, "route:r1", "stop", stop("s2", { sequence: 2, previous_value: "5000" }));
  const { n, id } = await metering.read(store, edge, { stopId: "s1", total: "5120" });
  const detail = { en: "That is not your route.", zh: "这不是您的路线。" };
  const outcomes: Outcome[] = [{ n, id, status: "rejected", code: "not-found", detail }];
  await store.writing((tables) => outbox.settle(tables, { through: n, outcomes }));
  const asked = metering.prompts(store.tables, { stopId: "s2", total: "1120" });
  expect(asked.map(({ code }) => code)).toEqual(["ER10"]);
});

test("tariffs are kept beside the whole", async () => {
  const tariffs = { peak: "700", valley: "430" };
  const entry = await metering.read(store, edge, { stopId: "s2", total: "1130", tariffs });
  expect(outbox.read<ReadingTaken>(entry).tariffs).toEqual(tariffs);
});

test.each(["100000", "-1", "12.5", "NaN", "", "12a"])(
  "a value that the meter cannot show is refused: %j",
  async (total) => {
    const refused = await refusal(metering.read(store, edge, { stopId: "s1", total }));
    expect(refused).toBeInstanceOf(errors.NotOnDisplay);
    expect(refused.fields.value).toBe(total);
    expect(kept()).toEqual([]);
  },
);

test("a tariff that the meter does not have is refused", () => {
  const asked = () =>
    metering.prompts(store.tables, { stopId: "s1", total: "1130", tariffs: { moon: "1" } });
  expect(asked).toThrow(errors.Malformed);
});

test("a skipped meter says why", async () => {
  await metering.skip(store, edge, { stopId: "s2", code: "dog" });
  const { state, skip_code: code } = view.getStop(store.tables, { stopId: "s2" });
  expect([state, code]).toEqual(["skipped", "dog"]);
});

describe("a photo", () => {
  const jpeg = (size = 4_000) => {
    const bytes = new Uint8Array(size + 3);
    bytes.set([0xff, 0xd8, 0xff]);
    return bytes.buffer;
  };

  test("is kept by hash with the operation that declares it", async () => {
    const bytes = jpeg();
    const entry = await fieldwork.photo(store, edge, { taskId: "t1", bytes, kind: "before" });

    const body = outbox.read<Declared>(entry);
    expect([body.media_type, body.size_bytes, body.kind]).toEqual(["image/jpeg", 4_003, "before"]);
    expect((await store.readFile(body.sha256))?.byteLength).toBe(4_003);
    expect(body.sha256).toBe(fingerprint(new Uint8Array(bytes)));
    expect(uploads.find(store.tables, { sha256: body.sha256 })?.n).toBe(entry.n);
    const { evidence_declared: declared, evidence_missing: missing } = view.getTask(store.tables, {
      taskId: "t1",
    });
    expect([declared, missing]).toEqual([1, 1]);
  });

  test("is kept once for the same work", async () => {
    await fieldwork.photo(store, edge, { taskId: "t1", bytes: jpeg() });
    const again = fieldwork.photo(store, edge, { taskId: "t1", bytes: jpeg() });
    await expect(again).rejects.toThrow(errors.AlreadyKept);
    await fieldwork.photo(store, edge, { taskId: "r1", bytes: jpeg(), stopId: "s1" });
    expect(uploads.listAll(store.tables).length).toBe(1);
  });

  test("that is too large is refused", async () => {
    const bytes = jpeg(uploads.FILE_BYTES_MAX);
    const large = fieldwork.photo(store, edge, { taskId: "t1", bytes });
    await expect(large).rejects.toThrow(errors.FileTooLarge);
  });

  test("of a meter that is not here keeps neither operation nor bytes", async () => {
    const bytes = jpeg();
    const lost = fieldwork.photo(store, edge, { taskId: "r1", bytes, stopId: "s9" });
    await expect(lost).rejects.toThrow(errors.NotOnPhone);
    expect(kept()).toEqual([]);
    expect(await store.readFile(fingerprint(new Uint8Array(bytes)))).toBeNull();
  });
});

test.each(["", "nul \0", "x".repeat(2_001)])(
  "a text that the server refuses is refused",
  async (text) => {
    const noted = fieldwork.note(store, edge, { taskId: "t1", text });
    await expect(noted).rejects.toThrow(errors.Malformed);
    expect(kept()).toEqual([]);
  },
);

test("a fix from nowhere on earth is refused", async () => {
  const at = fix({ northM: 1e8 });
  const arrived = fieldwork.checkIn(store, edge, { taskId: "t1", fix: at });
  await expect(arrived).rejects.toThrow(errors.Malformed);
});

test("materials are kept with the finish", async () => {
  await hold(store, "crew:c1", "task", task("t3", { state: "restored" }));
  const materials = [{ name: "fuse 63 A", quantity: 2 }];
  const entry = await fieldwork.finish(store, edge, { taskId: "t3", materials });
  const body = outbox.read<Finished>(entry);
  expect(body.materials).toEqual([{ name: "fuse 63 A", quantity: 2, unit: "piece" }]);
});

test("work that is not here is refused", async () => {
  const accepted = fieldwork.accept(store, edge, { taskId: "t9" });
  await expect(accepted).rejects.toThrow(errors.NotOnPhone);
  const skipped = metering.skip(store, edge, { stopId: "s9", code: "dog" });
  await expect(skipped).rejects.toThrow(errors.NotOnPhone);
});

test("a handheld that nobody enrolled, or that was wiped, keeps no work", async () => {
  const bare = await emptyStore();
  await hold(bare, "crew:c1", "task", task("t1"));
  const accepted = fieldwork.accept(bare, edge, { taskId: "t1" });
  await expect(accepted).rejects.toThrow(errors.NotEnrolled);
  await store.writing((tables) => settings.put(tables, settings.Name.WIPED, "Lost in a taxi."));
  const refused = await refusal(fieldwork.accept(store, edge, { taskId: "t1" }));
  expect(refused.words.en).toContain("Lost in a taxi.");
});

test("nobody arrives at an order that was given to nobody", async () => {
  await hold(store, "crew:c1", "task", task("t4", { state: "reported" }));
  const arrived = fieldwork.checkIn(store, edge, { taskId: "t4", fix: null });
  await expect(arrived).rejects.toThrow(errors.WrongStep);
});

async function refusal(act: Promise<unknown>): Promise<errors.Refused> {
  try {
    await act;
  } catch (error) {
    if (error instanceof errors.Refused) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
