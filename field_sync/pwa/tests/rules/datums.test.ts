import fc from "fast-check";
import { expect, test } from "vitest";
import { convert, DATUMS, type Datum, inChina } from "../../src/rules/datums";
import { distanceM } from "../../src/rules/geodesy";
import { cases, load } from "./vectors";

interface Case {
  readonly source: Datum;
  readonly target: Datum;
  readonly lat_deg: number;
  readonly lon_deg: number;
  readonly expect: readonly [number, number];
}

const TOLERANCE_DEG = load<{ readonly tolerance_deg: number }>("datums").tolerance_deg;
const DATUM = fc.constantFrom(...DATUMS);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test.each(cases<Case>("datums"))("a position converts as published: $name", (case_) => {
  const { source, target } = case_;
  const [latDeg, lonDeg] = convert(case_.lat_deg, case_.lon_deg, { source, target });
  expect(Math.abs(latDeg - case_.expect[0])).toBeLessThanOrEqual(TOLERANCE_DEG);
  expect(Math.abs(lonDeg - case_.expect[1])).toBeLessThanOrEqual(TOLERANCE_DEG);
});

test("there and back is the same place to a millimetre", () => {
  fc.assert(
    fc.property(number(3, 53), number(74, 135), DATUM, DATUM, (lat, lon, source, target) => {
      const there = convert(lat, lon, { source, target });
      const back = convert(...there, { source: target, target: source });
      expect(distanceM(lat, lon, ...back)).toBeLessThan(0.001);
    }),
  );
});

test("no two datums differ by more than two kilometres", () => {
  fc.assert(
    fc.property(number(3, 53), number(74, 135), DATUM, DATUM, (lat, lon, source, target) => {
      const movedM = distanceM(lat, lon, ...convert(lat, lon, { source, target }));
      expect(source === target ? movedM === 0 : 10 < movedM && movedM < 2_000).toBe(true);
    }),
  );
});

test("outside the box nothing moves", () => {
  fc.assert(
    fc.property(number(-90, 90), number(-180, 180), DATUM, DATUM, (lat, lon, source, target) => {
      if (!inChina(lat, lon)) expect(convert(lat, lon, { source, target })).toEqual([lat, lon]);
    }),
  );
});

test("at the edge of the box an answer still comes", () => {
  fc.assert(
    fc.property(
      number(0.83, 55.82),
      number(72.01, 137.83),
      DATUM,
      DATUM,
      (lat, lon, source, target) => {
        const there = convert(lat, lon, { source, target });
        expect(distanceM(lat, lon, ...there)).toBeLessThan(3_000);
      },
    ),
  );
});
