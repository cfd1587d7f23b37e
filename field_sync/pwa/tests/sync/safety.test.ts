/** What is not yet safe is said exactly, of the handheld and of each order. */

import { expect, test } from "vitest";
import * as messages from "../../src/sync/messages";
import * as safety from "../../src/sync/safety";
import { act, phone, photograph, sync } from "./handheld";
import { losing } from "./network";

test("nothing is called safe while an act or a file is only here", async () => {
  const scene = await phone();
  const { store } = scene;
  expect(safety.isNothing(safety.ofHandheld(store.tables).unsafe)).toBe(true);
  await act(scene, { subject: "t2" });
  scene.edge.advance(60);
  await photograph(scene);
  const since = "2026-11-23T00:00:00.000Z";
  expect(safety.ofHandheld(store.tables)).toEqual({
    unsafe: { operations: 2, operationsSince: since, files: 1, filesBytes: 50 },
    unsure: false,
    signedOut: false,
    wiped: false,
    syncedAt: since,
    lost: 0,
  });
  await sync(scene, { withFiles: false });
  const { unsafe } = safety.ofHandheld(store.tables);
  expect(unsafe).toEqual({ operations: 0, operationsSince: null, files: 1, filesBytes: 50 });
  expect(safety.isNothing(unsafe)).toBe(false);
});

test("of each order it is told what is here only, the longest waiting first", async () => {
  const scene = await phone();
  await act(scene, { subject: "t2" });
  scene.edge.advance(60);
  await photograph(scene);
  const told = [...safety.ofOrders(scene.store.tables)];
  expect(told).toEqual([
    ["t2", { operations: 1, operationsSince: "2026-11-23T00:00:00.000Z", files: 0, filesBytes: 0 }],
    [
      "t1",
      { operations: 1, operationsSince: "2026-11-23T00:01:00.000Z", files: 1, filesBytes: 50 },
    ],
  ]);
});

test("an answer that is outstanding is said to be", async () => {
  const scene = await phone();
  await act(scene);
  scene.network.fault = losing("answer_lost");
  await sync(scene);
  expect(safety.ofHandheld(scene.store.tables).unsure).toBe(true);
  await sync(scene);
  expect(safety.ofHandheld(scene.store.tables).unsure).toBe(false);
});

test("messages are listed newest first, and read once", async () => {
  const scene = await phone();
  const words = { en: "Yours now.", zh: "已改派。" };
  const message = { kind: "reassigned", task_id: "t1", title: "No light", words };
  for (const [id, at] of [
    ["m1", "2026-11-23T00:00:00Z"],
    ["m2", "2026-11-23T01:00:00.5Z"],
    ["m3", "2026-11-23T00:30:00Z"],
  ] as const) {
    scene.server.put("crew:c1", "message", { id, at, ...message });
  }
  await sync(scene);
  const listed = messages.listMessages(scene.store.tables);
  expect(listed.map((each) => each.message.id)).toEqual(["m2", "m3", "m1"]);
  await messages.markRead(scene.store, listed.slice(0, 2));
  expect(messages.countUnread(scene.store.tables)).toBe(1);
});
