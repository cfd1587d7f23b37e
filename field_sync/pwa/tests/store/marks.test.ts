import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/connection";
import * as marks from "../../src/store/marks";
import { newName } from "../sync/handheld";

const live = new Set(["t1 arrive 01:45", "t1 restore 03:00"]);

test("a promise is marked once, also after the app was closed", async () => {
  const name = newName();
  const about = { mark: "told", keys: ["t1 arrive 01:45"], live } as const;
  let store = await openStore(name);
  expect(await store.writing((tables) => marks.markNear(tables, about))).toEqual(about.keys);
  store.close();
  store = await openStore(name);
  expect(await store.writing((tables) => marks.markNear(tables, about))).toEqual([]);
  expect([...marks.listNear(store.tables, "told")]).toEqual(about.keys);
  expect([...marks.listNear(store.tables, "read")]).toEqual([]);
});

test("marks of promises that are over go, and those of messages are others", async () => {
  const store = await openStore(newName());
  const keys = ["t1 arrive 01:45"];
  await store.writing((tables) => {
    tables.records.put("m", { entity: "message", id: "m1", audience: "crew:c1", body: {} });
    marks.markRead(tables, { ids: ["m1"] });
    marks.markNear(tables, { mark: "told", keys, live });
    marks.markRead(tables, { ids: [] });
  });
  expect([...marks.listNear(store.tables, "told")]).toEqual(keys);
  await store.writing((tables) =>
    marks.markNear(tables, { mark: "told", keys: [], live: new Set() }),
  );
  expect([...marks.listNear(store.tables, "told")]).toEqual([]);
});
