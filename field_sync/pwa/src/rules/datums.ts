/**
 * Datums: WGS-84 as phones give it, GCJ-02 and BD-09 as Chinese map services draw it.
 *
 * Degrees throughout. Forward (WGS-84 to GCJ-02 to BD-09) is exact; inverse is by iteration, to far
 * less than a centimetre.
 * Inside the usual box around China the shift is some hundred metres; outside it all three datums
 * are taken as one. A point within a kilometre of the box's edge may not come back from a round
 * trip.
 * Source: the published GCJ-02 obfuscation on the Krasovsky 1940 ellipsoid, and BD-09's polar shift.
 */

export const LAT_MIN_DEG = 0.8293;
export const LAT_MAX_DEG = 55.8271;
export const LON_MIN_DEG = 72.004;
export const LON_MAX_DEG = 137.8347;
/** Steps of the inverse; each leaves a hundredth of the miss, so six leave nothing to measure. */
export const ITERATIONS = 6;

const AXIS_M = 6_378_245.0;
const ECCENTRICITY_SQUARED = 0.006693421622965943;
const BD09_TURN = (Math.PI * 3000) / 180;
const BD09_LON_DEG = 0.0065;
const BD09_LAT_DEG = 0.006;

export const DATUMS = ["wgs84", "gcj02", "bd09"] as const;
/** What a coordinate pair means. */
export type Datum = (typeof DATUMS)[number];

export type LatLon = readonly [latDeg: number, lonDeg: number];

/** Convert a position into the target datum. */
export function convert(
  latDeg: number,
  lonDeg: number,
  { source, target }: { readonly source: Datum; readonly target: Datum },
): LatLon {
  if (source === target || !inChina(latDeg, lonDeg)) return [latDeg, lonDeg];
  let at: LatLon = [latDeg, lonDeg];
  if (source === "bd09") at = inverse(at, toBd09, [BD09_LAT_DEG, BD09_LON_DEG]);
  if (target === "wgs84") return inverse(at, toGcj02, [0, 0]);
  if (source === "wgs84") at = toGcj02(at);
  return target === "bd09" ? toBd09(at) : at;
}

/** Tell whether a position lies in the box in which the datums differ. */
export function inChina(latDeg: number, lonDeg: number): boolean {
  const inLat = LAT_MIN_DEG <= latDeg && latDeg <= LAT_MAX_DEG;
  return inLat && LON_MIN_DEG <= lonDeg && lonDeg <= LON_MAX_DEG;
}

function toGcj02([latDeg, lonDeg]: LatLon): LatLon {
  const { sin, PI: pi } = Math;
  const x = lonDeg - 105;
  const y = latDeg - 35;
  const root = Math.sqrt(Math.abs(x));
  const ripple = ((20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2) / 3;
  const northM =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    ripple +
    ((20 * sin(y * pi) + 40 * sin((y / 3) * pi)) * 2) / 3 +
    ((160 * sin((y / 12) * pi) + 320 * sin((y * pi) / 30)) * 2) / 3;
  const eastM =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    ripple +
    ((20 * sin(x * pi) + 40 * sin((x / 3) * pi)) * 2) / 3 +
    ((150 * sin((x / 12) * pi) + 300 * sin((x / 30) * pi)) * 2) / 3;
  const latRad = (latDeg * pi) / 180;
  const w = 1 - ECCENTRICITY_SQUARED * sin(latRad) ** 2;
  const meridianM = (AXIS_M * (1 - ECCENTRICITY_SQUARED)) / (w * Math.sqrt(w));
  const parallelM = (AXIS_M / Math.sqrt(w)) * Math.cos(latRad);
  return [latDeg + degrees(northM / meridianM), lonDeg + degrees(eastM / parallelM)];
}

function toBd09([latDeg, lonDeg]: LatLon): LatLon {
  const radiusDeg = Math.hypot(lonDeg, latDeg) + 2e-5 * Math.sin(latDeg * BD09_TURN);
  const theta = Math.atan2(latDeg, lonDeg) + 3e-6 * Math.cos(lonDeg * BD09_TURN);
  return [radiusDeg * Math.sin(theta) + BD09_LAT_DEG, radiusDeg * Math.cos(theta) + BD09_LON_DEG];
}

/** Find the position that `forward` brings to `at`, beginning about `shift` before it. */
function inverse(at: LatLon, forward: (from: LatLon) => LatLon, shift: LatLon): LatLon {
  let [lat, lon] = [at[0] - shift[0], at[1] - shift[1]];
  for (let step = 0; step < ITERATIONS; step += 1) {
    const [thereLat, thereLon] = forward([lat, lon]);
    [lat, lon] = [lat + at[0] - thereLat, lon + at[1] - thereLon];
  }
  return [lat, lon];
}

function degrees(rad: number): number {
  return (rad * 180) / Math.PI;
}
