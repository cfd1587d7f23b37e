import fc from "fast-check";
import { expect, test } from "vitest";
import { convert, DATUMS, type Datum } from "../../src/rules/datums";
import { distanceM, Frame } from "../../src/rules/geodesy";
import { Fence, type FixLike, type VerdictKind, verdict } from "../../src/rules/geofence";
import { cases } from "./vectors";

interface Case {
  readonly fix: FixLike | null;
  readonly fence: {
    readonly geometry: Readonly<Record<string, unknown>>;
    readonly radius_m: number;
    readonly datum: Datum;
  };
  readonly age_max_s: number;
  readonly expect: {
    readonly kind: VerdictKind;
    readonly edge_m: number | null;
    readonly reasons: readonly string[];
    readonly datum_suspect: boolean;
  };
  readonly tolerance_m: number;
}

const SITE = [20.04, 110.32] as const;
const RADIUS_M = 50;
const AGE_MAX_S = 60;
const POINT = new Fence(
  { type: "Point", coordinates: [SITE[1], SITE[0]] },
  { radiusM: RADIUS_M, datum: "wgs84" },
);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const FIX = fc.record({
  lat_deg: number(20.03, 20.05),
  lon_deg: number(110.31, 110.33),
  accuracy_m: fc.option(number(-1, 300)),
  age_s: fc.option(number(-1, 120)),
  datum: fc.constantFrom(...DATUMS),
  simulated: fc.boolean(),
});
const ODD_FIX = fc.record({
  lat_deg: number(-90, 90),
  lon_deg: number(-180, 180),
  accuracy_m: fc.option(fc.double()),
  age_s: fc.option(fc.double()),
  datum: fc.constantFrom(...DATUMS),
  simulated: fc.boolean(),
});

test.each(cases<Case>("geofence"))("a fix is judged as the vectors say: $name", (case_) => {
  const { geometry, radius_m: radiusM, datum } = case_.fence;
  const fence = new Fence(geometry, { radiusM, datum });
  const judged = verdict(case_.fix, fence, { ageMaxS: case_.age_max_s });
  expect(judged.kind).toBe(case_.expect.kind);
  expect(judged.reasons).toEqual(case_.expect.reasons);
  expect(judged.datumSuspect).toBe(case_.expect.datum_suspect);
  if (case_.expect.edge_m === null) {
    expect([judged.edgeM, judged.distanceM]).toEqual([null, null]);
    return;
  }
  const edgeM = judged.edgeM ?? Number.NaN;
  expect(Math.abs(edgeM - case_.expect.edge_m)).toBeLessThanOrEqual(case_.tolerance_m);
  expect(judged.distanceM).toBe(Math.max(edgeM, 0));
});

test("inside needs the whole circle within the fence", () => {
  fc.assert(
    fc.property(FIX, (fix) => {
      if (verdict(fix, POINT, { ageMaxS: AGE_MAX_S }).kind !== "inside") return;
      const here = convert(fix.lat_deg, fix.lon_deg, { source: fix.datum, target: "wgs84" });
      const accuracyM = fix.accuracy_m ?? Number.NaN;
      expect(distanceM(...SITE, ...here) + accuracyM).toBeLessThanOrEqual(RADIUS_M + 0.01);
      expect(accuracyM > 0 && !fix.simulated && (fix.age_s ?? 0) <= AGE_MAX_S).toBe(true);
    }),
  );
});

test("only a sound fix can put a crew outside", () => {
  fc.assert(
    fc.property(FIX, (fix) => {
      const judged = verdict(fix, POINT, { ageMaxS: AGE_MAX_S });
      if (judged.kind !== "outside") return;
      expect(judged.edgeM).toBeGreaterThan(RADIUS_M + 1.621 * (fix.accuracy_m ?? Number.NaN));
      expect(fix.simulated).toBe(false);
    }),
  );
});

test("less accuracy never makes a verdict surer", () => {
  fc.assert(
    fc.property(FIX, number(1, 3), (fix, worse) => {
      const blurred = {
        ...fix,
        accuracy_m: fix.accuracy_m === null ? null : fix.accuracy_m * worse,
      };
      const before = verdict(fix, POINT, { ageMaxS: AGE_MAX_S }).kind;
      const after = verdict(blurred, POINT, { ageMaxS: AGE_MAX_S }).kind;
      expect([before, "unsure"]).toContain(after);
    }),
  );
});

test("any fix against any place gets a verdict", () => {
  fc.assert(
    fc.property(ODD_FIX, number(-90, 90), number(-180, 180), number(0, 1e7), (fix, lat, lon, r) => {
      const geometry = { type: "Point", coordinates: [lon, lat] };
      const judged = verdict(fix, new Fence(geometry, { radiusM: r, datum: "gcj02" }), {
        ageMaxS: AGE_MAX_S,
      });
      expect(judged.reasons.length).toBeGreaterThan(0);
      expect(judged.distanceM).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("the middle of a regular polygon is as deep as its apothem", () => {
  const middle = fc.tuple(number(-89, 89), number(-180, 180));
  const turnDeg = number(0, 360);
  fc.assert(
    fc.property(middle, fc.integer({ min: 3, max: 40 }), turnDeg, ([lat, lon], corners, turn) => {
      const perDegM = Math.hypot(...new Frame(lat, lon).local(lat + 0.001, lon)) / 0.001;
      const stretch = Math.cos((lat * Math.PI) / 180);
      const ring = Array.from({ length: corners }, (_, step) => {
        const angle = (turn * Math.PI) / 180 + (2 * Math.PI * step) / corners;
        const eastDeg = ((100 / perDegM) * Math.cos(angle)) / stretch;
        return [lon + eastDeg, lat + (100 / perDegM) * Math.sin(angle)];
      });
      const geometry = { type: "Polygon", coordinates: [[...ring, ring[0]]] };
      const fence = new Fence(geometry, { radiusM: 0, datum: "wgs84" });
      const apothemM = 100 * Math.cos(Math.PI / corners);
      expect(Math.abs(fence.edgeM(lat, lon) + apothemM)).toBeLessThan(0.02 * apothemM);
    }),
  );
});
