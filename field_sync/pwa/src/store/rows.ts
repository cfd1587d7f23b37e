/** What a row of each table of the store is, under which key it lies, and what it is found by. */

import type { Status, Words } from "../wire";
import type { Name } from "./settings";
import type { Key, Table } from "./tables";

/** Something that the handheld knows of itself. */
export interface Setting {
  readonly name: Name;
  readonly value: string;
}

/** A record as the server told it; what it holds is read by whoever asks for it. */
export type Body = Readonly<Record<string, unknown>>;

/** The newest form of an entity in one audience. */
export interface RecordRow {
  readonly audience: string;
  readonly entity: string;
  readonly id: string;
  readonly body: Body;
}

/** A change of a snapshot that is not whole yet; no body: the entity is gone. */
export interface StagedRow {
  readonly audience: string;
  readonly entity: string;
  readonly id: string;
  readonly body: Body | null;
}

/** An audience that is forgotten when the snapshot is whole. */
export interface StagedDrop {
  readonly audience: string;
}

/**
 * One operation of the crew, and what became of it.
 *
 * `entity` and `entityId` name the record that the view lays it over, while it is `laid`.
 * `wire` is the exact text that is hashed and sent; `hash` its SHA-256 in hex.
 * `status` is null while it waits; then `code` and `words` are empty.
 * `seenAs` is the status that a person has seen it in: settled otherwise later, it is new again.
 */
export interface Entry {
  readonly n: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly entity: string;
  readonly entityId: string;
  /** The handheld's wall clock at the act, RFC 3339. */
  readonly madeAt: string;
  readonly wire: string;
  readonly hash: string;
  readonly status: Status | null;
  readonly code: string;
  readonly words: Words;
  readonly laid: boolean;
  readonly seenAs?: Status;
}

/** Whether the server has a file. */
export type UploadState = "waiting" | "arrived" | "refused";

/**
 * A file of the crew; `location` is where its bytes go on, once the server has named it.
 *
 * `begun` tells whether bytes were ever sent, and heard of or not; `isHere` whether its bytes are
 * still on this handheld.
 */
export interface Upload {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** The operation that declares it. */
  readonly n: number;
  readonly state: UploadState;
  readonly location: string | null;
  readonly code: string;
  readonly begun: boolean;
  readonly isHere: boolean;
}

/** One exchange with the server, by both clocks. */
export interface ContactRow {
  readonly id: number;
  readonly deviceAt: string;
  readonly monoMs: number;
  readonly boot: string;
  readonly serverAt: string;
  readonly roundTripS: number;
}

/** A message that somebody has read here. */
export interface ReadMark {
  readonly id: string;
}

const SEPARATOR = "\u0000";
/** The one place of an index that only tells rows apart that have something from those without. */
export const HERE = "";

/** Join parts to a key, or to a place of an index; they sort as their parts do. */
export function joined(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** A table's key, and what its rows are found by. */
interface Plan<K extends Key, V, I extends string> {
  readonly key: (row: V) => K;
  /** Whether rows come by the thousand, and lie packed on disk (`layout`). */
  readonly packed?: true;
  readonly indexers: Readonly<Record<I, (row: V) => string | undefined>>;
}

function plan<K extends Key, V, I extends string>(given: Plan<K, V, I>): Plan<K, V, I> {
  return given;
}

const waits = (entry: Entry) => entry.status === null;

/** Every table. A change of what lies here is a new version of the database (`connection`). */
export const PLANS = {
  settings: plan({ key: (row: Setting): string => row.name, indexers: {} }),
  records: plan({
    key: (row: RecordRow) => joined(row.entity, row.id, row.audience),
    packed: true,
    indexers: {
      entity: (row: RecordRow) => row.entity,
      audience: (row: RecordRow) => row.audience,
      listed: (row: RecordRow) => joined(row.audience, row.entity),
    },
  }),
  staged: plan({
    key: (row: StagedRow) => joined(row.entity, row.id, row.audience),
    packed: true,
    indexers: { audience: (row: StagedRow) => row.audience },
  }),
  stagedDrops: plan({ key: (row: StagedDrop) => row.audience, indexers: {} }),
  outbox: plan({
    key: (row: Entry) => row.n,
    indexers: {
      waiting: (row: Entry) => (waits(row) ? HERE : undefined),
      waitingOn: (row: Entry) => (waits(row) ? row.subject : undefined),
      laidOn: (row: Entry) => (row.laid ? row.subject : undefined),
      laidOver: (row: Entry) => (row.laid ? joined(row.entity, row.entityId) : undefined),
      laidAs: (row: Entry) => (row.laid ? joined(row.subject, row.entity) : undefined),
      about: (row: Entry) => joined(row.subject, row.type),
      exceptions: (row: Entry) => (waits(row) || row.status === "applied" ? undefined : HERE),
      held: (row: Entry) => (row.status === "held" ? row.id : undefined),
      done: (row: Entry) => (row.status === "applied" && !row.laid ? HERE : undefined),
    },
  }),
  uploads: plan({
    key: (row: Upload) => row.sha256,
    indexers: { state: (row: Upload) => row.state },
  }),
  contacts: plan({ key: (row: ContactRow) => row.id, indexers: {} }),
  readMarks: plan({ key: (row: ReadMark) => row.id, indexers: {} }),
} as const;

export type TableName = keyof typeof PLANS;
export const TABLE_NAMES = Object.keys(PLANS) as readonly TableName[];

type TableOf<P> = P extends Plan<infer K, infer V, infer I> ? Table<K, V, I> : never;
type PlannedTables = { readonly [N in TableName]: TableOf<(typeof PLANS)[N]> };

/**
 * The handheld's memory. A write is given a draft of it, and only in a write it may be changed.
 *
 * Bytes of files and the device's keys never lie in memory: a write adds and drops them, and they
 * are asked for at the store.
 */
export interface Tables extends PlannedTables {
  /** Keep a file's bytes with everything else of this write. */
  addFile(sha256: string, bytes: ArrayBuffer): void;
  dropFile(sha256: string): void;
  /** Keep a key pair with everything else of this write. */
  addKeys(name: string, pair: CryptoKeyPair): void;
  dropKeys(name: string): void;
}
