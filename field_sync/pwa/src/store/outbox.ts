/**
 * What the crew did: operations in the order of `n`, as the exact text that is sent.
 *
 * An operation waits until the server has settled it. What was settled otherwise than applied
 * stays, with the server's words, for a person to read; the newest applied ones stay as a history.
 */

import type { Moment } from "../clock";
import * as errors from "../errors";
import { fingerprint } from "../rules/operation_chain";
import { type Outcome, type Status, VERSIONS, type Words } from "../wire";
import * as chain from "./chain";
import type { EntityKey } from "./records";
import { type Entry, HERE, joined, type Tables } from "./rows";
import * as settings from "./settings";
import { Name } from "./settings";

export type { Entry } from "./rows";

export const WAITING_MAX = 100_000;
export const HISTORY_MAX = 2_000;
/** Settled so, an operation did not change the record: the view must not show it over it. */
const UNDONE: ReadonlySet<Status> = new Set(["conflict", "rejected"]);

/** An act, as it is to be kept. */
export interface Act {
  /** The operation's new id. */
  readonly id: string;
  /** Its name on the wire. */
  readonly type: string;
  /** The order that it is about. */
  readonly subject: string;
  /** Kind and id of the entity that the view lays it over. */
  readonly about: EntityKey;
  /** The version of the order that the crew looked at. */
  readonly basedOn: number | null;
  /** The handheld's clocks at the act. */
  readonly moment: Moment;
  /** What was done. */
  readonly body: unknown;
}

/** Orders that have something waiting: how much, and since when. */
export interface Waiting {
  readonly subject: string;
  readonly operations: number;
  readonly since: string;
}

/** Read what was done. */
export function read<T>(entry: Entry): T {
  return chain.read(entry).body as T;
}

/** Append an operation to the chain, in the caller's write. Throws `OutboxFull`. */
export function add(tables: Tables, act: Act): Entry {
  const head = chain.last(tables);
  const waiting = head.n - (firstWaitingN(tables) ?? head.n + 1) + 1;
  if (waiting >= WAITING_MAX) throw new errors.OutboxFull({ waiting, limit: WAITING_MAX });
  const n = head.n + 1;
  const [entity, entityId] = act.about;
  const { id, type, subject, moment } = act;
  const madeAt = moment.wall.toISOString();
  const wire = chain.written({
    id,
    n,
    type,
    v: versionOf(type),
    subject,
    based_on: act.basedOn,
    at: madeAt,
    mono_ms: moment.monoMs,
    boot: moment.boot,
    prev: head.sha256,
    body: act.body,
  });
  const hash = fingerprint(wire);
  const what = { n, id, type, subject, entity, entityId, madeAt, wire, hash };
  const entry = { ...what, ...chain.WAITING };
  tables.outbox.put(n, entry);
  return entry;
}

/** Tell the present version of a type's body. */
export function versionOf(type: string): number {
  const known: Readonly<Record<string, number>> = VERSIONS;
  return known[type] ?? 1;
}

/** Count the operations that wait. */
export function countWaiting(tables: Tables): number {
  return tables.outbox.count("waiting", HERE);
}

/** Count the operations that wait, and tell when the oldest was made. */
export function weighWaiting(tables: Tables): { operations: number; since: string | null } {
  const [oldest] = listWaiting(tables, { limit: 1 });
  return { operations: countWaiting(tables), since: oldest?.madeAt ?? null };
}

/** List the orders whose operations wait, the oldest first. */
export function listWaitingBySubject(tables: Tables): Waiting[] {
  const found = new Map<string, Waiting>();
  for (const { subject, madeAt } of tables.outbox.in("waiting", HERE)) {
    const known = found.get(subject) ?? { subject, operations: 0, since: madeAt };
    found.set(subject, { ...known, operations: known.operations + 1 });
  }
  return [...found.values()];
}

/** List operations that wait, oldest first. */
export function listWaiting(
  tables: Tables,
  { limit, after = 0 }: { limit: number; after?: number },
): Entry[] {
  const found: Entry[] = [];
  if (limit === 0) return found;
  for (const entry of tables.outbox.in("waiting", HERE, after)) {
    found.push(entry);
    if (found.length === limit) break;
  }
  return found;
}

/** List the operations on one order that the view lays over records, oldest first. */
export function listLaidOn(tables: Tables, { subject }: { subject: string }): Entry[] {
  return [...tables.outbox.in("laidOn", subject)];
}

/** List the operations that the view lays over one entity, oldest first. */
export function listLaidOver(
  tables: Tables,
  { entity, entityId }: { entity: string; entityId: string },
): Entry[] {
  return [...tables.outbox.in("laidOver", joined(entity, entityId))];
}

/**
 * List the operations that can have moved an order, oldest first.
 *
 * Those are the ones on the order itself, and of those on its stops the first after each: found
 * by jumping from one to the next, so that a day of readings costs no more than one.
 */
export function listTurns(tables: Tables, { subject }: { subject: string }): Entry[] {
  const turns = [...tables.outbox.in("laidAs", joined(subject, "task"))];
  const found = new Map(turns.map((entry) => [entry.n, entry]));
  for (const after of [0, ...turns.map((entry) => entry.n)]) {
    for (const stop of tables.outbox.in("laidAs", joined(subject, "stop"), after)) {
      found.set(stop.n, stop);
      break;
    }
  }
  return [...found.values()].sort((one, other) => one.n - other.n);
}

/** List the operations of one type on one order that are still here, oldest first. */
export function listAbout(
  tables: Tables,
  { subject, type }: { subject: string; type: string },
): Entry[] {
  return [...tables.outbox.in("about", joined(subject, type))];
}

/** List the readings of one stop that are still here and stand, oldest first. */
export function listTaken(
  tables: Tables,
  { subject, entityId }: { subject: string; entityId: string },
): Entry[] {
  return listAbout(tables, { subject, type: "reading.take" }).filter(
    (entry) => entry.entityId === entityId && !(entry.status && UNDONE.has(entry.status)),
  );
}

/** Count the operations on one order that wait. */
export function countWaitingOn(tables: Tables, { subject }: { subject: string }): number {
  return tables.outbox.count("waitingOn", subject);
}

/** Count the operations that wait, for each order that has any. */
export function countWaitingBySubject(tables: Tables): Map<string, number> {
  return new Map(listWaitingBySubject(tables).map((each) => [each.subject, each.operations]));
}

/** List what was settled otherwise than plainly applied, oldest first. */
export function listExceptions(tables: Tables): Entry[] {
  return [...tables.outbox.in("exceptions", HERE)];
}

/** Enter that a person has seen how operations were settled. */
export function markSeen(tables: Tables, { ns }: { ns: readonly number[] }): void {
  for (const n of ns) {
    const entry = tables.outbox.get(n);
    if (!entry || entry.status === null || isSeen(entry)) continue;
    tables.outbox.put(n, { ...entry, seenAs: entry.status });
  }
}

/** Tell whether a person has seen how an operation was settled. */
export function isSeen(entry: Entry): boolean {
  return entry.status !== null && entry.seenAs === entry.status;
}

/** List every operation that is still here, oldest first. */
export function listKept(tables: Tables): Entry[] {
  return [...tables.outbox.all()];
}

/**
 * Enter what became of operations: those named so, the other ones up to `through` applied.
 *
 * The first outcome is the outcome for ever; telling it again changes nothing.
 */
export function settle(
  tables: Tables,
  { through, outcomes }: { through: number; outcomes: readonly Outcome[] },
): void {
  for (const outcome of outcomes) {
    const entry = outcome.n <= through ? tables.outbox.get(outcome.n) : undefined;
    if (entry?.status !== null || entry.id !== outcome.id) continue;
    tables.outbox.put(entry.n, { ...entry, ...settled(outcome) });
  }
  for (const entry of [...tables.outbox.in("waiting", HERE)]) {
    if (entry.n > through) break;
    tables.outbox.put(entry.n, { ...entry, status: "applied" });
  }
  if (through > settings.findNumber(tables, Name.SETTLED_THROUGH)) {
    settings.put(tables, Name.SETTLED_THROUGH, through);
  }
}

/** Enter the final outcome of operations that were held; any other stands as it is. */
export function conclude(tables: Tables, { outcomes }: { outcomes: readonly Outcome[] }): void {
  for (const { id, status, code, detail } of outcomes) {
    for (const entry of [...tables.outbox.in("held", id)]) {
      const known = status === "applied" ? "" : code;
      const laid = !UNDONE.has(status);
      tables.outbox.put(entry.n, { ...entry, status, code: known, words: detail, laid });
    }
  }
}

/** Forget what the office keeps for certain; the newest operation stays, to be signed again. */
export function handOver(tables: Tables, { through }: { through: number }): void {
  const newest = tables.outbox.last()?.n ?? 0;
  for (const entry of [...tables.outbox.all()]) {
    if (entry.n > through) break;
    if (entry.n < newest) tables.outbox.drop(entry.n);
    else if (entry.status === null) {
      tables.outbox.put(entry.n, { ...entry, status: "held", laid: false });
    }
  }
  const known = settings.findNumber(tables, Name.SETTLED_THROUGH);
  settings.put(tables, Name.SETTLED_THROUGH, Math.max(through, known));
}

/** Queue again what a server restored from an older backup does not know any more. */
export function unsettle(tables: Tables, { after }: { after: number }): void {
  for (const entry of [...tables.outbox.all(after)]) {
    tables.outbox.put(entry.n, { ...entry, ...chain.WAITING });
  }
  settings.put(tables, Name.SETTLED_THROUGH, after);
}

/**
 * Stop laying settled operations over entities whose records tell them by themselves now.
 *
 * No record tells of one that is held.
 */
export function lift(tables: Tables, { keys }: { keys: Iterable<EntityKey> }): void {
  for (const [entity, entityId] of keys) {
    for (const entry of listLaidOver(tables, { entity, entityId })) {
      if (entry.status === null || entry.status === "held") continue;
      tables.outbox.put(entry.n, { ...entry, laid: false });
    }
  }
}

/**
 * Let go of applied operations older than the newest `HISTORY_MAX`; the server has them.
 *
 * The last settled one stays: by its hash we know whether the server's chain is still ours. So do
 * those whose files wait.
 */
export function prune(tables: Tables): void {
  const through = (tables.outbox.last()?.n ?? 0) - HISTORY_MAX;
  const settledThrough = settings.findNumber(tables, Name.SETTLED_THROUGH);
  const declaring = new Set(Array.from(tables.uploads.in("state", "waiting"), (file) => file.n));
  const old: number[] = [];
  for (const { n } of tables.outbox.in("done", HERE)) {
    if (n > through || n >= settledThrough) break;
    if (!declaring.has(n)) old.push(n);
  }
  for (const n of old) tables.outbox.drop(n);
}

/** Tell the number of the oldest operation that waits; those behind it wait as well. */
function firstWaitingN(tables: Tables): number | null {
  return listWaiting(tables, { limit: 1 })[0]?.n ?? null;
}

/**
 * Say what became of an operation; of a repeated one, what became of it the first time.
 *
 * What was repeated is laid over nothing: its record may have told of it already, and then does
 * not come again.
 */
function settled(outcome: Outcome): { status: Status; code: string; words: Words; laid: boolean } {
  const words = outcome.detail;
  if (outcome.status === "duplicate") {
    const first = String(outcome.fields?.first_status ?? "applied") as Status;
    const code = String(outcome.fields?.first_code ?? outcome.code);
    return { status: first, code, words, laid: false };
  }
  return { status: outcome.status, code: outcome.code, words, laid: !UNDONE.has(outcome.status) };
}
