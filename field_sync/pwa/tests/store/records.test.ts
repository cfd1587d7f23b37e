/** The server's truth: pages, snapshots, and what makes way for them. */

import { expect, test } from "vitest";
import { openStore, type Store } from "../../src/store/connection";
import * as marks from "../../src/store/marks";
import * as records from "../../src/store/records";
import type { AudienceChanges, Change } from "../../src/wire";
import { newName } from "../sync/handheld";

const put = (id: string, told = 1): Change => ({ entity: "task", id, put: { id, told } });
const gone = (id: string): Change => ({ entity: "task", id, gone: true });

function feed(audience: string, changes: Change[], fresh = false): AudienceChanges {
  return { audience, through: 1, fresh, changes };
}

function page(
  store: Store,
  feeds: AudienceChanges[],
  { more = false, dropped = [] as string[], cursor = "c" } = {},
): Promise<records.EntityKey[]> {
  return store.writing((tables) => records.applyPage(tables, { feeds, dropped, cursor, more }));
}

const ids = (store: Store) =>
  records.listOf(store.tables, { entity: "task" }).map((body) => `${body.id}:${body.told}`);

test("of several changes of an entity in one page the last one counts", async () => {
  const store = await openStore(newName());
  await page(store, [feed("crew:c1", [put("t1"), gone("t1"), put("t2"), put("t2", 2)])]);
  expect(ids(store)).toEqual(["t2:2"]);
});

test("a snapshot in pages is shown only when it is whole, also after a restart", async () => {
  const name = newName();
  const store = await openStore(name);
  await page(store, [feed("crew:c1", [put("old")], true)]);
  await page(store, [feed("crew:c1", [put("t1")], true)], { more: true, cursor: "c1" });
  expect(ids(store)).toEqual(["old:1"]);
  expect(records.cursor(store.tables)).toBe("c1");
  await store.close();
  const again = await openStore(name);
  const shown = await page(again, [feed("crew:c1", [put("t2"), gone("t1")])], { cursor: "c2" });
  expect(ids(again)).toEqual(["t2:1"]);
  expect(shown).toContainEqual(["task", "t2"]);
  expect(records.cursor(again.tables)).toBe("c2");
});

test("an audience that is dropped in the middle of a snapshot goes with it", async () => {
  const store = await openStore(newName());
  await page(store, [feed("crew:c1", [put("t1")], true), feed("person:p1", [put("t2")], true)]);
  await page(store, [feed("crew:c1", [put("t3")], true)], { more: true });
  await page(store, [], { dropped: ["person:p1"] });
  expect(ids(store)).toEqual(["t3:1"]);
});

test("without a cursor all that is held makes way for what comes", async () => {
  const store = await openStore(newName());
  await page(store, [feed("crew:c1", [put("t1")], true)]);
  await store.writing((tables) => records.forgetCursor(tables));
  expect(ids(store)).toEqual(["t1:1"]);
  await page(store, [feed("crew:c2", [put("t2")], true)]);
  expect(ids(store)).toEqual(["t2:1"]);
});

test("a record is found in whichever audience holds it, and listed by id in one", async () => {
  const store = await openStore(newName());
  await page(store, [feed("crew:c1", [put("b"), put("a")]), feed("person:p1", [put("c")])]);
  expect(records.find(store.tables, { entity: "task", id: "c" })).toEqual({ id: "c", told: 1 });
  const crew = records.listIn(store.tables, { audience: "crew:c1", entity: "task" });
  expect(crew.map((body) => body.id)).toEqual(["a", "b"]);
  expect(records.count(store.tables)).toBe(3);
});

test("marks of messages that are gone go as well", async () => {
  const store = await openStore(newName());
  const message = (id: string): Change => ({ entity: "message", id, put: { id } });
  await page(store, [feed("crew:c1", [message("m1"), message("m2")])]);
  await store.writing((tables) => marks.markRead(tables, { ids: ["m1"] }));
  await page(store, [feed("crew:c1", [{ entity: "message", id: "m1", gone: true }])]);
  await store.writing((tables) => marks.markRead(tables, { ids: ["m2"] }));
  expect(marks.listRead(store.tables)).toEqual(new Set(["m2"]));
});
