/**
 * Geofence: was the crew at its site? A fix against a shape, with the fix's own accuracy.
 *
 * A phone's accuracy `a` is the radius that holds 68 % of its fixes; 1.621 a holds 95 %.
 * With d the metres on the ellipsoid from the fix to the shape (negative as deep as it lies inside a
 * polygon) and R the fence's radius:
 * `inside` if d + a <= R, `outside` if d - 1.621 a > R, otherwise `unsure`.
 * A fix of unknown accuracy, one that is too old or one that the platform calls simulated is
 * `unsure` wherever it lies. A check-in is recorded whatever the verdict.
 */

import { convert, DATUMS, type Datum, inChina } from "./datums";
import { Frame } from "./geodesy";
import { contains, distance, type Laid } from "./plane";
import { centre, lay, parse } from "./shapes";

export const ACCURACY_95_PER_68 = 1.621;
/** No two datums differ by more; farther out nobody need ask whether a datum was mixed up. */
export const DATUM_SHIFT_MAX_M = 2_000;

/** Whether a crew was at its site. */
export type VerdictKind = "inside" | "unsure" | "outside";

/** Why a verdict is what it is; more than one may hold. */
export type Reason =
  | "within"
  | "far"
  | "near_edge"
  | "no_fix"
  | "accuracy_unknown"
  | "accuracy_poor"
  | "stale"
  | "age_unknown"
  | "simulated"
  | "datum_converted"
  | "datum_mixed_up";

/** A position as the phone's platform gave it; `Fix` of the wire is one. */
export interface FixLike {
  readonly lat_deg: number;
  readonly lon_deg: number;
  /** Radius of 68 %; zero or null is unknown. */
  readonly accuracy_m?: number | null;
  /** How old it was when used; null if the platform does not tell. */
  readonly age_s?: number | null;
  readonly datum?: Datum;
  readonly simulated?: boolean;
}

/** The answer, with its numbers. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** From the fix to the shape, 0 inside a polygon; null without a fix. */
  readonly distanceM: number | null;
  /** The same, negative as deep as the fix lies inside a polygon: the `d` of the rule. */
  readonly edgeM: number | null;
  /** What it rests on, most telling first. */
  readonly reasons: readonly Reason[];
  /**
   * The fix is inside only after conversion, or would be if one datum was named wrongly: a mix-up
   * of maps, no fraud.
   */
  readonly datumSuspect: boolean;
}

/** A site's shape made ready for many fixes: build once, keep, ask often. */
export class Fence {
  readonly radiusM: number;
  readonly datum: Datum;
  readonly #frame: Frame;
  readonly #laid: Laid;

  /**
   * Prepare a GeoJSON point, line (its corridor) or polygon with holes.
   *
   * @throws BadGeometry the geometry is no shape on the ground.
   */
  constructor(
    geometry: Readonly<Record<string, unknown>>,
    { radiusM, datum }: { readonly radiusM: number; readonly datum: Datum },
  ) {
    const shape = parse(geometry);
    this.radiusM = radiusM;
    this.datum = datum;
    this.#frame = new Frame(...centre(shape));
    this.#laid = lay(shape, this.#frame);
  }

  /** Measure from a position in the fence's datum to its shape, negative inside a polygon. */
  edgeM(latDeg: number, lonDeg: number): number {
    const point = this.#frame.local(latDeg, lonDeg);
    const awayM = distance(this.#laid, point);
    return contains(this.#laid, point) ? -awayM : awayM;
  }
}

/** Judge a fix, or null if the phone found none, against a fence; an older fix proves nothing. */
export function verdict(
  fix: FixLike | null,
  fence: Fence,
  { ageMaxS }: { readonly ageMaxS: number },
): Verdict {
  if (fix === null) {
    const reasons: readonly Reason[] = ["no_fix"];
    return { kind: "unsure", distanceM: null, edgeM: null, reasons, datumSuspect: false };
  }
  const edgeM = fence.edgeM(...inDatum(fix, datumOf(fix), fence.datum));
  const accuracyM = knownAccuracyM(fix);
  const doubts = doubtsOf(fix, accuracyM, ageMaxS);
  if (doubts.length > 0 || accuracyM === null) return answer("unsure", edgeM, doubts);
  const noted: Reason[] = ageOf(fix) === null ? ["age_unknown"] : [];
  if (edgeM + accuracyM <= fence.radiusM) {
    const converted = needsConversion(fix, fence, accuracyM);
    const extra: Reason[] = converted ? ["datum_converted"] : [];
    return answer("inside", edgeM, ["within", ...extra, ...noted], converted);
  }
  if (edgeM - ACCURACY_95_PER_68 * accuracyM > fence.radiusM) {
    const mixed = mixedUp(fix, fence, edgeM, accuracyM);
    const extra: Reason[] = mixed ? ["datum_mixed_up"] : [];
    return answer("outside", edgeM, ["far", ...extra, ...noted], mixed);
  }
  const poor: Reason[] = accuracyM > fence.radiusM ? ["accuracy_poor"] : [];
  return answer("unsure", edgeM, [...poor, "near_edge", ...noted]);
}

function answer(
  kind: VerdictKind,
  edgeM: number,
  reasons: readonly Reason[],
  datumSuspect = false,
): Verdict {
  return { kind, distanceM: Math.max(edgeM, 0), edgeM, reasons, datumSuspect };
}

/** List what makes a fix worthless as proof, wherever it lies. */
function doubtsOf(fix: FixLike, accuracyM: number | null, ageMaxS: number): Reason[] {
  const ageS = ageOf(fix);
  const checks: readonly (readonly [Reason, boolean])[] = [
    ["simulated", fix.simulated ?? false],
    ["stale", ageS !== null && ageS > ageMaxS],
    ["accuracy_unknown", accuracyM === null],
  ];
  return checks.filter(([, holds]) => holds).map(([reason]) => reason);
}

/** Read the accuracy; zero, negative and not-a-number all mean that the phone does not know. */
export function knownAccuracyM(fix: FixLike): number | null {
  const accuracyM = fix.accuracy_m ?? null;
  return accuracyM !== null && accuracyM > 0 && accuracyM < Infinity ? accuracyM : null;
}

/** Read the age; a negative one comes from a clock that was set, and tells nothing. */
function ageOf(fix: FixLike): number | null {
  const ageS = fix.age_s ?? null;
  return ageS !== null && ageS >= 0 ? ageS : null;
}

function datumOf(fix: FixLike): Datum {
  return fix.datum ?? "wgs84";
}

function inDatum(fix: FixLike, source: Datum, target: Datum): readonly [number, number] {
  return convert(fix.lat_deg, fix.lon_deg, { source, target });
}

/** Tell whether the fix is inside only because its datum was converted. */
function needsConversion(fix: FixLike, fence: Fence, accuracyM: number): boolean {
  if (datumOf(fix) === fence.datum) return false;
  return fence.edgeM(fix.lat_deg, fix.lon_deg) + accuracyM > fence.radiusM;
}

/** Tell whether an outside fix would be inside had the fix or the fence another datum. */
function mixedUp(fix: FixLike, fence: Fence, edgeM: number, accuracyM: number): boolean {
  const near = edgeM <= fence.radiusM + DATUM_SHIFT_MAX_M;
  if (!near || !inChina(fix.lat_deg, fix.lon_deg)) return false;
  const declared = datumOf(fix);
  const pairs = DATUMS.flatMap((other): (readonly [Datum, Datum])[] => [
    ...(other === declared ? [] : [[other, fence.datum] as const]),
    ...(other === fence.datum ? [] : [[declared, other] as const]),
  ]);
  return pairs.some(
    ([source, target]) => fence.edgeM(...inDatum(fix, source, target)) + accuracyM <= fence.radiusM,
  );
}
