/** A handheld whose chain has parted from the server's joins it again, and nothing is lost. */

import { expect, test } from "vitest";
import * as chain from "../../src/store/chain";
import * as outbox from "../../src/store/outbox";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import * as uploads from "../../src/store/uploads";
import * as protocol from "../../src/sync/protocol";
import { Transport } from "../../src/sync/transport";
import { copyOf } from "./copies";
import { ADDRESS } from "./fake_server";
import { act, newName, phone, photograph, type Scene, sync } from "./handheld";
import { losing, type Request } from "./network";

/** Do something for each text; gives the ids. */
async function note(scene: Scene, ...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) ids.push((await act(scene, { body: { text } })).id);
  return ids;
}

async function roundOf(scene: Scene): Promise<void> {
  const ended = await sync(scene);
  expect([ended.state.phase, ended.refused]).toEqual(["idle", null]);
  expect(outbox.countWaiting(scene.store.tables)).toBe(0);
}

/** List the texts that the server applied, in its order. */
function applied({ server }: Scene): unknown[] {
  return server.operations.map((operation) => (operation.body as { text?: string }).text);
}

function kept({ store }: Scene): unknown[] {
  return outbox.listKept(store.tables).map((entry) => [entry.n, entry.status]);
}

async function named(): Promise<{ scene: Scene; copy: () => Promise<Scene> }> {
  const name = newName();
  const scene = await phone({ name });
  return { scene, copy: () => copyOf(scene, name) };
}

test("a handheld put back from a backup goes on behind what it forgot", async () => {
  const { scene, copy } = await named();
  await note(scene, "1");
  await roundOf(scene);
  const restored = await copy();
  await note(scene, "2", "3");
  await roundOf(scene);
  await note(restored, "4", "5", "6");
  await roundOf(restored);
  expect(kept(restored)).toEqual([1, 4, 5, 6].map((n) => [n, "applied"]));
  await note(restored, "7");
  scene.server.requests.length = 0;
  await roundOf(restored);
  expect(applied(scene)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  expect(scene.server.requests).toEqual(["POST /v1/sync"]);
});

test("a handheld hears that a copy was first after the server's backup came back", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  await note(clone, "the clone's");
  await roundOf(clone);
  scene.server.restore({ settled: 0 });
  await note(scene, "1");
  await roundOf(scene);
  await roundOf(clone);
  expect(applied(scene)).toEqual(["1", "the clone's"]);
});

test("what a copy had brought is laid over nothing", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  await note(scene, "1");
  const restored = await copy();
  await note(clone, "the clone's");
  await roundOf(clone);
  await roundOf(scene);
  await roundOf(restored);
  expect(outbox.listLaidOn(restored.store.tables, { subject: "t1" })).toEqual([]);
});

test("what a backup still has waiting counts once under other numbers", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  await note(scene, "1", "2");
  const restored = await copy();
  await note(clone, "the clone's");
  await roundOf(clone);
  scene.server.judge = (operation) => (operation.n === 2 ? "rejected" : null);
  await roundOf(scene);
  await note(restored, "3");
  await roundOf(restored);
  const statuses = outbox.listKept(restored.store.tables).map((entry) => entry.status);
  expect(statuses).toEqual(["rejected", "applied", "applied"]);
  expect(outbox.listExceptions(restored.store.tables)[0]?.code).toBe("said-rejected");
  expect(applied(scene)).toEqual(["the clone's", "1", "2", "3"]);
});

test("two copies of a handheld both land everything", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  const made: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    for (const each of [scene, clone]) made.push(...(await note(each, `${turn} a`, `${turn} b`)));
    for (const each of [scene, clone]) await roundOf(each);
  }
  expect(scene.server.operations.map((each) => each.id).sort()).toEqual(made.sort());
  expect(scene.server.operations.map((each) => each.n)).toEqual(made.map((_, i) => i + 1));
}, 60_000);

test("two copies that overtake each other do not keep a round for ever", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  const mine = await note(scene, "mine");
  let overtaken = 0;
  const overtaking = new Transport(async (url, init) => {
    if (url.endsWith("/v1/sync")) {
      overtaken += 1;
      await note(clone, "the clone's");
      await sync(clone);
    }
    return scene.network.fetch(url, init);
  }, ADDRESS);
  const ended = await sync({ ...scene, line: overtaking });
  expect([ended.state.phase, overtaken]).toEqual(["backing_off", protocol.JOINS_MAX + 1]);
  expect(outbox.listWaiting(scene.store.tables, { limit: 9 }).map((each) => each.id)).toEqual(mine);
  await roundOf(scene);
  expect(applied(scene)).toEqual([...Array<string>(overtaken).fill("the clone's"), "mine"]);
});

test("a server that forgot is told again what is kept", async () => {
  const { scene } = await named();
  for (const text of ["1", "2", "3"]) {
    await note(scene, text);
    await roundOf(scene);
  }
  scene.server.restore({ settled: 1 });
  await note(scene, "4");
  await roundOf(scene);
  expect(applied(scene)).toEqual(["1", "2", "3", "4"]);
  expect(settings.findNumber(scene.store.tables, Name.LOST)).toBe(0);
});

test("a server that forgot what was let go of is joined behind its head, and that is counted", async () => {
  const { scene } = await named();
  await scene.store.writing((tables) => {
    for (let n = 1; n <= outbox.HISTORY_MAX + 3; n++) {
      const moment = scene.edge.moment();
      const about = ["task", "t1"] as const;
      const what = { type: "task.note", subject: "t1", about, basedOn: 1, moment, body: {} };
      outbox.add(tables, { id: `op-${n}`, ...what });
    }
  });
  for (let rounds = 0; rounds < 3; rounds++) await sync(scene);
  await scene.store.writing((tables) => {
    outbox.lift(tables, { keys: [["task", "t1"]] });
    outbox.prune(tables);
  });
  expect(outbox.listKept(scene.store.tables)[0]?.n).toBe(4);
  scene.server.restore({ settled: 2 });
  await note(scene, "last");
  await sync(scene);
  expect(settings.findNumber(scene.store.tables, Name.LOST)).toBe(1);
  expect(scene.server.operations).toHaveLength(outbox.HISTORY_MAX + 3);
}, 60_000);

test("a server that forgot and a copy that went on are told all that is kept", async () => {
  const { scene, copy } = await named();
  await note(scene, "1");
  await roundOf(scene);
  const clone = await copy();
  for (const text of ["2", "3"]) {
    await note(scene, text);
    await roundOf(scene);
  }
  scene.server.restore({ settled: 1 });
  await note(clone, "a", "b", "c");
  await roundOf(clone);
  await note(scene, "4");
  await roundOf(scene);
  expect(applied(scene)).toEqual(["1", "a", "b", "c", "2", "3", "4"]);
});

test("a chain that broke inside the store is mended", async () => {
  const { scene } = await named();
  await note(scene, "1", "2");
  await scene.store.writing((tables) => {
    const entry = tables.outbox.get(2);
    if (entry === undefined) return;
    const operation = { ...chain.read(entry), prev: "0".repeat(64) };
    tables.outbox.put(2, { ...entry, wire: chain.written(operation) });
  });
  scene.server.witness = null;
  await roundOf(scene);
  expect(applied(scene)).toEqual(["1", "2"]);
});

test("the wire that was numbered anew keeps all but its place", async () => {
  const { scene } = await named();
  await note(scene, "1", "2");
  const before = outbox.listKept(scene.store.tables).map((entry) => chain.read(entry));
  const head = { n: 9, sha256: "9".repeat(64) };
  await scene.store.writing((tables) => chain.rebase(tables, { head, after: 0 }));
  const entries = outbox.listKept(scene.store.tables);
  const anew = entries.map((entry) => chain.read(entry));
  expect(anew.map((each) => [each.n, each.prev])).toEqual([
    [10, head.sha256],
    [11, entries[0]?.hash],
  ]);
  expect(anew.map((each) => each.rebased)).toEqual([true, true]);
  const place = { n: 0, prev: "", rebased: false };
  expect(anew.map((each) => ({ ...each, ...place }))).toEqual(
    before.map((each) => ({ ...each, ...place })),
  );
});

test("a push that arrives after the rebase takes nothing's place", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  const late: Request[] = [];
  await note(scene, "mine");
  scene.network.fault = (request) => {
    late.push(request);
    return "request_lost";
  };
  await sync(scene);
  scene.network.fault = () => "none";
  await note(clone, "the clone's");
  await roundOf(clone);
  await roundOf(scene);
  expect(applied(scene)).toEqual(["the clone's", "mine"]);
  for (const request of late) scene.server.handle(request);
  expect(applied(scene)).toEqual(["the clone's", "mine"]);
  await note(scene, "next");
  await roundOf(scene);
  expect(applied(scene).at(-1)).toBe("next");
});

test("the files of operations that were numbered anew go up with them", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  await note(clone, "1", "2", "3");
  await roundOf(clone);
  await photograph(scene);
  await roundOf(scene);
  expect(scene.server.uploads.contents.size).toBe(1);
  expect(uploads.countWaiting(scene.store.tables)).toBe(0);
});

test("a lost push of one of two copies is asked after", async () => {
  const { scene, copy } = await named();
  const clone = await copy();
  await note(scene, "1");
  scene.network.fault = losing("answer_lost");
  await sync(scene);
  await note(clone, "a");
  await roundOf(clone);
  await roundOf(scene);
  expect(applied(scene)).toEqual(["1", "a"]);
});
