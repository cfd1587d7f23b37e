/** A write in the making: drafts over the tables, and what of them goes to the disk. */

import type { IDBPTransaction } from "idb";
import { type Laying, type Layout, Packed, Single } from "./layout";
import { PLANS, type TableName, type Tables } from "./rows";
import { type Changes, Draft, Kept, type Key } from "./tables";

/** Where bytes of files, and key pairs, lie: on the disk only. */
export const FILES = "files";
export const KEYS = "keys";

export type Transaction = IDBPTransaction<unknown, string[], "readwrite">;

/** A table in memory, and how it lies on disk. */
export interface Shelf {
  readonly kept: Kept<Key, unknown, string>;
  readonly layout: Layout;
}

type Besides = Pick<Tables, "addFile" | "dropFile" | "addKeys" | "dropKeys">;

/** Something for the disk only; without a value it goes. */
interface Beside {
  readonly into: typeof FILES | typeof KEYS;
  readonly key: string;
  readonly value: ArrayBuffer | CryptoKeyPair | null;
}

/** What a write changes in a table, in memory and on disk. */
interface Changed {
  readonly name: TableName;
  readonly shelf: Shelf;
  readonly made: Changes<Key, unknown>;
  readonly laying: Laying;
}

/** Load a table of what lies on disk. */
export function shelved(
  name: TableName,
  keys: readonly IDBValidKey[],
  values: readonly unknown[],
): Shelf {
  const plan = PLANS[name];
  const keyOf = plan.key as (row: unknown) => Key;
  const kept = new Kept(plan.indexers) as unknown as Shelf["kept"];
  const layout = "packed" in plan ? new Packed(keyOf) : new Single();
  for (const [key, row] of layout.read(keys as readonly Key[], values)) kept.load(key, row);
  return { kept, layout };
}

/** Give the tables for reading. */
export function readable(shelves: ReadonlyMap<TableName, Shelf>): Tables {
  return joined(
    [...shelves].map(([name, { kept }]) => [name, kept]),
    { addFile: refuse, dropFile: refuse, addKeys: refuse, dropKeys: refuse },
  );
}

/** The drafts of all tables, and what a write keeps beside them. */
export class Drafted {
  readonly tables: Tables;
  readonly #beside: Beside[] = [];
  readonly #drafts: readonly (readonly [TableName, Shelf, Draft<Key, unknown, string>])[];

  constructor(shelves: ReadonlyMap<TableName, Shelf>) {
    this.#drafts = [...shelves].map(([name, shelf]) => [name, shelf, new Draft(shelf.kept)]);
    this.tables = joined(
      this.#drafts.map(([name, , draft]) => [name, draft]),
      {
        addFile: (key, value) => this.#beside.push({ into: FILES, key, value }),
        dropFile: (key) => this.#beside.push({ into: FILES, key, value: null }),
        addKeys: (key, value) => this.#beside.push({ into: KEYS, key, value }),
        dropKeys: (key) => this.#beside.push({ into: KEYS, key, value: null }),
      },
    );
  }

  /** Work out what the write is, now that nothing is added to it any more. */
  drawnUp(): Write {
    const changes = this.#drafts.flatMap(([name, shelf, draft]) => {
      const made = draft.changes();
      if (!made.any) return [];
      const laying = shelf.layout.lay(made, (key) => shelf.kept.get(key));
      return [{ name, shelf, made, laying }];
    });
    return new Write(changes, this.#beside);
  }
}

/** A write as it goes to the disk, and into memory when it is there. */
export class Write {
  readonly #changes: readonly Changed[];
  readonly #beside: readonly Beside[];

  constructor(changes: readonly Changed[], beside: readonly Beside[]) {
    this.#changes = changes;
    this.#beside = beside;
  }

  get tables(): ReadonlySet<TableName> {
    return new Set(this.#changes.map((each) => each.name));
  }

  /** Name the parts of the disk that it touches; none where it changes nothing. */
  get parts(): string[] {
    return [...this.tables, ...new Set(this.#beside.map((each) => each.into))];
  }

  /** Put all of it into its transaction, which tells whether it holds. */
  fill(transaction: Transaction): void {
    const ask = (part: Promise<unknown>) => part.catch(() => undefined);
    for (const { name, made, laying } of this.#changes) {
      const into = transaction.objectStore(name);
      if (made.cleared) ask(into.clear());
      for (const key of laying.gone) ask(into.delete(key));
      for (const [key, value] of laying.put) ask(into.put(value, key));
    }
    for (const { into: name, key, value } of this.#beside) {
      const into = transaction.objectStore(name);
      ask(value === null ? into.delete(key) : into.put(value, key));
    }
  }

  /** Let it count: it is on the disk. */
  settle(): void {
    for (const { shelf, made, laying } of this.#changes) {
      shelf.kept.take(made);
      laying.settle();
    }
  }
}

function joined(all: readonly (readonly [TableName, unknown])[], besides: Besides): Tables {
  return { ...Object.fromEntries(all), ...besides } as unknown as Tables;
}

function refuse(): never {
  throw new Error("the store is only changed in a write");
}
