import { describe, expect, test } from "vitest";
import { draw, middleOf } from "../../src/screens/fence";
import type { WorkSite } from "../../src/wire";

const POINT: WorkSite = {
  geometry: { type: "Point", coordinates: [110.35, 20.02] },
  datum: "wgs84",
  radius_m: 50,
};
const fix = (lat_deg: number, lon_deg: number, accuracy_m: number | null = 10) => ({
  lat_deg,
  lon_deg,
  accuracy_m,
});

describe("a drawing", () => {
  test("of a point and a fix in it stands around both", () => {
    const drawing = draw(POINT, fix(20.0201, 110.35));
    expect(drawing?.fix?.x).toBeCloseTo(0, 1);
    expect(drawing?.fix?.y).toBeCloseTo(-11.07, 1); // north is up
    expect(drawing?.box.sideM).toBeGreaterThan(100);
    expect(drawing?.box.sideM).toBeLessThan(140);
  });

  test("of a fix far away still shows the site", () => {
    const drawing = draw(POINT, fix(20.12, 110.35));
    expect(drawing?.box.sideM).toBeGreaterThan(11_000);
  });

  test("of a fix of unknown accuracy has no circle", () => {
    expect(draw(POINT, fix(20.02, 110.35, null))?.fix?.accuracyM).toBeNull();
    expect(draw(POINT, fix(20.02, 110.35, 0))?.fix?.accuracyM).toBeNull();
  });

  test("lays a fix in the datum of the site", () => {
    const site: WorkSite = { ...POINT, datum: "gcj02" };
    const away = Math.hypot(
      draw(site, fix(20.02, 110.35))?.fix?.x ?? 0,
      draw(site, fix(20.02, 110.35))?.fix?.y ?? 0,
    );
    expect(away).toBeGreaterThan(100);
  });

  test("of ground that is no shape is none", () => {
    for (const geometry of [{}, { type: "Point" }, { type: "Circle", coordinates: [1, 2] }]) {
      expect(draw({ ...POINT, geometry }, null)).toBeNull();
      expect(middleOf(geometry, "wgs84")).toBeNull();
    }
  });

  test("has a scale bar of a round length that fits", () => {
    const bar = draw(POINT, null)?.barM ?? 0;
    expect([10, 20, 50, 100]).toContain(bar);
  });
});

test("a polygon with a hole is drawn with both rings closed", () => {
  const ring = (d: number) => [
    [110.35 - d, 20.02 - d],
    [110.35 + d, 20.02 - d],
    [110.35 + d, 20.02 + d],
    [110.35 - d, 20.02 - d],
  ];
  const site = { ...POINT, geometry: { type: "Polygon", coordinates: [ring(0.01), ring(0.002)] } };
  expect(draw(site, null)?.path.match(/Z/g)).toHaveLength(2);
});
