import fc from "fast-check";
import { expect, test } from "vitest";
import { distanceM, Frame } from "../../src/rules/geodesy";
import { cases } from "./vectors";

interface Case {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly expect_m: number;
  readonly tolerance_m: number;
}

const LAT_DEG = fc.double({ min: -90, max: 90, noNaN: true });
const LON_DEG = fc.double({ min: -180, max: 180, noNaN: true });
const SHIFT_DEG = fc.double({ min: -0.02, max: 0.02, noNaN: true });

test.each(cases<Case>("geodesy"))("as far apart as the oracle says: $name", (case_) => {
  const measuredM = distanceM(...case_.a, ...case_.b);
  expect(Math.abs(measuredM - case_.expect_m)).toBeLessThanOrEqual(case_.tolerance_m);
});

test("the plane is as far as the arc, from its origin", () => {
  fc.assert(
    fc.property(LAT_DEG, LON_DEG, LAT_DEG, LON_DEG, (latA, lonA, latB, lonB) => {
      const farM = distanceM(latA, lonA, latB, lonB);
      expect(Math.hypot(...new Frame(latA, lonA).local(latB, lonB))).toBeCloseTo(farM, 3);
      expect(distanceM(latB, lonB, latA, lonA)).toBe(farM);
    }),
  );
});

test("two places in one plane are as far apart as on the ground", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -85, max: 85, noNaN: true }),
      LON_DEG,
      fc.tuple(SHIFT_DEG, SHIFT_DEG, SHIFT_DEG, SHIFT_DEG),
      (latDeg, lonDeg, [a, b, c, d]) => {
        const frame = new Frame(latDeg, lonDeg);
        const [oneE, oneN] = frame.local(latDeg + a, lonDeg + b);
        const [twoE, twoN] = frame.local(latDeg + c, lonDeg + d);
        const truthM = distanceM(latDeg + a, lonDeg + b, latDeg + c, lonDeg + d);
        expect(Math.abs(Math.hypot(oneE - twoE, oneN - twoN) - truthM)).toBeLessThan(0.05);
      },
    ),
  );
});

test("north is north and east is east", () => {
  const [eastM, northM] = new Frame(20, 110).local(20.001, 110);
  expect([Math.abs(eastM) < 1e-6, northM > 110]).toEqual([true, true]);
  expect(new Frame(20, 110).local(20, 110.001)[0]).toBeGreaterThan(100);
});

test("the other end of the earth is not here", () => {
  expect(Math.hypot(...new Frame(0, 0).local(0, 180))).toBeGreaterThan(19_000_000);
});

test("the origin is nowhere else", () => {
  fc.assert(
    fc.property(LAT_DEG, LON_DEG, (latDeg, lonDeg) => {
      expect(new Frame(latDeg, lonDeg).local(latDeg, lonDeg)).toEqual([0, 0]);
    }),
  );
});
