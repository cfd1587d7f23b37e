/** Fetching the basemap: each piece once, whatever the line does. */

import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import { openShelf, PIECE_BYTES, piecesOf } from "../../src/store/basemap";
import { ask, fetchRest, type Way, type Wish } from "../../src/sync/basemap";
import { Transport } from "../../src/sync/transport";
import type { Basemap } from "../../src/wire";

const BYTES = Uint8Array.from({ length: 3 * PIECE_BYTES + 5 }, (_, at) => at % 253);
const ABOUT: Basemap = {
  id: "c".repeat(64),
  size_bytes: BYTES.length,
  format: "webp",
  zoom_min: 0,
  zoom_max: 12,
  west_deg: 110,
  south_deg: 19,
  east_deg: 111,
  north_deg: 20,
  attribution: "© Survey",
};

let shelves = 0;

/** A server of one archive; `answers` come first, one for each request. */
function served(answers: (() => Response)[] = []) {
  const ranges: string[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const before = answers.shift();
    if (before !== undefined) return before();
    if (url.endsWith("/v1/basemap")) return Response.json({ basemap: ABOUT });
    const range = new Headers(init.headers).get("Range") ?? "";
    const [from = 0, to = 0] = range.replace("bytes=", "").split("-").map(Number);
    ranges.push(range);
    return new Response(BYTES.slice(from, to + 1), { status: 206 });
  };
  const way: Way = { line: new Transport(fetch, "https://lamps.example"), token: () => "token" };
  return { way, ranges };
}

function problem(status: number, code: string): () => Response {
  const body = { code, status, type: "", title: "", detail: { en: "No.", zh: "无。" } };
  return () => Response.json({ ...body, fields: {}, request_id: "r" }, { status });
}

function wish(named: Partial<Wish> = {}): Wish {
  return { about: ABOUT, goesOn: () => true, told: () => undefined, ...named };
}

function openEmpty() {
  shelves += 1;
  return openShelf(`fetched-${shelves}`);
}

test("it comes in pieces, and is what the server has", async () => {
  const [{ way, ranges }, shelf] = [served(), await openEmpty()];
  const told: number[] = [];

  await fetchRest(way, shelf, wish({ told: (pieces) => told.push(pieces) }));

  expect(told).toEqual([0, 1, 2, 3, 4]);
  expect(ranges.at(-1)).toBe(`bytes=${3 * PIECE_BYTES}-${BYTES.length - 1}`);
  expect(await shelf.read(PIECE_BYTES - 9, 2 * PIECE_BYTES + 14)).toEqual(
    BYTES.slice(PIECE_BYTES - 9, 3 * PIECE_BYTES + 5),
  );
  shelf.close();
});

test("after a broken line only what is missing comes", async () => {
  const shelf = await openEmpty();
  const dead = () => {
    throw new TypeError("no line");
  };
  const first = served();
  let asked = 0;
  const goesOn = () => {
    asked += 1;
    return asked <= 2;
  };
  await fetchRest(first.way, shelf, wish({ goesOn }));
  await expect(fetchRest(served([dead]).way, shelf, wish())).rejects.toThrow(errors.NoSignal);

  const { way, ranges } = served();
  await fetchRest(way, shelf, wish());

  expect([...first.ranges, ...ranges]).toHaveLength(piecesOf(ABOUT));
  expect((await shelf.find())?.pieces).toBe(piecesOf(ABOUT));
  shelf.close();
});

test("a whole file where a piece was asked for is not taken", async () => {
  const shelf = await openEmpty();
  const whole = () => new Response(BYTES, { status: 200 });
  const short = () => new Response(BYTES.slice(0, 10), { status: 206 });
  for (const answer of [whole, short]) {
    const { way } = served([answer]);
    await expect(fetchRest(way, shelf, wish())).rejects.toThrow(errors.AnswerUnreadable);
  }
  expect((await shelf.find())?.pieces).toBe(0);
  shelf.close();
});

test("none is no error, and everything else is", async () => {
  expect(await ask(served().way)).toEqual(ABOUT);
  expect(await ask(served([() => Response.json({ basemap: null })]).way)).toBeNull();
  expect(await ask(served([problem(404, "basemap-unfit")]).way)).toBeNull();
  await expect(ask(served([problem(403, "not-allowed")]).way)).rejects.toThrow(
    errors.ServerRefused,
  );
  await expect(ask(served([problem(401, "not-signed-in")]).way)).rejects.toThrow(
    errors.TokenRefused,
  );
  await expect(ask(served([() => Response.json({ basemap: { id: "x" } })]).way)).rejects.toThrow(
    errors.AnswerUnreadable,
  );
});

test("an archive that was replaced meanwhile is told", async () => {
  const shelf = await openEmpty();
  const { way } = served([problem(404, "not-found")]);
  await expect(fetchRest(way, shelf, wish())).rejects.toThrow(errors.ServerRefused);
  shelf.close();
});
