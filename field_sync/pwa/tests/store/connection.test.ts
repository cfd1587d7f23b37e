/** The store: what was said to be saved is on the disk, and nothing else is. */

import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, expect, test, vi } from "vitest";
import * as errors from "../../src/errors";
import { erase, openStore, type Store, type Tables, VERSION } from "../../src/store/connection";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";

const newName = () => `store-${crypto.randomUUID()}`;
const put = (value: string) => (tables: Tables) => settings.put(tables, Name.CURSOR, value);
const cursor = (store: Store) => settings.find(store.tables, Name.CURSOR);

afterEach(() => {
  vi.restoreAllMocks();
});

test("what was written is there when the store is opened again", async () => {
  const name = newName();
  const store = await openStore(name);
  const told = await store.writing((tables) => {
    put("one")(tables);
    return 7;
  });
  expect(told).toBe(7);
  expect(cursor(store)).toBe("one");
  await store.close();
  expect(cursor(await openStore(name))).toBe("one");
});

test("a throw publishes nothing and keeps nothing", async () => {
  const name = newName();
  const store = await openStore(name);
  await store.writing(put("one"));
  const failing = store.writing((tables) => {
    put("two")(tables);
    tables.addFile("f", new ArrayBuffer(1));
    throw new errors.NothingChanged();
  });
  await expect(failing).rejects.toBeInstanceOf(errors.NothingChanged);
  expect(cursor(store)).toBe("one");
  await store.close();
  const again = await openStore(name);
  expect([cursor(again), await again.readFile("f")]).toEqual(["one", null]);
});

test("a write is seen by nobody before it is on the disk", async () => {
  const store = await openStore(newName());
  const seen: (string | null)[] = [];
  store.onChange(() => seen.push(cursor(store)));
  const writing = store.writing(put("one"));
  expect(cursor(store)).toBeNull();
  await writing;
  expect([cursor(store), seen]).toEqual(["one", ["one"]]);
});

test("writes follow one another, whoever begins them", async () => {
  const store = await openStore(newName());
  const count = (tables: Tables) => {
    const n = settings.findNumber(tables, Name.LOST) + 1;
    settings.put(tables, Name.LOST, n);
    return n;
  };
  const told = await Promise.all(Array.from({ length: 20 }, () => store.writing(count)));
  expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test("a file is kept with its operation or not at all", async () => {
  const store = await openStore(newName());
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  await store.writing((tables) => tables.addFile("f", bytes));
  expect(new Uint8Array((await store.readFile("f")) ?? new ArrayBuffer(0))).toEqual(
    new Uint8Array([1, 2, 3]),
  );
  await store.writing((tables) => tables.dropFile("f"));
  expect(await store.readFile("f")).toBeNull();
});

/** Let the disk be full at the n-th thing that is put: at once, or when it is committed. */
function fullAt(n: number, how: "at once" | "later"): void {
  const put = IDBObjectStore.prototype.put;
  let puts = 0;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
    ...given: Parameters<typeof put>
  ) {
    puts += 1;
    if (puts === n && how === "at once") throw new DOMException("full", "QuotaExceededError");
    const request = put.apply(this, given);
    const { transaction } = this as unknown as { transaction: { _abort(name: string): void } };
    if (puts === n) transaction._abort("QuotaExceededError");
    return request;
  });
}

test.each([
  [1, "at once"],
  [2, "at once"],
  [3, "at once"],
  [1, "later"],
  [2, "later"],
  [3, "later"],
] as const)("a disk that is full at put %i, %s, changes nothing and says so", async (n, how) => {
  const name = newName();
  const store = await openStore(name);
  await store.writing(put("one"));
  fullAt(n, how);
  const failing = store.writing((tables) => {
    put("two")(tables);
    tables.addFile("f", new ArrayBuffer(8));
  });
  await expect(failing).rejects.toBeInstanceOf(errors.DiskFull);
  expect(cursor(store)).toBe("one");
  vi.restoreAllMocks();
  await store.writing(put("three"));
  expect(cursor(store)).toBe("three");
  await store.close();
  const again = await openStore(name);
  expect([cursor(again), await again.readFile("f")]).toEqual(["three", null]);
});

test("a tab that another one has taken over from writes nothing, and falls asleep", async () => {
  const name = newName();
  const first = await openStore(name);
  await first.writing(put("one"));
  const second = await openStore(name);
  await second.writing(put("two"));
  let told = 0;
  first.onChange(() => {
    told += 1;
  });
  await expect(first.writing(put("stale"))).rejects.toBeInstanceOf(errors.StoreBusy);
  expect([first.isAsleep, told, cursor(first)]).toEqual([true, 1, "one"]);
  await expect(first.readFile("f")).rejects.toBeInstanceOf(errors.StoreBusy);
  await second.writing(put("three"));
  expect(cursor(await openStore(name))).toBe("three");
});

test("a write that is under way when another tab opens is seen there", async () => {
  const name = newName();
  const first = await openStore(name);
  const writing = first.writing(put("one"));
  const second = await openStore(name);
  const ended = await writing.then(
    () => "one",
    () => null,
  );
  expect(cursor(second)).toBe(ended);
});

test("a store of a later version is refused", async () => {
  const name = newName();
  (await openDB(name, VERSION + 1)).close();
  await expect(openStore(name)).rejects.toBeInstanceOf(errors.StoreTooNew);
});

test("an open store makes way for a later version", async () => {
  const name = newName();
  const store = await openStore(name);
  (await openDB(name, VERSION + 1)).close();
  expect(store.isAsleep).toBe(true);
  await expect(store.writing(put("late"))).rejects.toBeInstanceOf(errors.StoreBusy);
});

test("a store that was erased begins anew", async () => {
  const name = newName();
  const store = await openStore(name);
  await store.writing(put("one"));
  await erase(store, name);
  await expect(store.writing(put("two"))).rejects.toBeInstanceOf(errors.StoreBusy);
  expect(cursor(await openStore(name))).toBeNull();
});
