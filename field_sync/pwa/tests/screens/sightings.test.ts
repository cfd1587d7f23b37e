import { expect, test } from "vitest";
import { aged, everyS, seen } from "../../src/screens/sightings";
import type { Sighting } from "../../src/wire";

const DWELL = { dwellS: 180 };

function look(after_s: number, accuracy_m: number | null = 10): Sighting {
  return { after_s, fix: { lat_deg: 20.04, lon_deg: 110.32, accuracy_m, age_s: 1 } };
}

function all(...looks: readonly Sighting[]): readonly Sighting[] {
  return looks.reduce<readonly Sighting[]>((had, each) => seen(had, each, DWELL), []);
}

test("of looks that come close together the most exact one is kept", () => {
  expect(everyS(180)).toBe(15);
  expect(all(look(0, 80), look(4, 12), look(9, 30))).toEqual([look(4, 12)]);
  expect(all(look(0, null), look(1, 50))).toEqual([look(1, 50)]);
  expect(all(look(0), look(16), look(31))).toHaveLength(3);
});

test("however long one stays, no more is kept than can be sent, the newest of it", () => {
  const looks = all(...Array.from({ length: 100 }, (_, at) => look(at * 15)));
  expect(looks).toHaveLength(40);
  expect(looks.at(-1)?.after_s).toBe(99 * 15);
});

test("a fix is as old as the time since it was seen, and its age then", () => {
  expect(aged(look(10), 14.26).age_s).toBe(5.3);
  expect(aged(look(10), 9).age_s).toBe(1);
});
