/** What the crew did: a chain of exact texts, and what became of each. */

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import { firstBreak, NEW } from "../../src/rules/operation_chain";
import * as chain from "../../src/store/chain";
import { openStore, type Store, type Tables } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import * as uploads from "../../src/store/uploads";
import type { Outcome, Status } from "../../src/wire";
import { HandEdge } from "../sync/hand_edge";
import { act, newName, photograph } from "../sync/handheld";

const WORDS = { en: "No.", zh: "不。" };

async function acted(count: number): Promise<{ store: Store; edge: HandEdge; name: string }> {
  const name = newName();
  const scene = { store: await openStore(name), edge: new HandEdge(), name };
  for (let number = 1; number <= count; number++) await act(scene, { body: { number } });
  return scene;
}

function outcome(entry: outbox.Entry | undefined, status: Status, fields = {}): Outcome {
  if (entry === undefined) throw new Error("nothing was done");
  const { n, id } = entry;
  return { n, id, status, code: `said-${status}`, detail: WORDS, fields };
}

const statuses = (tables: Tables) => outbox.listKept(tables).map((entry) => entry.status);

test("the chain holds, also after the store was opened again", async () => {
  const { store, name } = await acted(5);
  await store.close();
  const again = await openStore(name);
  const entries = outbox.listKept(again.tables);
  expect(entries.map((entry) => entry.n)).toEqual([1, 2, 3, 4, 5]);
  const links = entries.map((entry) => ({
    n: entry.n,
    prev: String(chain.read(entry).prev),
    sha256: createHash("sha256").update(entry.wire).digest("hex"),
  }));
  expect(firstBreak(NEW, links)).toBeNull();
  expect(links.map((link) => link.sha256)).toEqual(entries.map((entry) => entry.hash));
  expect(chain.last(again.tables)).toEqual({ n: 5, sha256: entries.at(-1)?.hash });
});

test("an operation's text has every field, in the order of the other handhelds", async () => {
  const { store } = await acted(0);
  const about = ["task", "t1"] as const;
  const moment = new HandEdge().moment();
  const done = { type: "task.suspend", subject: "t1", about, basedOn: 3, moment };
  const body = { reason: "没钥匙", until: null, code: null };
  const entry = await store.writing((tables) => outbox.add(tables, { id: "op-1", ...done, body }));
  expect(entry.wire).toBe(
    '{"id":"op-1","n":1,"type":"task.suspend","v":3,"subject":"t1","based_on":3,' +
      '"at":"2026-11-23T00:00:00.000Z","mono_ms":3600000,"boot":"boot-1","prev":"",' +
      '"rebased":false,"body":{"reason":"没钥匙","until":null,"code":null}}',
  );
  expect(outbox.read(entry)).toEqual(body);
});

test("the first outcome is the outcome for ever", async () => {
  const { store } = await acted(3);
  const [, second] = outbox.listKept(store.tables);
  for (const status of ["merged", "rejected"] as const) {
    const outcomes = [outcome(second, status)];
    await store.writing((tables) => outbox.settle(tables, { through: 2, outcomes }));
  }
  expect(statuses(store.tables)).toEqual(["applied", "merged", null]);
  expect(settings.findNumber(store.tables, Name.SETTLED_THROUGH)).toBe(2);
  expect(outbox.countWaiting(store.tables)).toBe(1);
});

test("an outcome of another operation under the same number is not entered", async () => {
  const { store } = await acted(1);
  const [first] = outbox.listKept(store.tables);
  const outcomes = [{ ...outcome(first, "rejected"), id: "another" }];
  await store.writing((tables) => outbox.settle(tables, { through: 1, outcomes }));
  expect(statuses(store.tables)).toEqual(["applied"]);
});

test("a repeated one is what became of it the first time, and laid over nothing", async () => {
  const { store } = await acted(1);
  const [first] = outbox.listKept(store.tables);
  const fields = { first_status: "conflict", first_code: "said-conflict" };
  const outcomes = [outcome(first, "duplicate", fields)];
  await store.writing((tables) => outbox.settle(tables, { through: 1, outcomes }));
  const [kept] = outbox.listKept(store.tables);
  expect([kept?.status, kept?.code, kept?.laid]).toEqual(["conflict", "said-conflict", false]);
});

test("what an act costs does not grow with what waits, and there is an end to it", async () => {
  const { store, edge } = await acted(1);
  await store.writing((tables) => {
    const [first] = outbox.listKept(tables);
    if (first) tables.outbox.put(outbox.WAITING_MAX, { ...first, n: outbox.WAITING_MAX });
  });
  await expect(act({ store, edge })).rejects.toBeInstanceOf(errors.OutboxFull);
});

test("turns of an order are its own acts, and of its stops the first after each", async () => {
  const { store, edge } = await acted(0);
  const moment = edge.moment();
  const on = (entity: "task" | "stop", id: string) => (tables: Tables) => {
    const about = [entity, id] as const;
    const what = { type: "x", subject: "r1", about, basedOn: null, moment, body: {} };
    return outbox.add(tables, { id: `${entity}-${id}-${tables.outbox.size}`, ...what });
  };
  for (const each of [
    on("stop", "s1"),
    on("stop", "s2"),
    on("task", "r1"),
    on("stop", "s3"),
    on("stop", "s4"),
    on("task", "r1"),
  ]) {
    await store.writing(each);
  }
  const turns = outbox.listTurns(store.tables, { subject: "r1" });
  expect(turns.map((entry) => entry.n)).toEqual([1, 3, 4, 6]);
  const laid = outbox.listLaidOver(store.tables, { entity: "stop", entityId: "s4" });
  expect(laid.map((entry) => entry.n)).toEqual([5]);
});

test("a record that tells of what is settled ends what lay over it, but for what is held", async () => {
  const { store } = await acted(3);
  const [first] = outbox.listKept(store.tables);
  await store.writing((tables) => {
    outbox.settle(tables, { through: 2, outcomes: [outcome(first, "held")] });
    outbox.lift(tables, { keys: [["task", "t1"]] });
  });
  const laid = outbox.listLaidOn(store.tables, { subject: "t1" });
  expect(laid.map((entry) => entry.n)).toEqual([1, 3]);
});

test("what was handed over is forgotten, but for the newest", async () => {
  const { store } = await acted(3);
  await store.writing((tables) => outbox.handOver(tables, { through: 3 }));
  expect(outbox.listKept(store.tables).map((entry) => [entry.n, entry.status])).toEqual([
    [3, "held"],
  ]);
});

test("old applied ones are let go of, but for the last and those whose files wait", async () => {
  const { store, edge } = await acted(0);
  await photograph({ store, edge });
  await store.writing((tables) => {
    const moment = edge.moment();
    const about = ["task", "t1"] as const;
    const what = { type: "x", subject: "t1", about, basedOn: null, moment, body: {} };
    for (let n = 2; n <= outbox.HISTORY_MAX + 5; n++)
      outbox.add(tables, { id: `op-${n}`, ...what });
    outbox.settle(tables, { through: outbox.HISTORY_MAX + 5, outcomes: [] });
    outbox.lift(tables, { keys: [["task", "t1"]] });
    outbox.prune(tables);
  });
  const numbers = outbox.listKept(store.tables).map((entry) => entry.n);
  expect(numbers.slice(0, 2)).toEqual([1, 6]);
  expect(numbers).toHaveLength(outbox.HISTORY_MAX + 1);
}, 60_000);

test("of each order it is told how much waits, the longest waiting first", async () => {
  const { store, edge } = await acted(0);
  await act({ store, edge }, { subject: "t2" });
  edge.advance(60);
  await photograph({ store, edge });
  await act({ store, edge }, { subject: "t2" });
  const waiting = outbox.listWaitingBySubject(store.tables);
  expect(waiting.map((each) => [each.subject, each.operations])).toEqual([
    ["t2", 2],
    ["t1", 1],
  ]);
  expect(outbox.weighWaiting(store.tables)).toEqual({
    operations: 3,
    since: "2026-11-23T00:00:00.000Z",
  });
  expect(uploads.listWaitingBySubject(store.tables)).toEqual([
    { subject: "t1", files: 1, filesBytes: 50 },
  ]);
});

test("what was seen as it was settled is new again once it is settled otherwise", async () => {
  const { store } = await acted(3);
  const [first, second, third] = outbox.listKept(store.tables);
  await store.writing((tables) => {
    outbox.settle(tables, {
      through: 2,
      outcomes: [outcome(first, "held"), outcome(second, "conflict")],
    });
    outbox.markSeen(tables, { ns: [1, 2, 3, 4] });
  });
  const seen = () => outbox.listKept(store.tables).map((entry) => outbox.isSeen(entry));
  expect(seen()).toEqual([true, true, false]);
  expect(outbox.listExceptions(store.tables)).toHaveLength(2);
  await store.writing((tables) =>
    outbox.conclude(tables, { outcomes: [outcome(first, "rejected")] }),
  );
  expect(seen()).toEqual([false, true, false]);
  expect(third?.status).toBeNull();
});
