/**
 * The store's one door: memory that is on the disk before anything says "saved".
 *
 * Everything but the bytes of files lies in memory, and is written to IndexedDB in one strict
 * transaction before it counts. Each write looks first whether the database is still as this tab
 * left it: a tab that another one has taken over from writes nothing any more.
 */

import { deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import * as errors from "../errors";
import { PLANS, TABLE_NAMES, type TableName, type Tables } from "./rows";
import { type Changes, Draft, Kept, type Key } from "./tables";

export type { TableName, Tables } from "./rows";

export const NAME = "lamplighter";
/** Counts the ways in which rows have ever lain on disk; a step is never changed after release. */
export const VERSION = 1;
const FILES = "files";
const KEYS = "keys";
const META = "meta";
const HOLDER = "holder";

type AnyKept = Kept<Key, unknown, string>;
type Listener = (changed: ReadonlySet<TableName>) => void;

/** Who writes the database, and how often they did: as long as it says so, nobody else has. */
interface Holder {
  readonly id: string;
  readonly writes: number;
}

/** An open store. Close it when done. */
export class Store {
  /** What is on disk, for reading. */
  readonly tables: Tables;
  readonly #kept: ReadonlyMap<TableName, AnyKept>;
  readonly #database: IDBPDatabase;
  readonly #listeners = new Set<Listener>();
  readonly #busyWith = new Set<string>();
  #holder: Holder;
  #asleep = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(database: IDBPDatabase, kept: ReadonlyMap<TableName, AnyKept>, holder: Holder) {
    this.#database = database;
    this.#kept = kept;
    this.#holder = holder;
    this.tables = joinedTables(kept, REFUSING);
  }

  /** Whether another tab has taken over, or the database was closed: nothing is written then. */
  get isAsleep(): boolean {
    return this.#asleep;
  }

  /**
   * Have one write: all of it is on disk when this ends, or none of it.
   *
   * The callback works on a draft and ends before anything is awaited. Writes follow one another.
   *
   * Throws `DiskFull` where there is no space, `StoreBusy` where another tab has taken over, and
   * whatever the callback throws; then nothing was changed.
   */
  writing<T>(work: (tables: Tables) => T): Promise<T> {
    const written = this.#queue.then(() => this.#write(work));
    this.#queue = written.catch(() => undefined);
    return written;
  }

  /** Read a file's bytes; null where they are not (or no longer) here. */
  async readFile(sha256: string): Promise<ArrayBuffer | null> {
    this.#requireAwake();
    const bytes: unknown = await this.#database.get(FILES, sha256);
    return bytes instanceof ArrayBuffer ? bytes : null;
  }

  /** Read a key pair as it was kept; null where there is none. */
  async readKeys(name: string): Promise<unknown> {
    this.#requireAwake();
    return (await this.#database.get(KEYS, name)) ?? null;
  }

  /** Hear which tables have changed, after each write and when the store falls asleep. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Write nothing more: another tab has taken over. */
  sleep(): void {
    if (this.#asleep) return;
    this.#asleep = true;
    this.#tell(new Set());
  }

  /** Let go of the database, when the writes under way have ended. */
  async close(): Promise<void> {
    await this.#queue;
    this.sleep();
    this.#database.close();
  }

  /** Be the only one in this tab to do a thing; another tab does nothing while this one lives. */
  async alone<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    if (this.#busyWith.has(purpose)) throw new errors.StoreBusy();
    this.#busyWith.add(purpose);
    try {
      return await work();
    } finally {
      this.#busyWith.delete(purpose);
    }
  }

  async #write<T>(work: (tables: Tables) => T): Promise<T> {
    this.#requireAwake();
    const draft = new Drafted(this.#kept);
    const result = work(draft.tables);
    const changes = draft.changes();
    if (changes.size === 0 && draft.beside.length === 0) return result;
    await this.#commit(changes, draft.beside);
    for (const [name, each] of changes) this.#kept.get(name)?.take(each);
    this.#tell(new Set(changes.keys()));
    return result;
  }

  async #commit(changes: AllChanges, beside: readonly Beside[]): Promise<void> {
    const names = [META, ...changes.keys(), ...new Set(beside.map((each) => each.into))];
    const next = { id: this.#holder.id, writes: this.#holder.writes + 1 };
    let transaction: Transaction | null = null;
    try {
      transaction = this.#database.transaction(names, "readwrite", { durability: "strict" });
      const held: unknown = await transaction.objectStore(META).get(HOLDER);
      if (!isSame(held, this.#holder)) throw new DOMException("taken over", "InvalidStateError");
      fill(transaction, next, changes, beside);
      await transaction.done;
    } catch (error) {
      throw this.#refusal(error, await undone(transaction));
    }
    this.#holder = next;
  }

  /** Say why a write failed: a full disk, or a database that is not ours any more. */
  #refusal(error: unknown, ended: unknown): unknown {
    // A request only says that it was undone where its transaction knows why.
    const names = [error, ended].map((each) => (each instanceof DOMException ? each.name : ""));
    if (names.includes("QuotaExceededError")) return new errors.DiskFull({}, { cause: error });
    if (!names.includes("InvalidStateError")) return error;
    this.sleep();
    return new errors.StoreBusy({}, { cause: error });
  }

  #requireAwake(): void {
    if (this.#asleep) throw new errors.StoreBusy();
  }

  #tell(changed: ReadonlySet<TableName>): void {
    for (const listener of this.#listeners) listener(changed);
  }
}

/**
 * Open the store, making or upgrading it where needed, and take it over from any other tab.
 *
 * Throws `StoreTooNew` where a later version made it, and `DiskFull` where there is no space.
 */
export async function openStore(name = NAME): Promise<Store> {
  let opened: Store | null = null;
  const fallAsleep = () => opened?.sleep();
  try {
    const database = await openDB(name, VERSION, {
      upgrade: (upgraded, from) => migrate(upgraded, from),
      blocking: (_current, _blocked, event) => {
        fallAsleep();
        (event.target as IDBDatabase).close();
      },
      terminated: fallAsleep,
    });
    opened = await taken(database);
    return opened;
  } catch (error) {
    const failed = error instanceof DOMException ? error.name : "";
    if (failed === "VersionError") throw new errors.StoreTooNew({ known: VERSION });
    if (failed === "QuotaExceededError") throw new errors.DiskFull({}, { cause: error });
    throw error;
  }
}

/**
 * Take everything off this handheld: what the server said, what the crew did, the files, the key.
 *
 * It asks nobody. Whoever calls it has made sure that nothing is only here (`sync/safety`).
 */
export async function erase(store: Store, name = NAME): Promise<void> {
  await store.close();
  await deleteDB(name);
}

/** Be the only one on this handheld to do a thing. Throws `StoreBusy` where it is being done. */
export function alone<T>(store: Store, purpose: string, work: () => Promise<T>): Promise<T> {
  return store.alone(purpose, work);
}

function migrate(database: IDBPDatabase, from: number): void {
  if (from < 1) {
    for (const name of [...TABLE_NAMES, FILES, KEYS, META]) database.createObjectStore(name);
  }
}

/** Take the database over, and load it, in one transaction: no other tab writes in between. */
async function taken(database: IDBPDatabase): Promise<Store> {
  const transaction = database.transaction([META, ...TABLE_NAMES], "readwrite", {
    durability: "strict",
  });
  const holder = { id: crypto.randomUUID(), writes: 0 };
  const put = transaction.objectStore(META).put(holder, HOLDER);
  const loaded = await Promise.all(
    TABLE_NAMES.map(async (name) => {
      const kept = new Kept(PLANS[name].indexers) as unknown as AnyKept;
      const key = PLANS[name].key as (row: unknown) => Key;
      for (const row of await transaction.objectStore(name).getAll()) kept.load(key(row), row);
      return [name, kept] as const;
    }),
  );
  await Promise.all([put, transaction.done]);
  return new Store(database, new Map(loaded), holder);
}

type AllChanges = ReadonlyMap<TableName, Changes<Key, unknown>>;
type Besides = Pick<Tables, "addFile" | "dropFile" | "addKeys" | "dropKeys">;

/** Something for the disk only; without a value it goes. */
interface Beside {
  readonly into: typeof FILES | typeof KEYS;
  readonly key: string;
  readonly value: ArrayBuffer | CryptoKeyPair | null;
}

/** The drafts of all tables, and what a write keeps beside them. */
class Drafted {
  readonly tables: Tables;
  readonly beside: Beside[] = [];
  readonly #drafts: ReadonlyMap<TableName, Draft<Key, unknown, string>>;

  constructor(kept: ReadonlyMap<TableName, AnyKept>) {
    this.#drafts = new Map([...kept].map(([name, each]) => [name, new Draft(each)]));
    this.tables = joinedTables(this.#drafts, {
      addFile: (key, value) => this.beside.push({ into: FILES, key, value }),
      dropFile: (key) => this.beside.push({ into: FILES, key, value: null }),
      addKeys: (key, value) => this.beside.push({ into: KEYS, key, value }),
      dropKeys: (key) => this.beside.push({ into: KEYS, key, value: null }),
    });
  }

  changes(): AllChanges {
    const all = [...this.#drafts].map(([name, draft]) => [name, draft.changes()] as const);
    return new Map(all.filter(([, changes]) => changes.any));
  }
}

type Transaction = IDBPTransaction<unknown, string[], "readwrite">;

/** Put all of a write into its transaction, which tells whether it holds. */
function fill(
  transaction: Transaction,
  next: Holder,
  changes: AllChanges,
  beside: readonly Beside[],
): void {
  const ask = (part: Promise<unknown>) => part.catch(() => undefined);
  ask(transaction.objectStore(META).put(next, HOLDER));
  for (const [name, each] of changes) {
    const into = transaction.objectStore(name);
    if (each.cleared) ask(into.clear());
    for (const key of each.dropped) ask(into.delete(key));
    for (const [key, value] of each.put) ask(into.put(value, key));
  }
  for (const { into: name, key, value } of beside) {
    const into = transaction.objectStore(name);
    ask(value === null ? into.delete(key) : into.put(value, key));
  }
}

/** Undo what a failed write has put so far; tell what its transaction ended with. */
async function undone(transaction: Transaction | null): Promise<unknown> {
  try {
    transaction?.abort();
  } catch {
    // It has ended by itself.
  }
  return transaction?.done.catch((reason: unknown) => reason);
}

function joinedTables(all: ReadonlyMap<TableName, unknown>, besides: Besides): Tables {
  return { ...Object.fromEntries(all), ...besides } as unknown as Tables;
}

function refuse(): never {
  throw new Error("the store is only changed in a write");
}

const REFUSING: Besides = { addFile: refuse, dropFile: refuse, addKeys: refuse, dropKeys: refuse };

function isSame(held: unknown, ours: Holder): boolean {
  const { id, writes } = (held ?? {}) as Partial<Holder>;
  return id === ours.id && writes === ours.writes;
}
