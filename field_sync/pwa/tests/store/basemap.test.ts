/** The basemap's shelf: pieces that are here whole or not at all. */

import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { openShelf, PIECE_BYTES, piecesOf, type Shelf } from "../../src/store/basemap";
import type { Basemap } from "../../src/wire";

let shelves = 0;

/** Opens an empty shelf. */
function empty(): Promise<Shelf> {
  shelves += 1;
  return openShelf(`basemap-${shelves}`);
}

function about(named: Partial<Basemap> = {}): Basemap {
  return {
    id: "a".repeat(64),
    size_bytes: PIECE_BYTES + 100,
    format: "png",
    zoom_min: 0,
    zoom_max: 14,
    west_deg: 110,
    south_deg: 19,
    east_deg: 111,
    north_deg: 20,
    ...named,
  };
}

function piece(length: number, first: number): ArrayBuffer {
  return Uint8Array.from({ length }, (_, at) => (first + at) % 251).buffer;
}

test("pieces are counted, and read across their borders", async () => {
  const shelf = await empty();
  expect(await shelf.find()).toBeNull();
  await shelf.begin(about());
  await shelf.add(0, piece(PIECE_BYTES, 0));
  expect(await shelf.find()).toEqual({ about: about(), pieces: 1 });
  expect(await shelf.read(PIECE_BYTES - 2, 4)).toBeNull();

  await shelf.add(1, piece(100, PIECE_BYTES));

  const whole = piece(PIECE_BYTES + 100, 0);
  expect(piecesOf(about())).toBe(2);
  for (const [offset, length] of [
    [0, 10],
    [PIECE_BYTES - 2, 4],
    [PIECE_BYTES, 100],
    [7, 0],
  ] as const) {
    expect(await shelf.read(offset, length)).toEqual(new Uint8Array(whole, offset, length));
  }
  expect(await shelf.read(PIECE_BYTES, 101)).toBeNull();
  shelf.close();
});

test("what was begun goes on; another archive begins anew", async () => {
  const shelf = await empty();
  await shelf.begin(about());
  await shelf.add(0, piece(PIECE_BYTES, 0));
  await shelf.begin(about());
  expect((await shelf.find())?.pieces).toBe(1);

  await shelf.begin(about({ id: "b".repeat(64) }));

  expect(await shelf.find()).toEqual({ about: about({ id: "b".repeat(64) }), pieces: 0 });
  shelf.close();
});

test("what was forgotten is gone, a piece that came late too", async () => {
  const shelf = await empty();
  await shelf.begin(about());
  await shelf.forget();
  await shelf.add(0, piece(PIECE_BYTES, 0));
  expect(await shelf.find()).toBeNull();

  await shelf.begin(about());

  expect((await shelf.find())?.pieces).toBe(0);
  shelf.close();
});
