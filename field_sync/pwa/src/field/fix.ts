/** A fix as it is sent: all its fields, in their order. */

import type { Fix } from "../wire";

/** Give a fix with all its fields in their order, as it is sent. */
export function whole(fix: Fix): Fix;
export function whole(fix: Fix | null | undefined): Fix | null;
export function whole(fix: Fix | null | undefined): Fix | null {
  if (!fix) return null;
  return {
    lat_deg: fix.lat_deg,
    lon_deg: fix.lon_deg,
    accuracy_m: fix.accuracy_m ?? null,
    age_s: fix.age_s ?? null,
    datum: fix.datum ?? "wgs84",
    simulated: fix.simulated ?? false,
    provider: fix.provider ?? null,
  };
}
