/** One exchange with the server: what the handheld says, and how it takes the answer in. */

import type { Moment } from "../clock";
import { type Head as ChainHead, START } from "../rules/operation_chain";
import * as pacing from "../rules/pacing";
import * as chain from "../store/chain";
import type { Tables } from "../store/connection";
import * as contacts from "../store/contacts";
import type { Entry } from "../store/outbox";
import * as outbox from "../store/outbox";
import * as records from "../store/records";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import * as uploads from "../store/uploads";
import type {
  Acknowledged,
  CheckpointMark,
  Contact,
  DeviceStatus,
  Exchange,
  Fix,
  Head,
  Outcome,
  SyncAnswer,
  Tokens,
} from "../wire";
import type { Fork, Work } from "./conversation";
import { type Signer, signedHead } from "./keys";
import * as shapes from "./shapes";
import type { SyncAsk } from "./transport";

/** Operations of one push, in bytes; half of what the server takes. */
export const BATCH_BYTES_MAX = 2_000_000;
/** Operations of one push, in number (`schemas/sync.py`). */
export const OPERATIONS_MAX = 1_000;
export const PROTOCOL = 1;
export const APP = "lamplighter-pwa";
/** Changes asked for at once on a good line; about 80 kB on the wire. */
export const CHANGES_WANTED_MAX = 2_000;
/** Fewer than so many are not worth a round trip, however bad the line is. */
export const CHANGES_WANTED_MIN = 50;
export const OUTCOME = "outcome";
/** What the server says of an operation that does not follow the last one it has of us. */
const UNSETTLED_CODES: ReadonlySet<string> = new Set(["sequence-fork", "sequence-gap"]);
const MS_PER_S = 1000;
const UTF8 = new TextEncoder();

/** What an answer changed. */
export interface Taken {
  /** Whether an operation was settled or the cursor went on. */
  readonly moved: boolean;
  /** Whether the server's chain of our operations is not ours. */
  readonly diverged: boolean;
}

/** An exchange that was had. */
export interface Had {
  /** What was said. */
  readonly asked: SyncAsk;
  /** The operations that went with it. */
  readonly pushed: readonly Entry[];
  readonly answer: SyncAnswer;
  /** The handheld's clocks when it asked. */
  readonly sent: Moment;
  /** The handheld's clocks when it had the answer. */
  readonly heard: Moment;
}

/** Tell what lies ready to be sent; a revoked device has nothing to wait for any more. */
export function work(tables: Tables): Work {
  const through = settings.findNumber(tables, Name.SETTLED_THROUGH);
  const files = isRevoked(tables)
    ? uploads.countWaiting(tables)
    : uploads.countSendable(tables, { through });
  return { operations: outbox.countWaiting(tables), files };
}

/** Tell what may be sent now; a revoked device may send only the files that were named. */
export function allowed(tables: Tables): Work {
  if (!isRevoked(tables)) return work(tables);
  return { operations: outbox.countWaiting(tables), files: uploads.countExpected(tables) };
}

/** Choose the file to send next; a revoked device sends what the server still expects of it. */
export function nextFile(tables: Tables): uploads.Upload | null {
  if (isRevoked(tables)) return uploads.findExpected(tables);
  const through = settings.findNumber(tables, Name.SETTLED_THROUGH);
  return uploads.findNext(tables, { through });
}

/** Choose the oldest operations that fit into one push, as many as went well before. */
export function batch(tables: Tables): Entry[] {
  const chosen: Entry[] = [];
  let sizeBytes = 0;
  for (const entry of outbox.listWaiting(tables, { limit: batchMax(tables) })) {
    sizeBytes += UTF8.encode(entry.wire).byteLength;
    if (chosen.length > 0 && sizeBytes > BATCH_BYTES_MAX) break;
    chosen.push(entry);
  }
  return chosen;
}

/**
 * Say what the handheld has to say, and sign the last of what it pushes. Throws `KeyUnreadable`.
 *
 * `fix` is where it is, if the office may know.
 */
export async function request(
  tables: Tables,
  {
    pushed,
    sent,
    fix,
    keys,
  }: { pushed: readonly Entry[]; sent: Moment; fix: Fix | null; keys: Signer },
): Promise<SyncAsk> {
  const last = contacts.findLast(tables);
  const newest = pushed.at(-1);
  const seen = findSeen(tables);
  const said = {
    protocol: PROTOCOL,
    contact: { ...contactAt(sent), measured: last === null ? null : measured(last) },
    status: status(tables, pushed, fix),
    cursor: records.cursor(tables),
    operations: pushed.map((entry) => entry.wire),
    changes_max: changesWanted(tables),
    ...(seen === null ? {} : { seen }),
  };
  return { ...said, head: newest === undefined ? null : await head(tables, keys, newest) };
}

/** Say the clocks at the moment of sending. */
export function contactAt(sent: Moment): Contact {
  return { device_at: sent.wall.toISOString(), mono_ms: sent.monoMs, boot: sent.boot };
}

/** Let the next push have as much as the server and the line can do in good time. */
export function adaptBatch(tables: Tables, { sent, tookS }: { sent: number; tookS: number }): void {
  const batch = batchMax(tables);
  const most = settings.findNumber(tables, Name.BATCH_MAX) || OPERATIONS_MAX;
  const wanted = pacing.nextBatch({ sent, tookS, batch, batchMax: most });
  if (wanted !== batch) settings.put(tables, Name.BATCH, wanted);
}

/** Let the next push have less where the last one waited long and got no answer. */
export function afterSilence(
  tables: Tables,
  { sent, tookS }: { sent: number; tookS: number },
): void {
  const wanted = pacing.batchAfterSilence({ sent, tookS, batch: batchMax(tables) });
  settings.put(tables, Name.BATCH, wanted);
}

/** Let no push have so much again: this server takes smaller bodies than others. */
export function afterTooLarge(tables: Tables, { sent }: { sent: number }): void {
  const wanted = pacing.batchAfterTooLarge({ sent });
  settings.put(tables, Name.BATCH, wanted);
  settings.put(tables, Name.BATCH_MAX, wanted);
}

/** Ask for half as much from now on, in the caller's write: the line broke off. */
export function askLess(tables: Tables): void {
  const wanted = Math.max(Math.floor(changesWanted(tables) / 2), CHANGES_WANTED_MIN);
  settings.put(tables, Name.CHANGES_WANTED, wanted);
}

/** Forget what the server said, in the caller's write; what the crew did stays. */
export function wipe(tables: Tables, { notice }: { notice: string }): void {
  records.wipe(tables);
  settings.put(tables, Name.WIPED, notice);
  settings.drop(tables, Name.ACCESS_TOKEN);
  settings.drop(tables, Name.REFRESH_TOKEN);
}

/** Keep new tokens, in the caller's write. */
export function keepTokens(tables: Tables, tokens: Tokens): void {
  settings.put(tables, Name.ACCESS_TOKEN, tokens.access_token);
  settings.put(tables, Name.REFRESH_TOKEN, tokens.refresh_token);
  settings.put(tables, Name.PERSON, tokens.name);
  settings.drop(tables, Name.SIGNED_OUT);
}

/** Take an answer in, in the caller's write; tell what it changed. */
export function takeIn(tables: Tables, had: Had): Taken {
  const { asked, pushed, answer, sent, heard } = had;
  const known = settings.findNumber(tables, Name.SETTLED_THROUGH);
  const parted = diverged(tables, answer, known);
  const through = settledThrough(pushed, answer, known);
  if (through > known) outbox.settle(tables, { through, outcomes: answer.outcomes });
  const shown = records.applyPage(tables, answer);
  outbox.conclude(tables, { outcomes: lateOutcomes(tables, shown) });
  outbox.lift(tables, { keys: shown });
  // Where the chains have parted, the server may lack what we would let go of.
  if (!parted) outbox.prune(tables);
  uploads.askAgain(tables, { missing: answer.missing.map((file) => file.sha256) });
  const tookS = Math.max(heard.monoMs - sent.monoMs, 0) / MS_PER_S;
  contacts.add(tables, { sent, serverAt: answer.server_at, roundTripS: tookS });
  if (pushed.length > 0) adaptBatch(tables, { sent: pushed.length, tookS });
  askMore(tables);
  keepSeen(tables, answer.checkpoint);
  settings.put(tables, Name.SYNCED_AT, answer.server_at);
  return { moved: through > known || answer.cursor !== asked.cursor, diverged: parted };
}

/**
 * Enter how far the server has settled where its chain is ours, and tell where it is not.
 *
 * `askedAfter` is the number through which we held everything for settled.
 */
export function compare(
  tables: Tables,
  { askedAfter, told }: { askedAfter: number; told: Acknowledged },
): Fork | null {
  const head: ChainHead = { n: told.acked_through, sha256: told.chain };
  if (chain.hashOf(tables, { n: head.n }) === head.sha256) {
    const through = toldThrough(told);
    const follows = chain.follows(tables, { head });
    if (through >= askedAfter) {
      outbox.settle(tables, { through, outcomes: told.outcomes ?? [] });
    } else if (follows) {
      // A server put back from a backup is told the rest again.
      outbox.unsettle(tables, { after: through });
    }
    return follows ? null : { ...head, after: through };
  }
  // Within one lineage a server forgets nothing. One that was put back from a backup may have
  // forgotten what it had told us, and another copy may have gone on from there.
  const ours = chain.hashOf(tables, { n: askedAfter });
  const hasOurs = head.n >= askedAfter && ours === (told.known ?? START);
  return { ...head, after: hasOurs ? askedAfter : 0 };
}

function isRevoked(tables: Tables): boolean {
  return settings.find(tables, Name.WIPED) !== null;
}

/** Tell the most operations of the next push. */
function batchMax(tables: Tables): number {
  return settings.findNumber(tables, Name.BATCH) || OPERATIONS_MAX;
}

function changesWanted(tables: Tables): number {
  return settings.findNumber(tables, Name.CHANGES_WANTED) || CHANGES_WANTED_MAX;
}

/** Ask for twice as much again: the line carried what we wanted. */
function askMore(tables: Tables): void {
  const wanted = changesWanted(tables);
  if (wanted >= CHANGES_WANTED_MAX) return;
  settings.put(tables, Name.CHANGES_WANTED, Math.min(wanted * 2, CHANGES_WANTED_MAX));
}

/** Tell the office what is unsent beyond this push, and where the handheld is. */
function status(tables: Tables, pushed: readonly Entry[], fix: Fix | null): DeviceStatus {
  const { files, filesBytes } = uploads.weighWaiting(tables);
  const [left] = outbox.listWaiting(tables, { limit: 1, after: pushed.at(-1)?.n ?? 0 });
  return {
    queued: outbox.countWaiting(tables) - pushed.length,
    unsent_since: left?.madeAt ?? null,
    files_queued: files,
    files_bytes: filesBytes,
    fix,
    accuracy_m: fix?.accuracy_m ?? null,
    app: APP,
  };
}

/** Sign a push by its last operation, which names the hash of the one before it, and so on. */
function head(tables: Tables, keys: Signer, last: Entry): Promise<Head | null> {
  return signedHead(keys, { deviceId: deviceOf(tables), n: last.n, sha256: last.hash });
}

/** Tell this handheld's id; only an enrolled one has anything to say. */
export function deviceOf(tables: Tables): string {
  const deviceId = settings.find(tables, Name.DEVICE);
  if (deviceId === null) throw new Error("only an enrolled handheld has anything to say");
  return deviceId;
}

/** Find the newest checkpoint that we were ever shown. */
function findSeen(tables: Tables): CheckpointMark | null {
  const kept = settings.find(tables, Name.CHECKPOINT);
  return kept === null ? null : shapes.checkpointMark(kept);
}

/** Keep a checkpoint that is newer than any before, so that a server cannot take it back. */
function keepSeen(tables: Tables, shown: CheckpointMark | undefined): void {
  if (shown === undefined || shown.number <= (findSeen(tables)?.number ?? 0)) return;
  const { number, sha256 } = shown;
  settings.put(tables, Name.CHECKPOINT, JSON.stringify({ number, sha256 }));
}

/** Tell the server how long the last answered exchange took. */
function measured(contact: contacts.ContactRow): Exchange {
  const { monoMs, boot, roundTripS } = contact;
  return { mono_ms: monoMs, boot, round_trip_s: roundTripS };
}

/** List the final outcomes of held operations that the records tell newly. */
function lateOutcomes(tables: Tables, shown: readonly records.EntityKey[]): Outcome[] {
  return shown
    .filter(([entity]) => entity === OUTCOME)
    .map(([entity, id]) => records.find(tables, { entity, id }))
    .filter((body) => body !== null)
    .map((body) => shapes.outcomeOf(body));
}

/** Tell how far the outcomes are all there: an answer holds a limited number of them. */
function toldThrough(told: Acknowledged): number {
  const outcomes = told.outcomes ?? [];
  const last = outcomes.length < OPERATIONS_MAX ? undefined : outcomes.at(-1);
  return last?.n ?? told.acked_through;
}

/**
 * Tell how far an answer settles what is ours.
 *
 * A copy of this handheld may have pushed farther under the same numbers: what we have not sent
 * ourselves is not settled, whatever the server has.
 */
function settledThrough(pushed: readonly Entry[], answer: SyncAnswer, known: number): number {
  const ours = Math.max(pushed.at(-1)?.n ?? 0, known);
  const turnedAway = answer.outcomes.filter(isTurnedAway).map((outcome) => outcome.n - 1);
  return Math.min(answer.acked_through, ours, ...turnedAway);
}

/**
 * Tell whether an answer shows that the server's chain of our operations is not ours.
 *
 * It knows less than it did, more than we ever made, does not see our operations follow, or has
 * something else under our last number: a copy of this handheld was first after a backup.
 */
function diverged(tables: Tables, answer: SyncAnswer, known: number): boolean {
  const ours = chain.hashOf(tables, { n: answer.acked_through });
  const theirs = answer.chain ?? null;
  if (theirs !== null && ours !== null && ours !== theirs) return true;
  const through = answer.acked_through;
  const isBetween = known <= through && through <= chain.last(tables).n;
  return !isBetween || answer.outcomes.some(isTurnedAway);
}

function isTurnedAway(outcome: Outcome): boolean {
  return UNSETTLED_CODES.has(outcome.code);
}
