/** Whatever becomes of an answer on its way: it is taken whole or not at all, nothing is lost. */

import { expect, test } from "vitest";
import * as outbox from "../../src/store/outbox";
import type { Tables } from "../../src/store/rows";
import { chanceFrom } from "./hand_edge";
import { act, phone, sync, task } from "./handheld";

const SEEDS = 120;
const NASTY: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  2 ** 53 + 1,
  1e308,
  "",
  "\u0000",
  "x".repeat(5_000),
  "9999-99-99T99:99:99Z",
  "𝄞é漢",
  [],
  {},
  { a: { a: { a: {} } } },
];
type Chance = () => number;

test("a spoilt answer is taken whole or not at all", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await phone({ seed, onPaper: true });
    scene.server.put("crew:c1", "task", task("t2"));
    const { id } = await act(scene);
    const before = everything(scene.store.tables);
    const chance = chanceFrom(seed);
    scene.network.spoil = (body) => spoilt(body, chance);
    const ended = await sync(scene);
    const isSettled = outbox.countWaiting(scene.store.tables) === 0;
    if (ended.refused !== null && !isSettled) {
      expect([seed, everything(scene.store.tables)]).toEqual([seed, before]);
    }
    scene.network.spoil = (body) => body;
    await sync(scene);
    await sync(scene);
    const kept = outbox.listKept(scene.store.tables).map((entry) => entry.id);
    expect([seed, kept]).toEqual([seed, [id]]);
    expect(scene.server.operations.map((each) => each.id)).toEqual([id]);
    await scene.store.close();
  }
}, 300_000);

/** Everything that the server said and the crew did. */
function everything(tables: Tables): unknown {
  return [tables.records, tables.staged, tables.outbox, tables.uploads].map((table) => [
    ...table.all(),
  ]);
}

/** Spoil a JSON body in any way. */
function spoilt(good: string, chance: Chance): string {
  const at = Math.floor(chance() * good.length);
  const to = at + Math.floor(chance() * (good.length - at));
  const ways = [
    () =>
      good.slice(0, at) + String.fromCharCode(1 + Math.floor(chance() * 120)) + good.slice(at + 1),
    () => good.slice(0, at) + good.slice(to),
    () => good.slice(0, to) + good.slice(at),
    () => good.slice(0, at),
    () => `${good.slice(0, at)}${"[".repeat(5_000)}${"]".repeat(5_000)}${good.slice(at)}`,
    () => wrong(good, chance),
    () => wrong(good, chance),
    () => wrong(good, chance),
    () => wrong(good, chance),
  ];
  return ways[Math.floor(chance() * ways.length)]?.() ?? good;
}

/** Put something nasty in place of a value, take one away, or wrap it. */
function wrong(good: string, chance: Chance): string {
  const tree = JSON.parse(good) as unknown;
  const paths = pathsIn(tree);
  const path = paths[Math.floor(chance() * paths.length)] ?? [];
  let parent = tree as Record<string, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  const last = path.at(-1) ?? "";
  const way = Math.floor(chance() * 3);
  if (way === 0) parent[last] = NASTY[Math.floor(chance() * NASTY.length)];
  else if (way === 1) delete parent[last];
  else parent[last] = { unknown: parent[last] };
  return JSON.stringify(tree);
}

function pathsIn(tree: unknown, here: readonly string[] = []): (readonly string[])[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    [...here, key],
    ...pathsIn(value, [...here, key]),
  ]);
}
