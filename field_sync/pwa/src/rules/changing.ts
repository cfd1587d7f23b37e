/**
 * A stop at which another meter was found, as its phone and the server see it meanwhile.
 *
 * Until the office settles it, the stop shows what stands there: nothing of the meter on record is
 * asked or judged any more, and what is read waits.
 */

import type { Instant, MeterChanged, MeterMismatch, Stop } from "../wire";

/** Put what was found at a stop in the place of what is on record. */
export function change(
  stop: Stop,
  body: MeterChanged | MeterMismatch,
  { findingId, at }: { readonly findingId: string; readonly at: Instant },
): Stop {
  const total = body.total ?? null;
  const display =
    "digits" in body ? { digits: body.digits, decimals: body.decimals ?? 0 } : undefined;
  const read = total === null ? undefined : ({ state: "read", skip_code: null } as const);
  return {
    ...stop,
    ...display,
    ...read,
    serial: body.serial,
    finding_id: findingId,
    previous_value: total,
    previous_at: total === null ? null : at,
    reported_value: null,
    reported_at: null,
    reported_quality: null,
    typical_kwh: null,
    low_kwh: null,
    high_kwh: null,
    active_history: false,
  };
}
