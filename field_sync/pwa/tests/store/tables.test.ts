/** Tables in memory: a draft over what is kept tells what a plain map would. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { joined, PLANS } from "../../src/store/rows";
import { Draft, Kept, type Table } from "../../src/store/tables";

interface Row {
  readonly key: number;
  readonly colour: string;
  readonly isOn: boolean;
}

type Colours = Table<number, Row, "colour" | "on">;
const INDEXERS = {
  colour: (row: Row) => row.colour,
  on: (row: Row) => (row.isOn ? "" : undefined),
};
const COLOURS = ["red", "green", "blue"];
const KEYS = Array.from({ length: 14 }, (_, at) => at);
const key = fc.integer({ min: 1, max: 12 });
const row = fc.record({ key, colour: fc.constantFrom(...COLOURS), isOn: fc.boolean() });
const change = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("put" as const), row }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("drop" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function apply(table: Colours, model: Map<number, Row>, each: Change): void {
  switch (each.kind) {
    case "put":
      table.put(each.row.key, each.row);
      model.set(each.row.key, each.row);
      break;
    case "drop":
      table.drop(each.key);
      model.delete(each.key);
      break;
    case "clear":
      table.clear();
      model.clear();
  }
}

/** All that a table can be asked. */
function asked(table: Colours): unknown {
  const places = [["on", ""], ...COLOURS.map((colour) => ["colour", colour])] as const;
  return {
    all: [[...table.all()], [...table.all(6)], table.size, table.last()],
    got: KEYS.map((at) => table.get(at)),
    in: (places as readonly (readonly ["colour" | "on", string])[]).map(([index, place]) => [
      [...table.in(index, place)],
      [...table.in(index, place, 6)],
      table.count(index, place),
    ]),
  };
}

/** What a map would answer. */
function told(model: ReadonlyMap<number, Row>): unknown {
  const rows = [...model.values()].sort((one, other) => one.key - other.key);
  const beyond = (from: readonly Row[]) => from.filter((each) => each.key > 6);
  const places = [
    rows.filter((each) => each.isOn),
    ...COLOURS.map((colour) => rows.filter((each) => each.colour === colour)),
  ];
  return {
    all: [rows, beyond(rows), rows.length, rows.at(-1)],
    got: KEYS.map((at) => model.get(at)),
    in: places.map((found) => [found, beyond(found), found.length]),
  };
}

test("a draft tells what a map tells, and when it counts the table does", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 6 }), (writes) => {
      const kept = new Kept<number, Row, "colour" | "on">(INDEXERS);
      let model = new Map<number, Row>();
      for (const [place, changes] of writes.entries()) {
        const draft = new Draft(kept);
        const before = new Map(model);
        const after = new Map(model);
        for (const each of changes) apply(draft, after, each);
        expect(asked(draft)).toEqual(told(after));
        expect(asked(kept)).toEqual(told(before));
        if (place % 3 === 2) continue; // a write that fails leaves nothing
        kept.take(draft.changes());
        model = after;
        expect(asked(kept)).toEqual(told(model));
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("what is kept is changed in a write only", () => {
  const kept = new Kept<number, Row>({});
  expect(() => kept.put()).toThrow("only changed in a write");
  expect(() => kept.drop()).toThrow("only changed in a write");
  expect(() => kept.clear()).toThrow("only changed in a write");
});

test("twenty thousand meters, in any order, lie in memory in good time", () => {
  const rows = Array.from({ length: 20_000 }, (_, number) => {
    const id = String((number * 7_919) % 20_000).padStart(12, "0");
    return { audience: "route:r1", entity: "stop", id, body: { id } };
  });
  const kept = new Kept(PLANS.records.indexers);
  const begun = performance.now();
  for (const row of rows) kept.load(PLANS.records.key(row), row);
  const tookMs = performance.now() - begun;
  const listed = Array.from(kept.in("listed", joined("route:r1", "stop")), (row) => row.id);
  expect(listed).toEqual(rows.map((row) => row.id).sort());
  expect(tookMs).toBeLessThan(2_000); // a tenth of it, on a machine that has nothing else to do
});
