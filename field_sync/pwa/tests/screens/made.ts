/** Orders and stops for tests: what a test does not name does not matter to it. */

import type { Stop, Task } from "../../src/wire";

export function task(named: Partial<Task> = {}): Task {
  return {
    id: "t1",
    district_id: "d1",
    kind: "repair",
    state: "dispatched",
    version: 1,
    title: "No light",
    opened_at: "2026-11-23T01:00:00Z",
    state_at: "2026-11-23T01:00:00Z",
    ...named,
  };
}

export function stop(named: Partial<Stop> = {}): Stop {
  const sequence = named.sequence ?? 1;
  return {
    id: `s${sequence}`,
    route_id: "r1",
    sequence,
    state: "open",
    service_point_id: `p${sequence}`,
    meter_id: `m${sequence}`,
    serial: `00012345${sequence}`,
    digits: 5,
    multiplier: "1",
    registers: ["total"],
    address: "3 Quay Street",
    geometry: { type: "Point", coordinates: [110.35, 20.02] },
    datum: "wgs84",
    radius_m: 30,
    ...named,
  };
}
