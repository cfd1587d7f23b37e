import fc from "fast-check";
import { expect, test } from "vitest";
import type { Datum } from "../../src/rules/datums";
import { Fence } from "../../src/rules/geofence";
import { best, type StayKind, stay } from "../../src/rules/presence";
import type { Sighting } from "../../src/wire";
import { cases, load } from "./vectors";

interface Case {
  readonly dwell_s: number;
  readonly age_max_s: number;
  readonly at_s: number;
  readonly sightings: readonly Sighting[];
  readonly stay: {
    readonly kind: StayKind;
    readonly stayed_s: number;
    readonly positions: number;
    readonly inside: number;
    readonly accuracy_m: number | null;
  };
  readonly best: number | null;
}

interface Drawn {
  readonly geometry: Readonly<Record<string, unknown>>;
  readonly radius_m: number;
  readonly datum: Datum;
}

const DRAWN = load<{ readonly fence: Drawn }>("presence").fence;
const FENCE = new Fence(DRAWN.geometry, { radiusM: DRAWN.radius_m, datum: DRAWN.datum });
const SIGHTING: fc.Arbitrary<Sighting> = fc.record({
  after_s: fc.double({ min: 0, max: 400, noNaN: true }),
  fix: fc.record({
    lat_deg: fc.double({ min: 20.039, max: 20.041, noNaN: true }),
    lon_deg: fc.double({ min: 110.319, max: 110.321, noNaN: true }),
    accuracy_m: fc.option(fc.double({ min: -1, max: 400, noNaN: true }), { nil: null }),
    age_s: fc.option(fc.double({ min: -1, max: 120, noNaN: true }), { nil: null }),
    simulated: fc.boolean(),
  }),
});

test.each(cases<Case>("presence"))("a stay is judged as the vectors say: $name", (case_) => {
  const { sightings, dwell_s: dwellS, age_max_s: ageMaxS, at_s: atS } = case_;
  const judged = stay(sightings, FENCE, { dwellS, ageMaxS });
  expect(judged).toEqual({
    kind: case_.stay.kind,
    stayedS: case_.stay.stayed_s,
    positions: case_.stay.positions,
    inside: case_.stay.inside,
    accuracyM: case_.stay.accuracy_m,
  });
  const chosen = case_.best === null ? null : sightings[case_.best];
  expect(best(sightings, { atS, ageMaxS })).toBe(chosen);
});

test("one look elsewhere ends any stay", () => {
  const far = { after_s: 1, fix: { lat_deg: 20.06, lon_deg: 110.32, accuracy_m: 5, age_s: 0 } };
  fc.assert(
    fc.property(fc.array(SIGHTING), (sightings) => {
      const judged = stay([...sightings, far], FENCE, { dwellS: 180, ageMaxS: 60 });
      expect(judged.kind).toBe("left");
    }),
  );
});
