/**
 * The store's one door: memory that is on the disk before anything says "saved".
 *
 * Everything but the bytes of files lies in memory, and is written to IndexedDB in one strict
 * transaction before it counts. Each write looks first whether the database is still as this tab
 * left it: a tab that another one has taken over from writes nothing any more.
 */

import { deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import * as errors from "../errors";
import { packsOf } from "./layout";
import { PLANS, TABLE_NAMES, type TableName, type Tables } from "./rows";
import {
  Drafted,
  FILES,
  KEYS,
  readable,
  type Shelf,
  shelved,
  type Transaction,
  type Write,
} from "./writes";

export type { TableName, Tables } from "./rows";

export const NAME = "lamplighter";
/** Counts the ways in which rows have ever lain on disk; a step is never changed after release. */
export const VERSION = 2;
const META = "meta";
const HOLDER = "holder";

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
  readonly #shelves: ReadonlyMap<TableName, Shelf>;
  readonly #database: IDBPDatabase;
  readonly #listeners = new Set<Listener>();
  readonly #busyWith = new Set<string>();
  #holder: Holder;
  #asleep = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(database: IDBPDatabase, shelves: ReadonlyMap<TableName, Shelf>, holder: Holder) {
    this.#database = database;
    this.#shelves = shelves;
    this.#holder = holder;
    this.tables = readable(shelves);
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
    const draft = new Drafted(this.#shelves);
    const result = work(draft.tables);
    const write = draft.drawnUp();
    if (write.parts.length === 0) return result;
    await this.#commit(write);
    write.settle();
    this.#tell(write.tables);
    return result;
  }

  async #commit(write: Write): Promise<void> {
    const next = { id: this.#holder.id, writes: this.#holder.writes + 1 };
    let transaction: Transaction | null = null;
    try {
      transaction = this.#database.transaction([META, ...write.parts], "readwrite", {
        durability: "strict",
      });
      const held: unknown = await transaction.objectStore(META).get(HOLDER);
      if (!isSame(held, this.#holder)) throw new DOMException("taken over", "InvalidStateError");
      transaction
        .objectStore(META)
        .put(next, HOLDER)
        .catch(() => undefined);
      write.fill(transaction);
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
      upgrade: (upgraded, from, _to, transaction) => migrate(upgraded, from, transaction),
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

async function migrate(
  database: IDBPDatabase,
  from: number,
  transaction: IDBPTransaction<unknown, string[], "versionchange">,
): Promise<void> {
  if (from < 1) {
    for (const name of [...TABLE_NAMES, FILES, KEYS, META]) database.createObjectStore(name);
    return;
  }
  // Version 1 had the rows of every table by themselves.
  for (const name of TABLE_NAMES.filter((each) => "packed" in PLANS[each])) {
    const kept = transaction.objectStore(name);
    const rows = await kept.getAll();
    await kept.clear();
    for (const [number, text] of packsOf(rows)) await kept.put(text, number);
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
      const lying = transaction.objectStore(name);
      const found = await Promise.all([lying.getAllKeys(), lying.getAll()]);
      return [name, shelved(name, ...found)] as const;
    }),
  );
  await Promise.all([put, transaction.done]);
  return new Store(database, new Map(loaded), holder);
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

function isSame(held: unknown, ours: Holder): boolean {
  const { id, writes } = (held ?? {}) as Partial<Holder>;
  return id === ours.id && writes === ours.writes;
}
