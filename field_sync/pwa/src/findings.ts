/** What a press does when a meter is found otherwise than the route says. */

import { doing } from "./deeds";
import * as findings from "./field/meter_findings";
import { edge } from "./session";
import type { Fix } from "./wire";

interface Changed {
  readonly digits: number;
  readonly decimals: number;
  readonly total: string;
  readonly tariffs: Readonly<Record<string, string>>;
  readonly oldTotal: string | null;
}

interface Said {
  readonly serial: string;
  readonly fix: Fix | null;
  readonly photos: readonly string[];
  readonly note: string;
}

/** Report a meter that is not on the route. */
export function doFound(
  routeId: string,
  { serial, place, total, ...said }: Said & { place: string; total: string | null },
): Promise<boolean> {
  return doing((opened) =>
    findings.found(opened, edge, { routeId, serial, place, total, ...beside(said) }),
  );
}

/** Report that another meter stands at a stop now. */
export function doChanged(
  stopId: string,
  { serial, digits, decimals, total, tariffs, oldTotal, ...said }: Said & Changed,
): Promise<boolean> {
  const meter = { serial, digits, decimals, total, tariffs, oldTotal };
  return doing((opened) => findings.changed(opened, edge, { stopId, ...meter, ...beside(said) }));
}

/** Report that a plate has another serial than its stop. */
export function doMismatch(
  stopId: string,
  { serial, total, ...said }: Said & { total: string | null },
): Promise<boolean> {
  return doing((opened) =>
    findings.mismatch(opened, edge, { stopId, serial, total, ...beside(said) }),
  );
}

function beside({ fix, photos, note }: Omit<Said, "serial">) {
  return { fix, photoSha256: photos, note };
}
