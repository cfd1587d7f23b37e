import { expect, test } from "vitest";
import { marksOf } from "../../src/screens/marks";
import type { Task } from "../../src/wire";
import { stop, task } from "./made";

const SITE = {
  geometry: { type: "Point", coordinates: [110.35, 20.02] },
  datum: "wgs84",
  radius_m: 50,
  address: "3 Quay Street",
} as const;

function work(named: Partial<Task>) {
  return { task: task({ site: SITE, ...named }), unsent: 0 };
}

test("an order is marked where its site is, by how it stands", () => {
  const works = [
    work({ id: "red", urgency: 1 }),
    work({ id: "plain", urgency: 4 }),
    work({ id: "done", urgency: 1, state: "finished" }),
    work({ id: "placeless", site: null }),
  ];
  const marks = marksOf(works, () => []);
  expect(marks.map(({ id, tone }) => [id, tone])).toEqual([
    ["done", "done"],
    ["plain", "open"],
    ["red", "urgent"],
  ]);
  expect(marks.at(-1)).toMatchObject({
    at: { latDeg: 20.02, lonDeg: 110.35 },
    radiusM: 50,
    to: { kind: "order", id: "red" },
  });
});

test("a route is marked by its meters: what is left lies above what is done", () => {
  const route = work({ id: "r1", kind: "route", site: null });
  const stops = [stop({ sequence: 1 }), stop({ sequence: 2, state: "read" })];
  const marks = marksOf([route, work({ id: "order" })], (id) => (id === "r1" ? stops : []));
  expect(marks.map(({ id, kind, tone }) => [id, kind, tone])).toEqual([
    ["s2", "meter", "done"],
    ["s1", "meter", "open"],
    ["order", "order", "open"],
  ]);
  expect(marks[1]).toMatchObject({ to: { kind: "meter", id: "r1", stop: "s1" }, state: null });
});

test("a site on a Chinese map is marked on the true ground", () => {
  const shifted = { ...SITE, datum: "gcj02" as const };
  const [mark] = marksOf([work({ site: shifted })], () => []);
  expect(mark?.at.lonDeg).toBeLessThan(110.35 - 0.004);
});
