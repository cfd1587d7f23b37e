/**
 * What the crew sees: the server's records with the crew's own operations laid over them.
 *
 * An operation is laid over its record from the moment it is stored until the record itself tells
 * of it, so the screen never goes back on what the crew did.
 */

import type { Moment } from "../clock";
import * as errors from "../errors";
import { amend } from "../rules/amending";
import { change } from "../rules/changing";
import { offset } from "../rules/event_time";
import * as promising from "../rules/promising";
import { type Event, move } from "../rules/transitions";
import * as contacts from "../store/contacts";
import type { Entry } from "../store/outbox";
import * as outbox from "../store/outbox";
import type { EntityKey } from "../store/records";
import * as records from "../store/records";
import type { Tables } from "../store/rows";
import type {
  Amended,
  Area,
  AreaFeeder,
  CheckIn,
  District,
  MeterChanged,
  MeterMismatch,
  OperationBodies,
  PolicyReasons,
  PromiseMade,
  PromiseReagreed,
  ReadingSkipped,
  ReadingTaken,
  Records,
  Stop,
  Suspended,
  Task,
} from "../wire";

export const TASK = "task";
export const STOP = "stop";
export const DISTRICT = "district";
export const AREA = "area";
export const FEEDER = "feeder";
/** Around a site that this handheld was the first to place, until the server says. */
export const RADIUS_UNKNOWN_M = 50;

/** Operations that may move an order, and what they are in its life. */
export const EVENTS: ReadonlyMap<string, Event> = new Map<string, Event>([
  ["task.accept", "accept"],
  ["task.set_out", "set_out"],
  ["task.start", "start"],
  ["task.return", "return"],
  ["task.suspend", "suspend"],
  ["task.resume", "resume"],
  ["task.finish", "finish"],
  ["checkin.record", "arrive"],
  ["repair.restored", "restore"],
  // The first act at a meter starts its route.
  ["reading.take", "start"],
  ["reading.skip", "start"],
  ["meter.found", "start"],
  ["meter.changed", "start"],
  ["meter.mismatch", "start"],
]);

/** A piece of work as the crew sees it; `unsent` operations on it are still on the handheld. */
export interface Work {
  readonly task: Task;
  readonly unsent: number;
}

/** How far a route has come; `open` stops still wait for the reader. */
export interface Progress {
  readonly stops: number;
  readonly read: number;
  readonly skipped: number;
  readonly open: number;
}

/** List the work on this handheld: the most urgent first, then the oldest. */
export function listWork(tables: Tables): Work[] {
  const works = new Map<string, Work>();
  const reasons = listReasons(tables);
  for (const record of recordsOf(tables, TASK)) {
    const task = layOverTask(record, outbox.listTurns(tables, { subject: record.id }), reasons);
    works.set(task.id, { task, unsent: outbox.countWaitingOn(tables, { subject: task.id }) });
  }
  return [...works.values()].sort((one, other) => {
    const urgency = (one.task.urgency ?? 3) - (other.task.urgency ?? 3);
    return urgency || Date.parse(one.task.opened_at) - Date.parse(other.task.opened_at);
  });
}

/**
 * Get a piece of work.
 *
 * @throws NotOnPhone it is not, or no longer, on this handheld.
 */
export function getWork(tables: Tables, { taskId }: { readonly taskId: string }): Work {
  const task = getTask(tables, { taskId });
  return { task, unsent: outbox.countWaitingOn(tables, { subject: taskId }) };
}

/**
 * Get an order as the crew sees it, without counting what is unsent.
 *
 * @throws NotOnPhone it is not, or no longer, on this handheld.
 */
export function getTask(tables: Tables, { taskId }: { readonly taskId: string }): Task {
  const record = findRecord(tables, TASK, taskId);
  if (record === null) throw new errors.NotOnPhone({ what: "order", id: taskId });
  return layOverTask(record, outbox.listTurns(tables, { subject: taskId }), listReasons(tables));
}

/** Find what an order may be returned or suspended for; null until this phone knows it. */
export function findReasons(tables: Tables, task: Task): PolicyReasons | null {
  return promising.reasonsOf(task, listReasons(tables));
}

/** List a route's stops in walking order. */
export function listStops(tables: Tables, { routeId }: { readonly routeId: string }): Stop[] {
  const laid = byEntity(outbox.listLaidOn(tables, { subject: routeId }));
  return records
    .listIn(tables, { audience: `route:${routeId}`, entity: STOP })
    .map((body) => body as unknown as Stop)
    .map((stop) => layOverStop(stop, laid.get(stop.id) ?? []))
    .sort((one, other) => one.sequence - other.sequence || (one.id < other.id ? -1 : 1));
}

/**
 * Get a stop of a route.
 *
 * @throws NotOnPhone it is not, or no longer, on this handheld.
 */
export function getStop(tables: Tables, { stopId }: { readonly stopId: string }): Stop {
  const record = findRecord(tables, STOP, stopId);
  if (record === null) throw new errors.NotOnPhone({ what: "stop", id: stopId });
  return layOverStop(record, outbox.listLaidOver(tables, { entity: STOP, entityId: stopId }));
}

/** List the stops whose numbers on the route are one less and one more. */
export function listBeside(tables: Tables, stop: Stop): Stop[] {
  const stops = listStops(tables, { routeId: stop.route_id });
  return stops.filter(({ sequence }) => Math.abs(sequence - stop.sequence) === 1);
}

/** List the stops of a route that still wait for the reader, in walking order. */
export function listLeft(tables: Tables, route: { readonly routeId: string }): Stop[] {
  return listStops(tables, route).filter(({ state }) => state === "open");
}

/** Find what was read last at a stop, as far as this handheld remembers. */
export function findTaken(tables: Tables, stop: Stop): ReadingTaken | null {
  const taken = outbox.listTaken(tables, { subject: stop.route_id, entityId: stop.id }).at(-1);
  return taken === undefined ? null : outbox.read<ReadingTaken>(taken);
}

/** Count how far a route's stops have come. */
export function progress(stops: readonly Stop[]): Progress {
  const read = stops.filter(({ state }) => state === "read").length;
  const skipped = stops.filter(({ state }) => state === "skipped").length;
  return { stops: stops.length, read, skipped, open: stops.length - read - skipped };
}

/** Find the facts of the district that this handheld works in. */
export function findDistrict(tables: Tables): District | null {
  return recordsOf(tables, DISTRICT)[0] ?? null;
}

/** List the areas that this handheld holds the map of, by name. */
export function listAreas(tables: Tables): Area[] {
  return recordsOf(tables, AREA).sort(byName);
}

/** List what lies of feeders near the areas that this handheld holds, by name. */
export function listFeeders(tables: Tables): AreaFeeder[] {
  return recordsOf(tables, FEEDER).sort(byName);
}

/** Give the name of the district's time zone; UTC before the handheld knows it. */
export function zone(tables: Tables): string {
  return findDistrict(tables)?.zone ?? "UTC";
}

/**
 * Tell what the server's clock shows now, as well as the handheld can know it.
 *
 * Before the first contact that is the handheld's own clock.
 */
export function serverTime(tables: Tables, moment: Moment): Date {
  const contact = contacts.findLast(tables);
  if (contact === null) return moment.wall;
  const offsetMs = offset(contact).offsetS * 1000;
  if (contact.boot !== moment.boot) return new Date(moment.wall.getTime() + offsetMs);
  const sinceMs = moment.monoMs - contact.monoMs;
  return new Date(Date.parse(contact.deviceAt) + offsetMs + sinceMs);
}

/**
 * Lay operations over an order, in their order.
 *
 * @param reasons those of the district's policy sets, which say what clocks stand still for.
 */
export function layOverTask(
  task: Task,
  laid: readonly Entry[],
  reasons: readonly PolicyReasons[] = [],
): Task {
  return laid.reduce((seen, entry) => laidOver(seen, entry, reasons), task);
}

/** Lay operations over a stop, in their order. */
export function layOverStop(stop: Stop, laid: readonly Entry[]): Stop {
  return laid.reduce((seen, entry) => STOP_CHANGES[entry.type]?.(seen, entry) ?? seen, stop);
}

/** Name the entity that an act is laid over: its stop where it has one, else its order. */
export function about<T extends keyof OperationBodies>(
  subject: string,
  type: T,
  body: OperationBodies[T],
): EntityKey {
  return type in STOP_CHANGES && "stop_id" in body && body.stop_id
    ? [STOP, body.stop_id]
    : [TASK, subject];
}

function listReasons(tables: Tables): readonly PolicyReasons[] {
  return findDistrict(tables)?.reasons ?? [];
}

function byEntity(entries: readonly Entry[]): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) {
    const known = found.get(entry.entityId);
    if (known) known.push(entry);
    else found.set(entry.entityId, [entry]);
  }
  return found;
}

function laidOver(task: Task, entry: Entry, reasons: readonly PolicyReasons[]): Task {
  const event = EVENTS.get(entry.type);
  if (event !== undefined) return kept(moved(task, event, entry, reasons), event, entry);
  if (entry.type === "promise.make") {
    const body = outbox.read<PromiseMade>(entry);
    return promising.make(task, { id: entry.id, body, at: entry.madeAt });
  }
  if (entry.type === "promise.reagree") {
    const body = outbox.read<PromiseReagreed>(entry);
    return promising.reagree(task, { body, at: entry.madeAt });
  }
  if (entry.type === "task.amend") return amended(task, entry);
  if (entry.type !== "evidence.declare") return task;
  return {
    ...task,
    evidence_declared: (task.evidence_declared ?? 0) + 1,
    evidence_missing: (task.evidence_missing ?? 0) + 1,
  };
}

/** Move the order as the server will, by the table that both read. */
function moved(task: Task, event: Event, entry: Entry, reasons: readonly PolicyReasons[]): Task {
  const { step, to } = move(task.kind, task.state, event);
  if (step !== "moves") return task;
  const suspended = event === "suspend" ? outbox.read<Suspended>(entry) : null;
  const holds = suspended === null ? [] : held(task, suspended, reasons);
  return {
    ...promising.pause(task, { holds, at: entry.madeAt }),
    state: to,
    state_at: entry.madeAt,
    suspended_reason: suspended?.reason ?? "",
    suspended_until: suspended?.until ?? null,
  };
}

/** Name the kinds of promises whose clocks stand still for what was picked. */
function held(task: Task, body: Suspended, reasons: readonly PolicyReasons[]): readonly string[] {
  const picked = promising.reasonsOf(task, reasons)?.reasons ?? [];
  return picked.find(({ code }) => code === body.code)?.holds ?? [];
}

/** Stop the promises that an act keeps; an arrival far from the site keeps none. */
function kept(task: Task, event: Event, entry: Entry): Task {
  const at = entry.madeAt;
  const going = task.state === "suspended" ? task : promising.goOn(task, { at });
  const far = event === "arrive" && outbox.read<CheckIn>(entry).verdict === "outside";
  return far ? going : promising.keep(going, { event, at });
}

/** Correct the order as the server will, by the merge that both know. */
function amended(task: Task, entry: Entry): Task {
  const site = task.site ?? null;
  const now = { contact: task.contact ?? "", note: task.note ?? "", site };
  const radiusM = site?.radius_m ?? RADIUS_UNKNOWN_M;
  return { ...task, ...amend(now, outbox.read<Amended>(entry), { radiusM }).facts };
}

function otherMeter(stop: Stop, entry: Entry): Stop {
  const body = outbox.read<MeterChanged | MeterMismatch>(entry);
  return change(stop, body, { findingId: entry.id, at: entry.madeAt });
}

function skipped(stop: Stop, entry: Entry): Stop {
  if (stop.state === "read") return stop; // a value that was read still counts
  return { ...stop, state: "skipped", skip_code: outbox.read<ReadingSkipped>(entry).code };
}

const STOP_CHANGES: Readonly<Record<string, (stop: Stop, entry: Entry) => Stop>> = {
  "reading.take": (stop) => ({ ...stop, state: "read", skip_code: null }),
  "reading.skip": skipped,
  "meter.changed": otherMeter,
  "meter.mismatch": otherMeter,
};

/** Find a record; what it holds is what the server says of such an entity. */
function findRecord<E extends keyof Records>(
  tables: Tables,
  entity: E,
  id: string,
): Records[E] | null {
  return records.find(tables, { entity, id }) as unknown as Records[E] | null;
}

/** Names are not the district's own: two of the same name stand in the order of their ids. */
function byName(one: Area | AreaFeeder, other: Area | AreaFeeder): number {
  return compared(one.name, other.name) || compared(one.id, other.id);
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function recordsOf<E extends keyof Records>(tables: Tables, entity: E): Records[E][] {
  return records.listOf(tables, { entity }) as unknown as Records[E][];
}
