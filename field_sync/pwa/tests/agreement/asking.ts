/** What the phone app asks a reader who walks a route, entry by entry, through its own store. */

import * as errors from "../../src/errors";
import * as keeping from "../../src/field/keeping";
import * as metering from "../../src/field/metering";
import { type Explanation, isSilent } from "../../src/rules/flags";
import type { Tables } from "../../src/store/connection";
import * as records from "../../src/store/records";
import type { ReadingTaken, Stop } from "../../src/wire";
import { DISTRICT, enrolledStore, HandEdge, hold, task } from "../field/held";

interface Entry {
  readonly stop: Stop;
  readonly total: string;
  readonly tariffs: Readonly<Record<string, string>>;
  readonly explained: readonly Explanation[];
}

type Answer = { readonly fault: unknown } | readonly object[];

const edge = new HandEdge();

/** Walk routes with one handheld; what it can keep, it keeps. */
export async function asked(routes: readonly (readonly Entry[])[]): Promise<Answer[][]> {
  const store = await enrolledStore();
  await hold(store, "district:d1", "district", DISTRICT);
  const feeds = routes.map((route) => {
    const changes = route.map(({ stop }) => ({ entity: "stop", id: stop.id, put: stop }));
    const audience = `route:${route[0]?.stop.route_id}`;
    return { audience, through: changes.length, changes };
  });
  await store.writing((tables) =>
    records.applyPage(tables, { feeds, dropped: [], cursor: "held", more: false }),
  );
  return store.writing((tables) =>
    routes.map((route) => route.map((entry) => answered(tables, entry))),
  );
}

function answered(tables: Tables, { stop, total, tariffs, explained }: Entry): Answer {
  try {
    const prompts = metering.prompts(tables, { stopId: stop.id, total, tariffs });
    keep(tables, { stop, total, tariffs });
    return prompts
      .filter(({ code }) => !isSilent(code, new Set(explained)))
      .map(({ code, numbers, en, zh }) => ({ code, numbers, en, zh }));
  } catch (error) {
    if (error instanceof errors.NotOnDisplay) return { fault: error.fields.fault };
    throw error;
  }
}

function keep(tables: Tables, { stop, total, tariffs }: Omit<Entry, "explained">): void {
  const body: ReadingTaken = { stop_id: stop.id, total, tariffs };
  const route = task(stop.route_id, { kind: "route", state: "working", site: null });
  keeping.keep(tables, edge, { task: route, type: "reading.take", body });
}
