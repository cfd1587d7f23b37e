/** A round of sync: with a good line, with a bad one, with a server that says no. */

import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as contacts from "../../src/store/contacts";
import * as outbox from "../../src/store/outbox";
import * as records from "../../src/store/records";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import * as uploads from "../../src/store/uploads";
import type { Progress } from "../../src/sync/client";
import * as client from "../../src/sync/client";
import * as enrolment from "../../src/sync/enrolment";
import * as standing from "../../src/sync/standing";
import { act, enrolled, LI_WEI, phone, photograph, sync, task } from "./handheld";
import { losing } from "./network";

const taskIds = (scene: { store: { tables: Parameters<typeof records.listOf>[0] } }) =>
  records.listOf(scene.store.tables, { entity: "task" }).map((body) => body.id);

test("a first pull brings the work", async () => {
  const scene = await phone();
  expect(taskIds(scene)).toEqual(["t1"]);
});

test("what was done goes up, and the record that tells of it ends what was laid over it", async () => {
  const scene = await phone();
  await act(scene, { type: "task.accept", body: {} });
  scene.server.put("crew:c1", "task", task("t1", { state: "accepted", version: 2 }));
  const ended = await sync(scene);
  expect([ended.state.phase, ended.refused]).toEqual(["idle", null]);
  expect(scene.server.operations.map((each) => each.type)).toEqual(["task.accept"]);
  expect(outbox.countWaiting(scene.store.tables)).toBe(0);
  expect(outbox.listLaidOn(scene.store.tables, { subject: "t1" })).toEqual([]);
});

test("what is settled stays laid over a record that is older than the act", async () => {
  const scene = await phone();
  await act(scene);
  await sync(scene);
  expect(outbox.listLaidOn(scene.store.tables, { subject: "t1" })).toHaveLength(1);
});

test("an operation in conflict is kept with the server's words and shown no more", async () => {
  const scene = await phone();
  scene.server.judge = () => "conflict";
  await act(scene);
  await sync(scene);
  const [kept] = outbox.listExceptions(scene.store.tables);
  expect([kept?.status, kept?.code]).toEqual(["conflict", "said-conflict"]);
  expect(kept?.words.zh).toBe("结果：said-conflict。");
  expect(outbox.listLaidOn(scene.store.tables, { subject: "t1" })).toEqual([]);
});

test("the final outcome of a held operation is entered once", async () => {
  const scene = await phone();
  scene.server.judge = () => "held";
  const { n, id } = await act(scene);
  await sync(scene);
  const words = { en: "It was merged.", zh: "已合并。" };
  const final = { n, id, status: "merged", code: "overtaken", detail: words };
  scene.server.put("device:x", "outcome", final);
  await sync(scene);
  scene.server.put("device:x", "outcome", { ...final, status: "rejected" });
  await sync(scene);
  const [entry] = outbox.listKept(scene.store.tables);
  expect([entry?.status, entry?.code, entry?.words]).toEqual(["merged", "overtaken", words]);
});

test.each(["answer_lost", "request_lost", "answer_cut"] as const)(
  "after a push with %s the phone asks before it sends",
  async (fault) => {
    const scene = await phone();
    await act(scene);
    scene.network.fault = losing(fault);
    const lost = await sync(scene);
    expect(lost.refused).toBeInstanceOf(errors.NoSignal);
    expect(lost.state.phase).toBe("backing_off");
    scene.server.requests.length = 0;
    expect((await sync(scene)).refused).toBeNull();
    expect(scene.server.requests[0]).toBe("GET /v1/sync/ack");
    expect(scene.server.operations.map((each) => each.n)).toEqual([1]);
    expect(outbox.countWaiting(scene.store.tables)).toBe(0);
  },
);

test("after a lost answer nothing settled is sent again", async () => {
  const scene = await phone();
  scene.server.judge = (operation) => (operation.n === 2 ? "rejected" : null);
  for (const text of ["one", "two", "three"]) await act(scene, { body: { text } });
  scene.network.fault = losing("answer_lost");
  await sync(scene);
  const sizes: number[] = [];
  scene.network.fault = (request) => {
    sizes.push(request.sizeBytes);
    return "none";
  };
  await sync(scene);
  expect(Math.max(...sizes)).toBeLessThan(1_000);
  expect(outbox.listExceptions(scene.store.tables).map((kept) => kept.n)).toEqual([2]);
  expect(scene.server.operations).toHaveLength(3);
});

test("a request that came twice is applied once, and asked after", async () => {
  const scene = await phone();
  scene.network.fault = losing("doubled");
  await act(scene);
  expect((await sync(scene)).refused).toBeInstanceOf(errors.NoSignal);
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.operations.map((each) => each.n)).toEqual([1]);
});

test("more than a push may hold goes in several", async () => {
  const scene = await phone();
  await scene.store.writing((tables) => {
    settings.put(tables, Name.BATCH, 2);
    settings.put(tables, Name.BATCH_MAX, 2);
  });
  for (const text of "abcde") await act(scene, { body: { text } });
  await sync(scene);
  expect(scene.server.requests.filter((each) => each === "POST /v1/sync")).toHaveLength(3);
  expect(scene.server.operations.map((each) => each.n)).toEqual([1, 2, 3, 4, 5]);
});

test("a first pull is not shown before it is whole, and goes on where it was cut", async () => {
  const scene = await enrolled();
  for (let number = 1; number <= 5; number++) {
    scene.server.put("route:r1", "stop", { id: `s${number}` });
  }
  scene.server.page = 2;
  scene.network.fault = losing("none", "none", "request_lost");
  await sync(scene);
  expect(records.count(scene.store.tables)).toBe(0);
  scene.server.requests.length = 0;
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.requests).toHaveLength(1);
  expect(records.count(scene.store.tables)).toBe(5);
});

test("an expired token is renewed by the way", async () => {
  const scene = await phone();
  await act(scene);
  scene.server.expired = true;
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.requests).toContain("POST /v1/sessions/refresh");
  expect(scene.server.operations).toHaveLength(1);
});

test("an ended session signs out, and capture goes on", async () => {
  const scene = await phone();
  scene.server.closed = true;
  const ended = await sync(scene);
  expect(ended.state.phase).toBe("signed_out");
  expect(ended.refused).toBeInstanceOf(errors.SignedOut);
  await act(scene);
  scene.server.requests.length = 0;
  expect((await sync(scene)).refused).toBeInstanceOf(errors.SignedOut);
  expect(scene.server.requests).toEqual(["POST /v1/sessions/refresh"]);
  await enrolment.signIn(scene.store, scene.line, scene.edge, { login: LI_WEI });
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.operations).toHaveLength(1);
});

test.each(["revoked", "wiping"] as const)(
  "a %s device forgets the work, hands over the acts and is wiped for ever",
  async (how) => {
    const scene = await phone();
    const made = await act(scene);
    scene.server[how] = true;
    const ended = await sync(scene);
    expect(ended.refused).toBeInstanceOf(errors.Wiped);
    expect(ended.state.phase).toBe("wiped");
    const { tables } = scene.store;
    expect([records.count(tables), outbox.listKept(tables).length]).toEqual([0, 1]);
    expect(settings.find(tables, Name.REFRESH_TOKEN)).toBeNull();
    expect(scene.server.lastWords.map((each) => each.id)).toEqual([made.id]);
    const again = enrolment.signIn(scene.store, scene.line, scene.edge, { login: LI_WEI });
    await expect(again).rejects.toBeInstanceOf(errors.Wiped);
  },
);

test("last words that were lost are said again, and files go with them", async () => {
  const scene = await phone();
  const made = [await act(scene), await photograph(scene)];
  scene.server.revoked = true;
  scene.network.fault = losing("none", "answer_lost");
  expect((await sync(scene)).state.phase).toBe("wiped");
  expect(outbox.countWaiting(scene.store.tables)).toBe(2);
  expect((await sync(scene)).refused).toBeInstanceOf(errors.Wiped);
  const said = new Set(scene.server.lastWords.map((each) => each.id));
  expect(said).toEqual(new Set(made.map((entry) => entry.id)));
  expect([...scene.server.uploads.contents.values()].map((each) => each.byteLength)).toEqual([50]);
  const { tables } = scene.store;
  expect([outbox.countWaiting(tables), uploads.countWaiting(tables)]).toEqual([0, 0]);
  expect(outbox.listKept(tables).map((entry) => entry.n)).toEqual([2]);
  scene.server.requests.length = 0;
  await sync(scene);
  expect(scene.server.requests).toEqual([]);
});

test("a revoked device keeps the files that the server has no room for yet", async () => {
  const scene = await phone();
  for (const number of [1, 2, 3]) await photograph(scene, { number });
  scene.server.revoked = true;
  scene.server.expectedMax = 1;
  for (const left of [2, 1, 0]) {
    expect((await sync(scene)).state.phase).toBe("wiped");
    expect(uploads.countWaiting(scene.store.tables)).toBe(left);
  }
  expect(scene.server.uploads.contents.size).toBe(3);
});

test("a cursor that the server does not know costs a fresh pull and no operation", async () => {
  const scene = await phone();
  await act(scene);
  await scene.store.writing((tables) => settings.put(tables, Name.CURSOR, "nonsense"));
  expect((await sync(scene)).refused).toBeNull();
  expect(taskIds(scene)).toEqual(["t1"]);
  expect(scene.server.operations).toHaveLength(1);
});

test("what the server takes away is gone, and so is an audience that is held no more", async () => {
  const scene = await phone();
  scene.server.put("person:p1", "task", task("t2"));
  await sync(scene);
  scene.server.take("crew:c1", "task", "t1");
  await sync(scene);
  expect(taskIds(scene)).toEqual(["t2"]);
  scene.server.drop("person:p1");
  await sync(scene);
  expect(taskIds(scene)).toEqual([]);
});

test("a body that is too large is sent in parts, and none so large again", async () => {
  const scene = await phone();
  const text = Array.from({ length: 60 }, (_, place) => String.fromCharCode(0x4e00 + place)).join(
    "",
  );
  for (let number = 0; number < 8; number++) await act(scene, { body: { text, number } });
  scene.server.bodyBytesMax = 1_400;
  for (let rounds = 0; rounds < 4; rounds++) await sync(scene);
  expect(scene.server.operations.map((each) => each.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(settings.findNumber(scene.store.tables, Name.BATCH_MAX)).toBeLessThan(8);
});

test("after a cut it asks for half as many changes, and after an answer for twice as many", async () => {
  const scene = await phone();
  scene.network.fault = losing("answer_cut");
  await sync(scene);
  expect(settings.findNumber(scene.store.tables, Name.CHANGES_WANTED)).toBe(1_000);
  await sync(scene);
  expect(scene.server.asked.at(-1)?.changes_max).toBe(1_000);
  await sync(scene);
  expect(scene.server.asked.at(-1)?.changes_max).toBe(2_000);
});

test("a push that waits long and gets no answer is followed by a smaller one", async () => {
  const scene = await phone();
  for (let number = 0; number < 60; number++) await act(scene, { body: { number } });
  scene.network.fault = () => {
    scene.edge.advance(30);
    return "answer_lost";
  };
  await sync(scene);
  expect(settings.findNumber(scene.store.tables, Name.BATCH)).toBe(30);
});

test("a server that asks to wait is given that, and a person need not wait", async () => {
  const scene = await phone();
  scene.network.spoil = () => "";
  const { state } = await sync(scene);
  expect(state.waitUntil?.getTime()).toBeGreaterThan(scene.edge.moment().wall.getTime());
  scene.network.spoil = (body) => body;
  const due = { kind: "due", now: scene.edge.moment().wall, work: { operations: 0, files: 0 } };
  scene.server.requests.length = 0;
  const { store, line, edge } = scene;
  await client.goOn(store, line, edge, { state, event: due as { kind: "due" } & typeof due });
  expect(scene.server.requests).toEqual([]);
  expect((await sync(scene)).refused).toBeNull();
});

test("two rounds at once are refused", async () => {
  const scene = await phone();
  const first = sync(scene);
  await expect(sync(scene)).rejects.toBeInstanceOf(errors.StoreBusy);
  expect((await first).refused).toBeNull();
});

test("a handheld that belongs to nobody has nothing to say", async () => {
  const scene = await phone();
  await scene.store.writing((tables) => settings.drop(tables, Name.DEVICE));
  await expect(sync(scene)).rejects.toBeInstanceOf(errors.NotEnrolled);
});

test("each contact tells the clocks, and how long the last one took", async () => {
  const scene = await phone();
  scene.edge.fastS = -90;
  await sync(scene);
  scene.edge.advance(60);
  await sync(scene);
  const contact = scene.server.asked.at(-1)?.contact;
  expect(contact?.device_at).toBe("2026-11-22T23:59:30.000Z");
  expect(contact?.measured).toEqual({ mono_ms: 3_600_000, boot: "boot-1", round_trip_s: 0 });
  expect(contacts.findLast(scene.store.tables)?.monoMs).toBe(3_660_000);
});

test("files stay here for a while when a person wants it so", async () => {
  const scene = await phone();
  await photograph(scene);
  expect((await sync(scene, { withFiles: false })).state.phase).toBe("idle");
  expect(uploads.countWaiting(scene.store.tables)).toBe(1);
  const told: Progress[] = [];
  await sync(scene, { watch: (progress) => told.push(progress) });
  expect(uploads.countWaiting(scene.store.tables)).toBe(0);
  expect(told.map((each) => each.fileBytes)).toContain(50);
});

test("it says the newest checkpoint that it was shown, whatever it is shown later", async () => {
  const scene = await phone();
  const shown = { number: 7, sha256: "a".repeat(64) };
  scene.server.checkpoint = shown;
  await sync(scene);
  scene.server.checkpoint = { number: 6, sha256: "b".repeat(64) };
  await sync(scene);
  await sync(scene);
  expect(scene.server.seen).toEqual(shown);
});

test("a handheld that a timer woke waits its share first", async () => {
  const scene = await phone();
  const now = scene.edge.moment().wall;
  const waitUntil = standing.woken(scene.store.tables, now).waitUntil?.getTime() ?? 0;
  expect(waitUntil - now.getTime()).toBeGreaterThan(0);
  expect(waitUntil - now.getTime()).toBeLessThan(600_000);
});
