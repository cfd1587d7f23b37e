import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Entry,
  find,
  HEAD_BYTES,
  readDirectory,
  readHead,
  tileId,
  Unreadable,
} from "../../src/rules/pmtiles";

/** Writes a directory as makers of archives do. */
function directory(entries: readonly Entry[]): Uint8Array {
  const bytes: number[] = [];
  const write = (value: number) => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  write(entries.length);
  entries.forEach(({ id }, at) => void write(id - (entries[at - 1]?.id ?? 0)));
  for (const { run } of entries) write(run);
  for (const { length } of entries) write(length);
  entries.forEach(({ offset }, at) => {
    const before = entries[at - 1];
    write(before && before.offset + before.length === offset ? 0 : offset + 1);
  });
  return new Uint8Array(bytes);
}

const entries = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(3), fc.nat(9_999), fc.nat(9_999)), {
    maxLength: 40,
  })
  .map((drawn) => {
    let id = 0;
    return drawn.map(([step, run, offset, length]): Entry => {
      id += step + 3;
      return { id, run, offset, length };
    });
  });

test("tiles have the numbers that the specification gives them", () => {
  const known: [number, number, number, number][] = [
    [0, 0, 0, 0],
    [1, 0, 0, 1],
    [1, 0, 1, 2],
    [1, 1, 1, 3],
    [1, 1, 0, 4],
    [2, 0, 0, 5],
    [12, 3423, 1763, 19_078_479],
  ];
  for (const [zoom, column, row, id] of known) expect(tileId(zoom, column, row)).toBe(id);
});

test("each zoom's tiles are numbered without a gap, and neighbours on the curve touch", () => {
  const side = 8;
  const all = Array.from({ length: side * side }, (_, at) => [at % side, Math.floor(at / side)]);
  const byId = new Map(all.map(([x = 0, y = 0]) => [tileId(3, x, y) ?? -1, [x, y] as const]));
  const ids = [...byId.keys()].sort((one, other) => one - other);
  expect(ids).toEqual(Array.from({ length: side * side }, (_, at) => 21 + at));
  ids.slice(1).forEach((id) => {
    const [x = 0, y = 0] = byId.get(id) ?? [];
    const [beforeX = 0, beforeY = 0] = byId.get(id - 1) ?? [];
    expect(Math.abs(x - beforeX) + Math.abs(y - beforeY)).toBe(1);
  });
});

test("outside of the world there is no tile", () => {
  for (const [zoom, x, y] of [
    [1, 2, 0],
    [1, 0, -1],
    [-1, 0, 0],
    [27, 0, 0],
  ] as const) {
    expect(tileId(zoom, x, y)).toBeNull();
  }
});

test("a directory is read as it was written", () => {
  fc.assert(
    fc.property(entries, (written) => {
      expect(readDirectory(directory(written))).toEqual(written);
    }),
  );
});

test("a tile is found where a run covers it, and a branch covers all up to the next", () => {
  const run = { id: 5, run: 3, offset: 0, length: 10 };
  const branch = { id: 20, run: 0, offset: 10, length: 10 };
  const last = { id: 40, run: 1, offset: 20, length: 10 };
  const all = [run, branch, last];
  expect([4, 5, 7, 8, 19].map((id) => find(all, id))).toEqual([null, run, run, null, null]);
  expect([20, 39, 40, 41].map((id) => find(all, id))).toEqual([branch, branch, last, null]);
  expect(find([], 1)).toBeNull();
});

test("what ends too early, or never, is said to be unreadable", () => {
  const whole = directory([{ id: 300, run: 1, offset: 7, length: 500 }]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => readDirectory(whole.subarray(0, length))).toThrow(Unreadable);
  }
  expect(() => readDirectory(new Uint8Array(12).fill(255))).toThrow(Unreadable);
  expect(() => readDirectory(new Uint8Array([100, 1]))).toThrow(Unreadable);
});

test("a head tells where its parts lie, and anything else is no archive", () => {
  const bytes = new Uint8Array(HEAD_BYTES);
  bytes.set(new TextEncoder().encode("PMTiles"));
  bytes[7] = 3;
  const view = new DataView(bytes.buffer);
  for (const [place, value] of [
    [8, 127],
    [16, 25],
    [40, 300],
    [56, 2 ** 33],
  ] as const) {
    view.setBigUint64(place, BigInt(value), true);
  }
  bytes[97] = 2;
  const head = {
    root: { offset: 127, length: 25 },
    leavesOffset: 300,
    tilesOffset: 2 ** 33,
    isPacked: true,
  };
  expect(readHead(bytes)).toEqual(head);
  expect(() => readHead(bytes.subarray(0, 100))).toThrow(Unreadable);
  expect(() => readHead(bytes.map((byte, at) => (at === 7 ? 2 : byte)))).toThrow(Unreadable);
});
