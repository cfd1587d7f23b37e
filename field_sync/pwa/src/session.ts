/**
 * What this phone holds, as the screens see it: the store joined with the edge, in signals.
 *
 * Nothing is changed here; that is `deeds` (what a crew does) and `rounds` (what sync does).
 */

import { computed, signal } from "@preact/signals";
import { type Edge, Machine } from "./clock";
import * as errors from "./errors";
import * as checks from "./field/checks";
import type { Progress as RouteProgress, Work } from "./field/view";
import * as view from "./field/view";
import type { Verdict } from "./rules/geofence";
import type { Stay } from "./rules/presence";
import { openStore, type Store, type Tables } from "./store/connection";
import * as marks from "./store/marks";
import * as outbox from "./store/outbox";
import type { Entry, TableName, UploadState } from "./store/rows";
import * as settings from "./store/settings";
import { Name } from "./store/settings";
import { type Held, take, takeOver } from "./store/tab";
import * as uploads from "./store/uploads";
import * as received from "./sync/messages";
import * as push from "./sync/push";
import * as safe from "./sync/safety";
import { connect, type Transport } from "./sync/transport";
import type {
  Area,
  AreaFeeder,
  Declared,
  EvidenceKind,
  Fix,
  PolicyReasons,
  Sighting,
  Stop,
  Task,
  Words,
} from "./wire";
import { VERSIONS } from "./wire";

export const edge: Edge = new Machine();

let spoken: Transport | null = null;
/** The one line to the server: it remembers the nonce that a phone with a wrong clock is given. */
export function line(): Transport {
  spoken ??= connect();
  return spoken;
}

/** What stands before the app, or that it is open. */
export type Gate =
  | { readonly kind: "opening" }
  | { readonly kind: "asleep" }
  | { readonly kind: "broken"; readonly why: Words }
  | { readonly kind: "nobody" }
  | { readonly kind: "open" };

type Entrance =
  | { readonly kind: "opening" | "asleep" }
  | { readonly kind: "broken"; readonly why: Words }
  | { readonly kind: "opened"; readonly store: Store };

const entrance = signal<Entrance>({ kind: "opening" });
/** Counts the writes that the screens must see. */
const revision = signal(0);
/** Counts those that may have changed what work looks like. */
const workRevision = signal(0);
const WORK_TABLES: readonly TableName[] = ["records", "outbox", "uploads"];
let lock: Held | null = null;

/** The store while it is open here; null before, and where another tab works. */
export const store = computed<Store | null>(() =>
  entrance.value.kind === "opened" ? entrance.value.store : null,
);

export const gate = computed<Gate>(() => {
  const here = entrance.value;
  if (here.kind !== "opened") return here as Gate;
  return identity.value.device === "" ? { kind: "nobody" } : { kind: "open" };
});

/** Open the store, unless another tab is at work. */
export async function open(): Promise<void> {
  await enter(() => take(locks()));
}

/** Work in this tab, whichever did before. */
export async function wakeHere(): Promise<void> {
  await enter(() => takeOver(locks()));
}

/** Whose phone this is. */
export const identity = asked(
  (tables) => ({
    person: settings.find(tables, Name.PERSON) ?? "",
    name: settings.find(tables, Name.NAME) ?? "",
    server: settings.find(tables, Name.SERVER) ?? "",
    device: settings.find(tables, Name.DEVICE) ?? "",
  }),
  { person: "", name: "", server: "", device: "" },
);

const NOTHING: safe.Safety = {
  unsafe: { operations: 0, operationsSince: null, files: 0, filesBytes: 0 },
  unsure: false,
  signedOut: false,
  wiped: false,
  syncedAt: null,
  lost: 0,
};
export const safety = asked(safe.ofHandheld, NOTHING);
/** Whether the work was ever fetched. */
export const isFresh = computed(() => safety.value.syncedAt !== null);

export const works = askedOfWork<readonly Work[]>(view.listWork, []);
export const messages = asked<readonly received.Received[]>(received.listMessages, []);
/** Promises near their end that somebody has looked at here. */
export const nearRead = asked((tables) => marks.listNear(tables, "read"), new Set<string>());
export const pushStanding = asked<push.Standing>(push.standing, "off");
export const unread = computed(() => messages.value.filter((each) => !each.isRead).length);
/** The phone's own time zone, until the district's is known. */
const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zone = askedOfWork((tables) => view.findDistrict(tables)?.zone ?? OWN_ZONE, OWN_ZONE);

/** What the district asks of fixes, stays and photos. */
export const policy = askedOfWork(checks.policy, checks.policy(null));

/** The oldest of what waits; how much there is in all, `safety` tells. */
export const WAITING_SHOWN_MAX = 200;
export const waiting = askedOfWork<readonly Entry[]>(
  (tables) => outbox.listWaiting(tables, { limit: WAITING_SHOWN_MAX }),
  [],
);
/** What was settled otherwise than plainly applied, newest first. */
export const exceptions = askedOfWork<readonly Entry[]>(
  (tables) => outbox.listExceptions(tables).reverse(),
  [],
);

/** Of those the ones that nobody has marked as seen. */
export const unseen = computed(() => exceptions.value.filter((entry) => !outbox.isSeen(entry)));

/** A file that this crew made. */
export interface OwnFile {
  readonly sha256: string;
  readonly subject: string;
  readonly kind: EvidenceKind;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly state: UploadState;
}

/** Files that are not at the office, or never will be. */
export const filesToShow = askedOfWork<readonly OwnFile[]>((tables) => {
  const open = uploads.listAll(tables).filter((file) => file.state !== "arrived");
  return open.flatMap((file) => {
    const entry = tables.outbox.get(file.n);
    return entry === undefined ? [] : [ownFile(entry, file)];
  });
}, []);

/** The areas that this crew works in, and what of feeders lies near them. */
export const areas = askedOfWork<readonly Area[]>(view.listAreas, []);
export const feeders = askedOfWork<readonly AreaFeeder[]>(view.listFeeders, []);

/** The server's clock, as well as this phone can know it. */
export function serverNowMs(): number {
  const now = edge.moment();
  const opened = store.value;
  return (opened === null ? now.wall : view.serverTime(opened.tables, now)).getTime();
}

/** Find a piece of work; null where it is not (or no longer) here. */
export const workOn = remembered<Work | null>(
  (tables, taskId) => unlessGone(() => view.getWork(tables, { taskId })),
  null,
);
export const stopsOf = remembered<readonly Stop[]>(
  (tables, routeId) => view.listStops(tables, { routeId }),
  [],
);
export const leftOn = remembered<readonly Stop[]>(
  (tables, routeId) => view.listLeft(tables, { routeId }),
  [],
);
export const progressOf = remembered<RouteProgress>(
  (tables, routeId) => view.progress(view.listStops(tables, { routeId })),
  { stops: 0, read: 0, skipped: 0, open: 0 },
);

/** A timeline shows so many of the newest acts. */
const ACTS_SHOWN_MAX = 50;
/** List what this crew did on an order, newest first. */
export const acts = remembered<readonly Entry[]>((tables, subject) => {
  const types = Object.keys(VERSIONS);
  const all = types.flatMap((type) => outbox.listAbout(tables, { subject, type }));
  return all.sort((one, other) => other.n - one.n).slice(0, ACTS_SHOWN_MAX);
}, []);

export const filesOn = remembered<readonly OwnFile[]>((tables, subject) => {
  const declared = outbox.listAbout(tables, { subject, type: "evidence.declare" });
  return declared.flatMap((entry) => {
    const { sha256 } = outbox.read<Declared>(entry);
    const file = uploads.find(tables, { sha256 });
    return file === null ? [] : [ownFile(entry, file)];
  });
}, []);

/** Name the order that a record is about; of one that is gone a message may still know the name. */
export const titleOf = remembered<string>((tables, id) => {
  const title = unlessGone(() => view.getTask(tables, { taskId: id }).title);
  if (title !== null) return title;
  const about = messages.value.find(({ message }) => message.task_id === id);
  return about?.message.title ?? id;
}, "");

/** Find what an order may be returned or suspended for; null until this phone knows it. */
export function reasonsOn(task: Task): PolicyReasons | null {
  void workRevision.value;
  return store.value === null ? null : view.findReasons(store.value.tables, task);
}

/** Find a record of the outbox. */
export function entryOf(n: number): Entry | null {
  void workRevision.value;
  return store.value?.tables.outbox.get(n) ?? null;
}

/** Hold a fix against an order's site, by the rule that the office uses. */
export function arrivalOf(task: Task, fix: Fix | null): Verdict {
  const opened = store.value;
  if (opened === null) {
    return { kind: "unsure", distanceM: null, edgeM: null, reasons: [], datumSuspect: false };
  }
  return checks.arrival(opened.tables, task, fix);
}

/** Judge a stay by what was seen during it, by the rule that the office uses. */
export function stayOf(task: Task, sightings: readonly Sighting[]): Stay | null {
  const opened = store.value;
  return opened === null ? null : checks.stay(opened.tables, task, sightings);
}

/** Give a file's bytes an address for pictures; whoever asked gives it back. */
export async function fileUrl(file: OwnFile): Promise<string | null> {
  const bytes = await store.value?.readFile(file.sha256).catch(() => null);
  return bytes ? URL.createObjectURL(new Blob([bytes], { type: file.mediaType })) : null;
}

async function enter(lay: () => Promise<Held | null>): Promise<void> {
  try {
    const held = await lay();
    if (held === null) {
      entrance.value = { kind: "asleep" };
      return;
    }
    lock = held;
    const opened = await openStore();
    opened.onChange((changed) => see(opened, changed));
    void held.lost.then(() => opened.sleep());
    entrance.value = { kind: "opened", store: opened };
  } catch (error) {
    lock?.release();
    entrance.value = { kind: "broken", why: whyBroken(error) };
    if (!(error instanceof errors.Refused)) throw error;
  }
}

/** Two words for what no refusal foresees; the error itself goes to the console. */
function whyBroken(error: unknown): Words {
  if (error instanceof errors.Refused) return error.words;
  const name = error instanceof Error ? error.name : "Error";
  return {
    en: `The browser does not open the store (${name}).`,
    zh: `浏览器无法打开本机数据（${name}）。`,
  };
}

function see(opened: Store, changed: ReadonlySet<TableName>): void {
  if (opened.isAsleep) {
    entrance.value = { kind: "asleep" };
    return;
  }
  revision.value += 1;
  if (WORK_TABLES.some((table) => changed.has(table))) workRevision.value += 1;
}

function locks(): LockManager | undefined {
  return "locks" in navigator ? navigator.locks : undefined;
}

/** Ask the tables anew after every write. */
function asked<T>(look: (tables: Tables) => T, before: T) {
  return computed<T>(() => {
    void revision.value;
    return store.value === null ? before : look(store.value.tables);
  });
}

/** Ask the tables anew after a write that touches work. */
function askedOfWork<T>(look: (tables: Tables) => T, before: T) {
  return computed<T>(() => {
    void workRevision.value;
    return store.value === null ? before : look(store.value.tables);
  });
}

/** Ask once for each key until a write touches work: many parts of a screen ask for the same. */
function remembered<T>(look: (tables: Tables, key: string) => T, before: T): (key: string) => T {
  let of: { readonly revision: number; readonly store: Store | null } | null = null;
  const known = new Map<string, T>();
  return (key) => {
    const now = { revision: workRevision.value, store: store.value };
    if (of?.revision !== now.revision || of.store !== now.store) known.clear();
    of = now;
    const found = known.get(key);
    if (found !== undefined) return found;
    const answer = now.store === null ? before : look(now.store.tables, key);
    known.set(key, answer);
    return answer;
  };
}

function unlessGone<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof errors.NotOnPhone) return null;
    throw error;
  }
}

function ownFile(entry: Entry, file: uploads.Upload): OwnFile {
  const { kind = "site" } = outbox.read<Declared>(entry);
  const { sha256, mediaType, sizeBytes, state } = file;
  return { sha256, subject: entry.subject, kind, mediaType, sizeBytes, state };
}
