/**
 * Metres on the WGS-84 ellipsoid, near a place, without a projection library.
 *
 * Positions go to earth-centred coordinates (ECEF) and from there into a local plane around an
 * origin (ENU), stretched along each ray so that distances from the origin are arcs, not chords.
 * Within 5 km of the origin distances hold to millimetres, across the antimeridian and at the poles
 * alike; they grow to the far end of the earth, where they are short by a twentieth at most.
 */

export const AXIS_M = 6_378_137.0;
export const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
const MEAN_RADIUS_M = 6_371_008.8;

/** A place in a local plane: metres east and north of its origin. */
export type Local = readonly [eastM: number, northM: number];
type Ecef = readonly [xM: number, yM: number, zM: number];

/** A local plane around an origin: metres east and north of it. */
export class Frame {
  readonly #origin: Ecef;
  readonly #sinLat: number;
  readonly #cosLat: number;
  readonly #sinLon: number;
  readonly #cosLon: number;

  constructor(latDeg: number, lonDeg: number) {
    this.#origin = ecef(latDeg, lonDeg);
    this.#sinLat = Math.sin(radians(latDeg));
    this.#cosLat = Math.cos(radians(latDeg));
    this.#sinLon = Math.sin(radians(lonDeg));
    this.#cosLon = Math.cos(radians(lonDeg));
  }

  /** Place a position in the plane. */
  local(latDeg: number, lonDeg: number): Local {
    const [toX, toY, toZ] = ecef(latDeg, lonDeg);
    const [fromX, fromY, fromZ] = this.#origin;
    const [x, y, z] = [toX - fromX, toY - fromY, toZ - fromZ];
    const eastM = this.#cosLon * y - this.#sinLon * x;
    const outwardM = this.#cosLon * x + this.#sinLon * y;
    const northM = this.#cosLat * z - this.#sinLat * outwardM;
    const flatM = Math.hypot(eastM, northM);
    const chordM = Math.hypot(x, y, z);
    // The origin itself, or the other end of the earth.
    if (flatM <= chordM * 1e-12) return [arcM(chordM), 0];
    const stretch = arcM(chordM) / flatM;
    return [eastM * stretch, northM * stretch];
  }
}

/** Measure between two positions: to millimetres at 5 km, to a twentieth anywhere. */
export function distanceM(
  latADeg: number,
  lonADeg: number,
  latBDeg: number,
  lonBDeg: number,
): number {
  const [ax, ay, az] = ecef(latADeg, lonADeg);
  const [bx, by, bz] = ecef(latBDeg, lonBDeg);
  return arcM(Math.hypot(ax - bx, ay - by, az - bz));
}

/** Give earth-centred coordinates in metres, at height zero. */
function ecef(latDeg: number, lonDeg: number): Ecef {
  const latRad = radians(latDeg);
  const lonRad = radians(lonDeg);
  const sinLat = Math.sin(latRad);
  const cosLat = Math.cos(latRad);
  const normalM = AXIS_M / Math.sqrt(1 - ECCENTRICITY_SQUARED * sinLat * sinLat);
  return [
    normalM * cosLat * Math.cos(lonRad),
    normalM * cosLat * Math.sin(lonRad),
    normalM * (1 - ECCENTRICITY_SQUARED) * sinLat,
  ];
}

/** Turn a chord through the earth into the way along its surface. */
function arcM(chordM: number): number {
  return 2 * MEAN_RADIUS_M * Math.asin(Math.min(chordM / (2 * MEAN_RADIUS_M), 1));
}

function radians(deg: number): number {
  return (deg * Math.PI) / 180;
}
