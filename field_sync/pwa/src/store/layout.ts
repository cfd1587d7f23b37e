/**
 * How the rows of a table lie on disk: each by itself, or many in one text.
 *
 * What comes by the thousand is packed: 20,000 rows by themselves take the browser seconds to
 * write and half a second to read, and packed they take a tenth and a third of that. What is
 * written one by one, an act after an act, lies by itself.
 */

import type { Changes, Key } from "./tables";

/** Rows of a pack: a change of one writes all of them anew, some 80 kB. */
export const ROWS_MAX = 128;

/** What a write does to a table's part of the disk; once it is there, `settle` says so. */
export interface Laying {
  readonly gone: Iterable<Key>;
  readonly put: Iterable<readonly [Key, unknown]>;
  settle(): void;
}

/** A table's way of lying on disk, and what it knows of what lies there. */
export interface Layout {
  /** Take in what lies on disk; give the rows of it with their keys. */
  read(keys: readonly Key[], values: readonly unknown[]): Iterable<readonly [Key, unknown]>;
  /** Work out what a draft's changes are on disk; `rowOf` finds a row as it was before them. */
  lay(changes: Changes<Key, unknown>, rowOf: (key: Key) => unknown): Laying;
}

/** Every row by itself, under its own key. */
export class Single implements Layout {
  read(keys: readonly Key[], values: readonly unknown[]): Iterable<readonly [Key, unknown]> {
    return keys.map((key, at) => [key, values[at]] as const);
  }

  lay({ dropped, put }: Changes<Key, unknown>): Laying {
    return { gone: dropped, put, settle: () => undefined };
  }
}

/**
 * Many rows in one text, under the pack's number.
 *
 * A row stays in the pack that it was first put into. New ones go into the newest pack while it
 * has room, so what came together lies, and goes, together.
 */
export class Packed implements Layout {
  readonly #keyOf: (row: unknown) => Key;
  readonly #packs = new Map<number, ReadonlySet<Key>>();
  readonly #packOf = new Map<Key, number>();

  constructor(keyOf: (row: unknown) => Key) {
    this.#keyOf = keyOf;
  }

  *read(keys: readonly Key[], values: readonly unknown[]): Iterable<readonly [Key, unknown]> {
    for (const [at, text] of values.entries()) {
      const rows = unpacked(text as string).map((row) => [this.#keyOf(row), row] as const);
      this.#take(keys[at] as number, new Set(rows.map(([key]) => key)));
      yield* rows;
    }
  }

  lay(changes: Changes<Key, unknown>, rowOf: (key: Key) => unknown): Laying {
    const after = this.#touched(changes);
    const put = new Map(changes.put);
    const row = (key: Key) => put.get(key) ?? rowOf(key);
    const left = [...after].filter(([, keys]) => keys.size > 0);
    return {
      gone: [...after.keys()].filter((number) => after.get(number)?.size === 0),
      put: left.map(([number, keys]) => [number, packed(Array.from(keys, row))] as const),
      settle: () => {
        if (changes.cleared) this.#forget();
        for (const [number, keys] of after) this.#take(number, keys);
      },
    };
  }

  /** Work out which packs change, and whose rows are in each of them afterwards. */
  #touched({ cleared, dropped, put }: Changes<Key, unknown>): Map<number, Set<Key>> {
    const after = new Map<number, Set<Key>>();
    const touch = (number: number) => {
      const known = after.get(number) ?? new Set(cleared ? [] : this.#packs.get(number));
      after.set(number, known);
      return known;
    };
    const packOf = (key: Key) => (cleared ? undefined : this.#packOf.get(key));
    for (const key of dropped) {
      const number = packOf(key);
      if (number !== undefined) touch(number).delete(key);
    }
    let newest = cleared ? 0 : Math.max(0, ...this.#packs.keys());
    for (const [key] of put) {
      const number = packOf(key);
      if (number === undefined && touch(newest).size >= ROWS_MAX) newest += 1;
      touch(number ?? newest).add(key);
    }
    return after;
  }

  #take(number: number, keys: ReadonlySet<Key>): void {
    for (const key of this.#packs.get(number) ?? []) this.#packOf.delete(key);
    for (const key of keys) this.#packOf.set(key, number);
    if (keys.size > 0) this.#packs.set(number, keys);
    else this.#packs.delete(number);
  }

  #forget(): void {
    this.#packs.clear();
    this.#packOf.clear();
  }
}

/** Put rows into packs, as a table that had none of them would. */
export function* packsOf(rows: readonly unknown[]): Iterable<readonly [number, string]> {
  for (let at = 0; at < rows.length; at += ROWS_MAX) {
    yield [at / ROWS_MAX, packed(rows.slice(at, at + ROWS_MAX))];
  }
}

/** Text: the browser's own form of objects takes twice as long to read. */
function packed(rows: readonly unknown[]): string {
  return JSON.stringify(rows);
}

function unpacked(text: string): unknown[] {
  return JSON.parse(text) as unknown[];
}
