/**
 * Shapes on the ground: GeoJSON geometries checked, and laid into a local plane of metres.
 *
 * Coordinates are (longitude, latitude) in degrees, edges straight in degrees (RFC 7946).
 * A ring may cross the antimeridian, by a jump of longitude or by running past 180; it may lie
 * around a pole. An edge longer than `STEP_DEG` is walked in steps, so that it stays straight in
 * degrees when the plane bends it; beyond `PIECES_MAX` steps it is only nearly so.
 */

import type { Frame } from "./geodesy";
import { area, type Laid, layLines, layPoints, layRings, type Path } from "./plane";

export const VERTICES_MAX = 20_000;
export const STEP_DEG = 0.005;
export const PIECES_MAX = 64;
export const AREA_MIN_M2 = 0.01;
const LON_MAX_DEG = 360;
const LAT_MAX_DEG = 90;
const VERTICES_MIN = { point: 1, line: 2, polygon: 4 } as const;

/** What a shape is made of. */
export type Kind = "point" | "line" | "polygon";

/** What is wrong with a geometry. */
export type Fault =
  | "unknown_type"
  | "malformed"
  | "out_of_range"
  | "too_short"
  | "not_closed"
  | "no_area"
  | "too_many_points";

/** A GeoJSON geometry that is no shape on the ground; `fault` names why. */
export class BadGeometry extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`bad geometry: ${fault}`);
    this.fault = fault;
  }
}

export type LonLat = readonly [lonDeg: number, latDeg: number];
/** Vertices of a ring or line, longitude without jumps. */
export type Ring = readonly LonLat[];

/** A checked geometry: each part's rings; a polygon's first is its outside, the rest are holes. */
export interface Shape {
  readonly kind: Kind;
  readonly parts: readonly (readonly Ring[])[];
}

const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ["Point", "point"],
  ["MultiPoint", "point"],
  ["LineString", "line"],
  ["MultiLineString", "line"],
  ["Polygon", "polygon"],
  ["MultiPolygon", "polygon"],
]);

/**
 * Check a GeoJSON geometry.
 *
 * @throws BadGeometry it is no point, line or polygon, single or multiple; or its numbers are no
 *   places on earth; or it has more than `VERTICES_MAX` points.
 */
export function parse(geometry: Readonly<Record<string, unknown>>): Shape {
  const kind = KINDS.get(geometry.type);
  if (kind === undefined) throw new BadGeometry("unknown_type");
  const budget = { vertices: VERTICES_MAX };
  const parts = partsOf(geometry.type, geometry.coordinates).map((part) =>
    listOf(part).map((ring) => checked(ring, kind, budget)),
  );
  if (parts.length === 0 || parts.some((part) => part.length === 0)) {
    throw new BadGeometry("too_short");
  }
  return { kind, parts };
}

/** Find the middle of a shape's bounds: good enough as a plane's origin. */
export function centre(shape: Shape): readonly [latDeg: number, lonDeg: number] {
  const bounds = { south: 90, north: -90, west: Number.MAX_VALUE, east: -Number.MAX_VALUE };
  for (const [lonDeg, latDeg] of shape.parts.flat(2)) {
    bounds.south = Math.min(bounds.south, latDeg);
    bounds.north = Math.max(bounds.north, latDeg);
    bounds.west = Math.min(bounds.west, lonDeg);
    bounds.east = Math.max(bounds.east, lonDeg);
  }
  return [(bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2];
}

/**
 * Lay a shape into a local plane; a ring that crosses itself counts as what it encloses.
 *
 * @throws BadGeometry a polygon encloses nothing.
 */
export function lay(shape: Shape, frame: Frame): Laid {
  const paths = shape.parts.flat().map((ring) => projected(stepped(ring), frame));
  if (shape.kind === "point") return layPoints(paths.flat());
  if (shape.kind === "line") return layLines(paths);
  const laid = layRings(paths.map(closed));
  if (area(laid, AREA_MIN_M2) <= AREA_MIN_M2) throw new BadGeometry("no_area");
  return laid;
}

function projected(ring: Ring, frame: Frame): Path {
  return ring.map(([lonDeg, latDeg]) => frame.local(latDeg, lonDeg));
}

/** End a ring exactly where it began, whatever the last bit of a turned longitude says. */
function closed(path: Path): Path {
  const [first] = path;
  return first === undefined ? path : [...path.slice(0, -1), first];
}

/** Bring each type's coordinates to one form: parts of rings of vertices. */
function partsOf(type: unknown, coordinates: unknown): unknown[] {
  switch (type) {
    case "Point":
      return [[[coordinates]]];
    case "MultiPoint":
      return listOf(coordinates).map((vertex) => [[vertex]]);
    case "LineString":
      return [[coordinates]];
    case "MultiLineString":
      return listOf(coordinates).map((line) => [line]);
    case "Polygon":
      return [coordinates];
    default:
      return listOf(coordinates);
  }
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new BadGeometry("malformed");
  return value;
}

function checked(value: unknown, kind: Kind, budget: { vertices: number }): Ring {
  const vertices = listOf(value);
  budget.vertices -= vertices.length;
  if (budget.vertices < 0) throw new BadGeometry("too_many_points");
  const lonLats = vertices.map(vertexOf);
  if (lonLats.length < VERTICES_MIN[kind]) throw new BadGeometry("too_short");
  const [first, last] = [lonLats[0], lonLats.at(-1)];
  if (kind === "polygon" && (first?.[0] !== last?.[0] || first?.[1] !== last?.[1])) {
    throw new BadGeometry("not_closed");
  }
  return unwrapped(lonLats);
}

function vertexOf(value: unknown): LonLat {
  const numbers = listOf(value);
  if (numbers.length !== 2 && numbers.length !== 3) throw new BadGeometry("malformed");
  const [lonDeg, latDeg] = [numberOf(numbers[0]), numberOf(numbers[1])];
  if (Math.abs(latDeg) > LAT_MAX_DEG) throw new BadGeometry("out_of_range");
  return [lonDeg, latDeg];
}

function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new BadGeometry("malformed");
  // So written, it also catches what is not a number.
  if (!(Math.abs(value) <= LON_MAX_DEG)) throw new BadGeometry("out_of_range");
  return value;
}

/** Turn longitudes so that none jumps by more than half a turn from the one before it. */
function unwrapped(ring: Ring): Ring {
  let turnedDeg = 0;
  let beforeDeg = ring[0]?.[0] ?? 0;
  return ring.map(([lonDeg, latDeg]) => {
    const jumpDeg = lonDeg - beforeDeg;
    beforeDeg = lonDeg;
    const turns = Math.ceil(Math.abs(jumpDeg) / LON_MAX_DEG - 0.5);
    turnedDeg -= Math.sign(jumpDeg) * turns * LON_MAX_DEG;
    return [lonDeg + turnedDeg, latDeg] as const;
  });
}

/** Walk long edges in steps. */
function stepped(ring: Ring): Ring {
  return ring.flatMap((to, place) => {
    const from = ring[place - 1];
    if (from === undefined) return [to];
    const spanDeg = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
    const pieces = Math.min(Math.max(Math.ceil(spanDeg / STEP_DEG), 1), PIECES_MAX);
    const between = Array.from({ length: pieces - 1 }, (_, step): LonLat => {
      const share = (step + 1) / pieces;
      return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
    });
    return [...between, to];
  });
}
