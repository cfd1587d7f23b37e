import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Frame } from "../../src/rules/geodesy";
import { area, contains, distance, type Laid } from "../../src/rules/plane";
import { BadGeometry, centre, lay, parse, VERTICES_MAX } from "../../src/rules/shapes";

const SQUARE = [
  [0, 0],
  [0.001, 0],
  [0.001, 0.001],
  [0, 0.001],
  [0, 0],
];
const BOWTIE = [
  [0, 0],
  [0.001, 0.001],
  [0.001, 0],
  [0, 0.001],
  [0, 0],
];
const TYPES = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];
const MIDDLE = new Frame(0.0005, 0.0005);

describe("a bad geometry is named for its fault", () => {
  test.each([
    ["Circle", [0, 0], "unknown_type"],
    [null, [0, 0], "unknown_type"],
    [["Point"], [0, 0], "unknown_type"],
    ["constructor", [0, 0], "unknown_type"],
    ["Point", null, "malformed"],
    ["Point", "0,0", "malformed"],
    ["Point", [0], "malformed"],
    ["Point", [0, "0"], "malformed"],
    ["Point", [true, 0], "malformed"],
    ["Point", [0, 0, 0, 0], "malformed"],
    ["Point", [0, 91], "out_of_range"],
    ["Point", [361, 0], "out_of_range"],
    ["Point", [Number.NaN, 0], "out_of_range"],
    ["Point", [Number.POSITIVE_INFINITY, 0], "out_of_range"],
    ["MultiPoint", [], "too_short"],
    ["LineString", [[0, 0]], "too_short"],
    ["MultiLineString", [[]], "too_short"],
    ["Polygon", [], "too_short"],
    ["Polygon", [SQUARE.slice(0, 3)], "too_short"],
    ["Polygon", [SQUARE.slice(0, 4)], "not_closed"],
    ["MultiPolygon", [[SQUARE], []], "too_short"],
    ["LineString", Array(VERTICES_MAX + 1).fill([0, 0]), "too_many_points"],
    ["MultiPoint", Array(VERTICES_MAX + 1).fill([0, 0]), "too_many_points"],
  ] as const)("%s %j", (type, coordinates, fault) => {
    expect(faultOf(type, coordinates)).toBe(fault);
  });
});

test("any JSON is a shape or a named fault", () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.jsonValue({ maxDepth: 4 }), (type, coordinates) => {
      expect(() => faultOf(type, coordinates)).not.toThrow();
    }),
  );
});

test.each([
  ["Point", [0, 0], 1, 1],
  [
    "MultiPoint",
    [
      [0, 0],
      [1, 1, 99],
    ],
    2,
    2,
  ],
  [
    "LineString",
    [
      [0, 0],
      [1, 1],
    ],
    1,
    1,
  ],
  [
    "MultiLineString",
    [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3],
      ],
    ],
    2,
    2,
  ],
  ["Polygon", [SQUARE, SQUARE], 1, 2],
  ["MultiPolygon", [[SQUARE], [SQUARE, SQUARE]], 2, 3],
] as const)("a %s comes to parts of rings", (type, coordinates, parts, rings) => {
  const shape = parse({ type, coordinates });
  expect([shape.parts.length, shape.parts.flat().length]).toEqual([parts, rings]);
});

test("a ring over the antimeridian has its centre there", () => {
  const ring = [
    [179, 0],
    [-179, 0],
    [-179, 2],
    [179, 2],
    [179, 0],
  ];
  expect(centre(parse({ type: "Polygon", coordinates: [ring] }))).toEqual([1, 180]);
});

test("a ring that crosses itself counts as what it encloses", () => {
  const whole = laidPolygon(MIDDLE, SQUARE);
  const bowtie = laidPolygon(MIDDLE, BOWTIE);
  expect(Math.abs(area(bowtie) - area(whole) / 2)).toBeLessThan(area(whole) * 0.005);
  expect(contains(bowtie, MIDDLE.local(0.0005, 0.0001))).toBe(true);
  expect(contains(bowtie, MIDDLE.local(0.0001, 0.0005))).toBe(false);
});

describe("parts of a polygon", () => {
  const beside = SQUARE.map(([x = 0, y = 0]) => [x + 0.001, y]);
  const within = SQUARE.map(([x = 0, y = 0]) => [x / 2 + 0.00025, y / 2 + 0.00025]);

  test("that share an edge are one", () => {
    const laid = lay(parse({ type: "MultiPolygon", coordinates: [[SQUARE], [beside]] }), MIDDLE);
    const between = MIDDLE.local(0.0005, 0.001);
    expect(contains(laid, between)).toBe(true);
    expect(distance(laid, between)).toBeGreaterThan(55);
  });

  test("that are holes are out", () => {
    const laid = laidPolygon(MIDDLE, SQUARE, within);
    expect(contains(laid, MIDDLE.local(0.0005, 0.0005))).toBe(false);
    expect(contains(laid, MIDDLE.local(0.0001, 0.0001))).toBe(true);
  });

  test("that are there twice count once", () => {
    const once = area(laidPolygon(MIDDLE, SQUARE));
    const turned = [...SQUARE.slice(1), SQUARE[1] ?? []];
    expect(area(laidPolygon(MIDDLE, SQUARE, turned.toReversed()))).toBeCloseTo(once, 6);
    expect(area(laidPolygon(MIDDLE, [...SQUARE, ...SQUARE.slice(1)]))).toBeCloseTo(once, 6);
  });
});

test("a long edge stays straight in degrees", () => {
  const line = parse({
    type: "LineString",
    coordinates: [
      [110, 60],
      [110.2, 60],
    ],
  });
  const frame = new Frame(60, 110.1);
  const there = frame.local(60, 110.05);
  expect(distance(lay(line, frame), there)).toBeLessThan(0.01);
  expect(Math.abs(there[1])).toBeGreaterThan(1);
  expect(there[0]).toBeLessThan(0);
});

test.each([
  [Array(5).fill([1, 1])],
  [
    [
      [0, 0],
      [0.001, 0.001],
      [0.002, 0.002],
      [0, 0],
    ],
  ],
])("a polygon that encloses nothing is refused", (ring) => {
  expect(faultOf("Polygon", [ring])).toBe("no_area");
});

test("a ring lies the same wherever its longitudes turn", () => {
  const radius = fc.double({ min: 0.001, max: 0.01, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(radius, { minLength: 5, maxLength: 12 }),
      fc.constantFrom(0, 110, 180, -180, 359),
      fc.double({ min: -89, max: 89, noNaN: true }),
      (radiiDeg, lonDeg, latDeg) => {
        const turn = (2 * Math.PI) / radiiDeg.length;
        const ring = radiiDeg.map((radiusDeg, step) => [
          lonDeg + radiusDeg * Math.cos(turn * step),
          latDeg + radiusDeg * Math.sin(turn * step),
        ]);
        const turned = ring.map(([x = 0, y = 0]) => [((x + 540) % 360) - 180, y]);
        const frame = new Frame(latDeg, lonDeg);
        const [one, two] = [ring, turned].map((lonLats) =>
          area(laidPolygon(frame, [...lonLats, lonLats[0] ?? []])),
        );
        // An edge as long as a step may be walked in one step more on the one side than on the other.
        expect(Math.abs((one ?? 0) - (two ?? 0))).toBeLessThanOrEqual((one ?? 0) * 1e-5);
      },
    ),
  );
});

function laidPolygon(frame: Frame, ...rings: readonly (readonly (readonly number[])[])[]): Laid {
  return lay(parse({ type: "Polygon", coordinates: rings }), frame);
}

/** Name what is wrong with a geometry; null if nothing is. */
function faultOf(type: unknown, coordinates: unknown): string | null {
  try {
    const shape = parse({ type, coordinates });
    lay(shape, new Frame(...centre(shape)));
    return null;
  } catch (error) {
    if (error instanceof BadGeometry) return error.fault;
    throw error;
  }
}
