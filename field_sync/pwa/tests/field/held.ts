/** A handheld with work on it, records as a server would send them, and clocks moved by hand. */

import "fake-indexeddb/auto";
import type { Edge, Moment } from "../../src/clock";
import { openStore, type Store } from "../../src/store/connection";
import * as records from "../../src/store/records";
import * as settings from "../../src/store/settings";
import type { District, Records, Stop, Task, WorkSite } from "../../src/wire";

export const LAT_DEG = 20.04;
export const LON_DEG = 110.32;
export const START_MS = Date.parse("2026-11-23T00:00:00Z");
const POINT = { type: "Point", coordinates: [LON_DEG, LAT_DEG] };

/** Clocks that stand still until they are moved, and chance that counts. */
export class HandEdge implements Edge {
  boot = "boot-1";
  #gone = 0;
  #drawn = 0;

  moment(): Moment {
    const wall = new Date(START_MS + this.#gone);
    return { wall, monoMs: 3_600_000 + this.#gone, boot: this.boot };
  }

  entropy(count: number): Uint8Array<ArrayBuffer> {
    this.#drawn += 1;
    const bytes = new Uint8Array(count);
    new DataView(bytes.buffer).setUint32(count - 4, this.#drawn);
    return bytes;
  }

  advance({ minutes }: { readonly minutes: number }): void {
    this.#gone += minutes * 60_000;
  }
}

export function task(id = "t1", given: Partial<Task> = {}): Task {
  const site: WorkSite = { geometry: POINT, datum: "wgs84", radius_m: 50, address: "Lane 3" };
  return {
    id,
    district_id: "d1",
    kind: "repair",
    state: "dispatched",
    version: 1,
    title: "No light in Lane 3",
    urgency: 3,
    crew_id: "c1",
    site,
    opened_at: "2026-11-23T00:00:00Z",
    state_at: "2026-11-23T00:00:00Z",
    ...given,
  };
}

export function stop(id = "s1", given: Partial<Stop> = {}): Stop {
  return {
    id,
    route_id: "r1",
    sequence: 1,
    state: "open",
    service_point_id: `sp-${id}`,
    meter_id: `m-${id}`,
    serial: "880001",
    digits: 5,
    multiplier: "1",
    registers: ["total"],
    address: "Lane 1",
    geometry: POINT,
    datum: "wgs84",
    radius_m: 30,
    previous_value: "1000",
    previous_at: "2026-10-23T20:00:00Z",
    typical_kwh: "120",
    low_kwh: "60",
    high_kwh: "240",
    active_history: true,
    ...given,
  };
}

export const DISTRICT: District = {
  id: "d1",
  name: "Meilan",
  zone: "Asia/Shanghai",
  datum: "wgs84",
  fix_age_max_s: 60,
  radius_m: 50,
  version: 1,
};

/** Put records on a handheld as if they had been pulled. */
export async function hold<E extends "task" | "stop" | "district">(
  store: Store,
  audience: string,
  entity: E,
  ...all: readonly Records[E][]
): Promise<void> {
  const changes = all.map((put) => ({ entity, id: put.id, put }));
  const feeds = [{ audience, through: changes.length, changes }];
  await store.writing((tables) =>
    records.applyPage(tables, { feeds, dropped: [], cursor: "held", more: false }),
  );
}

let opened = 0;

/** Open a store of its own; nobody has enrolled it. */
export function emptyStore(): Promise<Store> {
  opened += 1;
  return openStore(`field-${opened}`);
}

/** Give a store that belongs to somebody. */
export async function enrolledStore(): Promise<Store> {
  const store = await emptyStore();
  await store.writing((tables) => settings.put(tables, settings.Name.DEVICE, "device-1"));
  return store;
}
