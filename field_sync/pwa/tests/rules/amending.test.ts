import { expect, test } from "vitest";
import { amend, type Facts, overtaken, positionOf, samePosition } from "../../src/rules/amending";
import type { Amended, Position, WorkSite } from "../../src/wire";
import { cases, load } from "./vectors";

interface Case {
  readonly now: Facts;
  readonly body: Amended;
  readonly expect: Facts & { readonly overtaken: readonly string[] };
}

const RADIUS_M = load<{ readonly radius_m: number }>("amending").radius_m;
const HERE: Position = { lat_deg: 20.04, lon_deg: 110.32, datum: "wgs84" };
const SITE: WorkSite = {
  geometry: { type: "Point", coordinates: [110.32, 20.04] },
  datum: "wgs84",
  radius_m: 30,
};

test.each(cases<Case>("amending"))("an order says what the vectors say: $name", (case_) => {
  const amended = amend(case_.now, case_.body, { radiusM: RADIUS_M });
  const { overtaken: fields, ...facts } = case_.expect;
  expect(amended.facts).toEqual(facts);
  expect(overtaken(amended).sort()).toEqual(fields);
});

test("a site that is a point has a position", () => {
  expect(positionOf(SITE)).toEqual(HERE);
  expect(positionOf(null)).toBeNull();
});

test("a position without a datum is one of the phone's own", () => {
  expect(samePosition(HERE, { lat_deg: 20.04, lon_deg: 110.32 })).toBe(true);
  expect(samePosition(HERE, { ...HERE, datum: "gcj02" })).toBe(false);
  expect([samePosition(null, null), samePosition(HERE, null)]).toEqual([true, false]);
});

test.each([undefined, null, "110,20", [110], [110, "20"], [110, 20, 5]])(
  "a point of %j is none",
  (coordinates) => {
    expect(positionOf({ ...SITE, geometry: { type: "Point", coordinates } })).toBeNull();
  },
);
