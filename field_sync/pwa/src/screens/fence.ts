/** A site's fence drawn from above: metres east and north of its middle, y down as screens have it. */

import type { LatLon } from "../device/position";
import { convert, type Datum } from "../rules/datums";
import { Frame } from "../rules/geodesy";
import type { Fix, WorkSite } from "../wire";

export interface Drawing {
  /** The shape as an SVG path; drawn with a line of twice the radius it is the fence. */
  readonly path: string;
  readonly radiusM: number;
  readonly fix: {
    readonly x: number;
    readonly y: number;
    readonly accuracyM: number | null;
  } | null;
  /** What to show: a square around all of it. */
  readonly box: { readonly x: number; readonly y: number; readonly sideM: number };
  /** A round length that fits the picture, for its scale bar. */
  readonly barM: number;
}

/** Draw a site and where the crew seems to be; null when the site's shape cannot be drawn. */
export function draw(site: WorkSite, fix: Fix | null): Drawing | null {
  const lines = linesOf(site.geometry);
  const all = lines.flat();
  if (all.length === 0) return null;
  const middle = centre(all);
  const frame = new Frame(middle.latDeg, middle.lonDeg);
  const laid = lines.map((line) => line.map(([lon, lat]) => onPaper(frame, lat, lon)));
  const spot = fix === null ? null : spotOf(frame, fix, site.datum);
  const box = boxAround(laid.flat(), site.radius_m, spot);
  return {
    path: laid.map((line) => pathOf(line, isArea(site.geometry))).join(" "),
    radiusM: site.radius_m,
    fix: spot,
    box,
    barM: roundBelow(box.sideM / 3),
  };
}

/** Give the middle of a site in WGS-84, for maps and the phone's navigation. */
export function middleOf(geometry: Record<string, unknown>, datum: Datum): LatLon | null {
  const all = linesOf(geometry).flat();
  if (all.length === 0) return null;
  const { latDeg, lonDeg } = centre(all);
  const [lat, lon] = convert(latDeg, lonDeg, { source: datum, target: "wgs84" });
  return { latDeg: lat, lonDeg: lon };
}

type LonLat = readonly [number, number];
interface Spot {
  readonly x: number;
  readonly y: number;
}

/** List the lines of a geometry; a point is a line of one vertex. */
export function linesOf(geometry: Record<string, unknown>): LonLat[][] {
  const depth = DEPTHS[String(geometry.type)];
  if (depth === undefined) return [];
  return gathered(geometry.coordinates, depth).filter((line) => line.length > 0);
}

const DEPTHS: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

function gathered(value: unknown, depth: number): LonLat[][] {
  if (depth === 0) return isLonLat(value) ? [[[value[0], value[1]]]] : [];
  if (!Array.isArray(value)) return [];
  if (depth === 1) return [value.filter(isLonLat).map(([lon, lat]): LonLat => [lon, lat])];
  return value.flatMap((part) => gathered(part, depth - 1));
}

function isLonLat(value: unknown): value is [number, number] {
  return Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

function isArea(geometry: Record<string, unknown>): boolean {
  return String(geometry.type).endsWith("Polygon");
}

function centre(all: readonly LonLat[]): LatLon {
  const lons = all.map(([lon]) => lon);
  const lats = all.map(([, lat]) => lat);
  return { latDeg: between(lats), lonDeg: between(lons) };
}

function between(values: readonly number[]): number {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  return (low + high) / 2;
}

function onPaper(frame: Frame, latDeg: number, lonDeg: number): Spot {
  const [eastM, northM] = frame.local(latDeg, lonDeg);
  return { x: eastM, y: -northM };
}

function spotOf(frame: Frame, fix: Fix, datum: Datum): Drawing["fix"] {
  const source = fix.datum ?? "wgs84";
  const [latDeg, lonDeg] = convert(fix.lat_deg, fix.lon_deg, { source, target: datum });
  const accuracyM = fix.accuracy_m ?? 0;
  return {
    ...onPaper(frame, latDeg, lonDeg),
    accuracyM: accuracyM > 0 ? accuracyM : null,
  };
}

/** A site of one point is drawn as a line without length, whose round ends make the circle. */
function pathOf(line: readonly Spot[], closed: boolean): string {
  const steps = line.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${metres(x)} ${metres(y)}`);
  return steps.join("") + (closed ? "Z" : line.length === 1 ? "h0.001" : "");
}

function metres(value: number): string {
  return value.toFixed(2);
}

function boxAround(shape: readonly Spot[], radiusM: number, fix: Drawing["fix"]): Drawing["box"] {
  const spots = shape.map((spot) => ({ ...spot, around: radiusM }));
  if (fix !== null) spots.push({ ...fix, around: Math.max(fix.accuracyM ?? 0, radiusM / 4) });
  const x = span(spots.map((spot) => [spot.x - spot.around, spot.x + spot.around]));
  const y = span(spots.map((spot) => [spot.y - spot.around, spot.y + spot.around]));
  const sideM = Math.max(x.high - x.low, y.high - y.low) * MARGIN;
  return { x: (x.low + x.high) / 2 - sideM / 2, y: (y.low + y.high) / 2 - sideM / 2, sideM };
}

const MARGIN = 1.16;

function span(ranges: readonly (readonly [number, number])[]): { low: number; high: number } {
  return {
    low: Math.min(...ranges.map(([low]) => low)),
    high: Math.max(...ranges.map(([, high]) => high)),
  };
}

function roundBelow(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  return [5, 2, 1].map((step) => step * power).find((round) => round <= length) ?? power;
}
