/** How rows lie on disk: packed or by themselves, what was written is what is read again. */

import "fake-indexeddb/auto";
import fc from "fast-check";
import { openDB } from "idb";
import { expect, test, vi } from "vitest";
import * as errors from "../../src/errors";
import { openStore, type Store, type Tables, VERSION } from "../../src/store/connection";
import { ROWS_MAX } from "../../src/store/layout";
import { PLANS, type RecordRow, TABLE_NAMES } from "../../src/store/rows";
import { newName } from "../sync/handheld";

const METERS = ROWS_MAX * 3;
const keyOf = PLANS.records.key;

function stop(at: number, told = 0): RecordRow {
  const id = `s${String(at).padStart(5, "0")}`;
  return { audience: "route:r", entity: "stop", id, body: { id, address: "东路 3 号", told } };
}

function putAll(tables: Tables, rows: readonly RecordRow[]): void {
  for (const row of rows) tables.records.put(keyOf(row), row);
}

const range = (from: number, to: number, told = 0) =>
  Array.from({ length: Math.max(to - from, 0) }, (_, at) => stop(from + at, told));

/** The rows of a table by its own keys, and how many packs of it lie on disk. */
async function lying(name: string): Promise<{ rows: RecordRow[]; packs: number }> {
  const database = await openDB(name);
  const packs = await database.count("records");
  database.close();
  const store = await openStore(name);
  const rows = [...store.tables.records.all()];
  await store.close();
  return { rows, packs };
}

const bounds = fc
  .tuple(fc.nat(METERS), fc.nat(METERS))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const act = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), bounds, told: fc.nat(3) }),
  fc.record({ kind: fc.constant("drop" as const), bounds }),
  fc.record({ kind: fc.constant("clear" as const) }),
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

function perform(tables: Tables, each: Act): void {
  if (each.kind === "clear") tables.records.clear();
  else if (each.kind === "put") putAll(tables, range(...each.bounds, each.told));
  else for (const row of range(...each.bounds)) tables.records.drop(keyOf(row));
}

test("whatever was written, the same rows are read again", async () => {
  const write = fc.array(act, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 5 }), async (writes) => {
      const name = newName();
      const store = await openStore(name);
      for (const acts of writes) {
        await store.writing((tables) => {
          for (const each of acts) perform(tables, each);
        });
      }
      const kept = [...store.tables.records.all()];
      await store.close();
      const { rows, packs } = await lying(name);
      expect(rows).toEqual(kept);
      if (rows.length === 0) expect(packs).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test("twenty thousand meters lie in few packs, and one that changes leaves the others alone", async () => {
  const name = newName();
  const store = await openStore(name);
  await store.writing((tables) => putAll(tables, range(0, 20_000)));
  const put = vi.spyOn(IDBObjectStore.prototype, "put");
  await store.writing((tables) => putAll(tables, [stop(7, 1)]));
  const texts = put.mock.calls.map(([value]) => value).filter((value) => typeof value === "string");
  put.mockRestore();
  await store.close();
  expect(texts.map((text) => JSON.parse(text).length)).toEqual([ROWS_MAX]);
  const { rows, packs } = await lying(name);
  expect([rows.length, rows[7], packs]).toEqual([20_000, stop(7, 1), Math.ceil(20_000 / ROWS_MAX)]);
});

test("a write that fails leaves the packs as they were, for the next one too", async () => {
  const name = newName();
  const store = await openStore(name);
  await store.writing((tables) => putAll(tables, range(0, ROWS_MAX + 10)));
  const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const failing = store.writing((tables) => {
    for (const row of range(0, ROWS_MAX)) tables.records.drop(keyOf(row));
    putAll(tables, range(500, 700));
  });
  await expect(failing).rejects.toBeInstanceOf(errors.DiskFull);
  put.mockRestore();
  await store.writing((tables) => putAll(tables, [stop(3, 1)]));
  const kept = [...store.tables.records.all()];
  await store.close();
  const { rows } = await lying(name);
  expect(rows).toEqual(kept);
  expect([rows.length, rows[3]]).toEqual([ROWS_MAX + 10, stop(3, 1)]);
});

/** A store as version 1 left it: every row by itself. */
async function old(name: string, rows: readonly RecordRow[]): Promise<void> {
  const made = await openDB(name, 1, {
    upgrade: (database) => {
      for (const each of [...TABLE_NAMES, "files", "keys", "meta"]) {
        database.createObjectStore(each);
      }
    },
  });
  const writing = made.transaction(["records", "settings"], "readwrite");
  for (const row of rows) writing.objectStore("records").put(row, keyOf(row));
  writing.objectStore("settings").put({ name: "device", value: "d1" }, "device");
  await writing.done;
  made.close();
}

test("a store of version 1 is packed as it is opened, and loses nothing", async () => {
  const name = newName();
  await old(name, range(0, 300));
  const store: Store = await openStore(name);
  expect([...store.tables.records.all()]).toEqual(range(0, 300));
  expect(store.tables.settings.get("device")?.value).toBe("d1");
  await store.close();
  const { rows, packs } = await lying(name);
  expect([rows.length, packs, VERSION]).toEqual([300, Math.ceil(300 / ROWS_MAX), 2]);
});
