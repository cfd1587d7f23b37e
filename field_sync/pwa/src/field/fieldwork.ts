/**
 * What a crew does: each act is checked by the shared rules, then kept as one operation.
 *
 * When a promise is fulfilled, its operation is on disk; the screen may say "saved".
 * A refusal changes nothing. Every act throws `NotOnPhone` where its order or stop is not (or no
 * longer) on this handheld, and what `keeping.keep` and `Store.writing` throw.
 */

import type { Edge } from "../clock";
import * as errors from "../errors";
import type { Verdict } from "../rules/geofence";
import type { Picked } from "../rules/picking";
import type { Stay } from "../rules/presence";
import * as reasons from "../rules/reasons";
import { type Event, eventsFrom, move, type Step } from "../rules/transitions";
import type { Store, Tables } from "../store/connection";
import type { Entry } from "../store/outbox";
import * as outbox from "../store/outbox";
import * as uploads from "../store/uploads";
import type {
  Declared,
  EvidenceKind,
  Fix,
  Instant,
  Material,
  OperationBodies,
  Original,
  Sighting,
  Task,
} from "../wire";
import * as checks from "./checks";
import { whole } from "./fix";
import type { ActType } from "./keeping";
import * as keeping from "./keeping";
import * as view from "./view";

/** Names the order of an act. */
interface OnTask {
  readonly taskId: string;
}

/** Why work is returned or suspended, in concrete words, and by which reason of the policy set. */
export interface Reasoned {
  readonly reason: string;
  readonly code?: string | null;
}

/** What a check-in brings beside its fix; it never changes the verdict. */
export interface Remedies {
  /** Positions during a stay, each with its time since the first. */
  readonly sightings?: readonly Sighting[];
  /** Photos of the site, kept before. */
  readonly photoSha256?: readonly string[];
  /** A code, as it was read from a meter or the site. */
  readonly scanned?: string;
}

/** A check-in that was kept, how sure it is, and what its stay shows if there was one. */
export interface CheckedIn {
  readonly entry: Entry;
  readonly verdict: Verdict;
  readonly stay: Stay | null;
}

/** Take the work. Throws `WrongStep`, `AlreadyDone`. */
export function accept(store: Store, edge: Edge, { taskId }: OnTask): Promise<Entry> {
  return step(store, edge, taskId, "task.accept", {});
}

/** Say that the crew is on its way. Throws `WrongStep`, `AlreadyDone`. */
export function setOut(store: Store, edge: Edge, { taskId }: OnTask): Promise<Entry> {
  return step(store, edge, taskId, "task.set_out", {});
}

/**
 * Say that the crew has arrived; it is kept whatever the verdict.
 *
 * @param act.fix the position as the platform gave it, or null if there was none.
 * @throws WrongStep the order's life does not allow it now.
 * @throws Malformed there are too many remedies, or the code is too long.
 */
export function checkIn(
  store: Store,
  edge: Edge,
  act: OnTask & Remedies & { readonly fix: Fix | null; readonly note?: string },
): Promise<CheckedIn> {
  return store.writing((tables) => {
    const task = view.getTask(tables, act);
    if (meaning(task, "arrive") === "illegal") throw wrongStep(task, "arrive");
    const verdict = checks.arrival(tables, task, act.fix);
    const sightings = (act.sightings ?? []).map(({ after_s, fix }) => ({
      after_s,
      fix: whole(fix),
    }));
    const body = {
      fix: whole(act.fix),
      verdict: verdict.kind,
      note: act.note ?? "",
      sightings,
      photo_sha256: [...(act.photoSha256 ?? [])],
      scanned: act.scanned ?? "",
    };
    const entry = keeping.keep(tables, edge, { task, type: "checkin.record", body });
    return { entry, verdict, stay: checks.stay(tables, task, sightings) };
  });
}

/** Begin the work itself; a repair begins after a check-in. Throws `WrongStep`, `AlreadyDone`. */
export function start(store: Store, edge: Edge, { taskId }: OnTask): Promise<Entry> {
  return step(store, edge, taskId, "task.start", {});
}

/** Say that the lights are on again. Throws `WrongStep`, `AlreadyDone`. */
export function restored(
  store: Store,
  edge: Edge,
  { taskId, note = "" }: OnTask & { readonly note?: string },
): Promise<Entry> {
  return step(store, edge, taskId, "repair.restored", { note });
}

/**
 * Give the work back. Throws `VagueReason` where the reason says nothing, `WrongStep`, `AlreadyDone`.
 *
 * @throws ReasonNotAllowed the policy set does not let what was picked stand.
 */
export async function return_(
  store: Store,
  edge: Edge,
  { taskId, reason, code = null }: OnTask & Reasoned,
): Promise<Entry> {
  requireConcrete(reason);
  const picked = { code, givenFor: "return", hasUntil: false } as const;
  return step(store, edge, taskId, "task.return", { reason, code }, picked);
}

/**
 * Say that the work must wait, with a concrete reason.
 *
 * @param act.until when the crew thinks that it can go on, if it can say.
 * @throws VagueReason the reason says nothing.
 * @throws ReasonNotAllowed the policy set does not let what was picked stand.
 * @throws WrongStep the order's life does not allow it now.
 * @throws AlreadyDone it waits already.
 */
export async function suspend(
  store: Store,
  edge: Edge,
  act: OnTask & Reasoned & { readonly until?: Instant | null },
): Promise<Entry> {
  requireConcrete(act.reason);
  const { reason, until = null, code = null } = act;
  const picked = { code, givenFor: "suspend", hasUntil: until !== null } as const;
  return step(store, edge, act.taskId, "task.suspend", { reason, until, code }, picked);
}

/** Go on with work that had to wait. Throws `WrongStep` where it does not. */
export function resume(store: Store, edge: Edge, { taskId }: OnTask): Promise<Entry> {
  return step(store, edge, taskId, "task.resume", {});
}

/**
 * End the work, with what was found, done and used.
 *
 * @throws WrongStep the order's life does not allow it now; a repair is restored first.
 * @throws AlreadyDone it is finished.
 * @throws Malformed a text is too long, or a quantity impossible.
 */
export function finish(
  store: Store,
  edge: Edge,
  act: OnTask & {
    readonly cause?: string;
    readonly workDone?: string;
    readonly materials?: readonly Material[];
  },
): Promise<Entry> {
  const materials = (act.materials ?? []).map(({ name, quantity, unit = "piece" }) => ({
    name,
    quantity,
    unit,
  }));
  const body = { cause: act.cause ?? "", work_done: act.workDone ?? "", materials };
  return step(store, edge, act.taskId, "task.finish", body);
}

/** Write words on the order's timeline. Throws `Malformed` where they are none, or too many. */
export function note(
  store: Store,
  edge: Edge,
  act: OnTask & { readonly text: string },
): Promise<Entry> {
  return store.writing((tables) => {
    const task = view.getTask(tables, act);
    return keeping.keep(tables, edge, { task, type: "task.note", body: { text: act.text } });
  });
}

/**
 * Keep a file as evidence: its bytes, and the operation that declares it, in one write.
 *
 * What kind of file it is, its bytes tell.
 *
 * @throws FileTooLarge evidence has a limit, and this is beyond it.
 * @throws AlreadyKept the same file was kept for the same work before.
 */
export async function photo(
  store: Store,
  edge: Edge,
  act: OnTask & {
    readonly bytes: ArrayBuffer;
    readonly kind?: EvidenceKind;
    readonly stopId?: string | null;
    readonly fix?: Fix | null;
    readonly note?: string;
    /** The camera's own file, where this one was made smaller from it. */
    readonly original?: Original | null;
  },
): Promise<Entry> {
  const copied = await uploads.copyIn(act.bytes);
  const body: Declared = {
    sha256: copied.sha256,
    size_bytes: copied.sizeBytes,
    media_type: copied.mediaType,
    kind: act.kind ?? "site",
    stop_id: act.stopId ?? null,
    fix: whole(act.fix),
    note: act.note ?? "",
    original: act.original ?? null,
  };
  return store.writing((tables) => {
    const task = view.getTask(tables, act);
    if (act.stopId) view.getStop(tables, { stopId: act.stopId });
    requireNew(tables, task, body);
    const entry = keeping.keep(tables, edge, { task, type: "evidence.declare", body });
    uploads.add(tables, { copied, n: entry.n });
    return entry;
  });
}

/** List what this crew could do to an order now, in the order of its life. */
export function possible(task: Task): Event[] {
  const ours = new Set(view.EVENTS.values());
  return eventsFrom(task.kind, task.state).filter((event) => ours.has(event));
}

/** Keep an act that moves an order, where the order's life allows it. */
function step<T extends ActType>(
  store: Store,
  edge: Edge,
  taskId: string,
  type: T,
  body: OperationBodies[T],
  picked: Picked | null = null,
): Promise<Entry> {
  return store.writing((tables) => {
    const task = view.getTask(tables, { taskId });
    if (picked !== null) checks.reason(tables, task, picked);
    const event = view.EVENTS.get(type);
    if (event !== undefined) requireStep(task, event);
    return keeping.keep(tables, edge, { task, type, body });
  });
}

function meaning(task: Task, event: Event): Step {
  return move(task.kind, task.state, event).step;
}

function requireStep(task: Task, event: Event): void {
  const what = meaning(task, event);
  if (what === "overtaken") throw new errors.AlreadyDone({ state: task.state, step: event });
  if (what === "illegal") throw wrongStep(task, event);
}

function wrongStep(task: Task, event: Event): errors.WrongStep {
  const steps = possible(task).join(", ") || "-";
  return new errors.WrongStep({ state: task.state, step: event, possible: steps });
}

/** Refuse bytes that say nothing new about the same order and meter. */
function requireNew(tables: Tables, task: Task, body: Declared): void {
  const { sha256 } = body;
  for (const entry of outbox.listAbout(tables, { subject: task.id, type: "evidence.declare" })) {
    const known = outbox.read<Declared>(entry);
    if (known.sha256 === sha256 && (known.stop_id ?? null) === (body.stop_id ?? null)) {
      throw new errors.AlreadyKept({ sha256 });
    }
  }
}

function requireConcrete(reason: string): void {
  const fault = reasons.check(reason);
  if (fault !== null) throw new errors.VagueReason({ fault });
}
