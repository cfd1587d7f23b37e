/**
 * Tables in memory: values by key, with indexes, and drafts that lie over them until they count.
 *
 * A value is a plain object and is never changed; a changed one is put in its place.
 * Whatever lists values lists them in the order of their keys.
 */

import { Ordered, placeBeyond } from "./ordered";

export type Key = string | number;
/** Gives a value's place in an index, or undefined where it has none. */
export type Indexer<V> = (value: V) => string | undefined;
export type Indexers<V, I extends string> = Readonly<Record<I, Indexer<V>>>;

/** What a table is asked, and in a write also told. */
export interface Table<K extends Key, V, I extends string = never> {
  readonly size: number;
  get(key: K): V | undefined;
  /** List the values, of keys beyond `after` only. Put or drop none while you walk. */
  all(after?: K): Iterable<V>;
  /** List the values at a place of an index. Put or drop none while you walk. */
  in(index: I, place: string, after?: K): Iterable<V>;
  count(index: I, place: string): number;
  /** The value with the highest key. */
  last(): V | undefined;
  put(key: K, value: V): void;
  drop(key: K): void;
  clear(): void;
}

/** What a draft changes in the table below it. */
export interface Changes<K extends Key, V> {
  /** Whether everything below goes first. */
  readonly cleared: boolean;
  readonly dropped: Iterable<K>;
  readonly put: Iterable<readonly [K, V]>;
  readonly any: boolean;
}

/** A table that holds what counts. Only `load` and `take` change it. */
export class Kept<K extends Key, V, I extends string = never> implements Table<K, V, I> {
  readonly indexers: Indexers<V, I>;
  readonly #values = new Map<K, V>();
  readonly #keys = new Ordered<K>();
  readonly #indexes: Map<I, Map<string, Ordered<K>>>;

  constructor(indexers: Indexers<V, I>) {
    this.indexers = indexers;
    this.#indexes = new Map(names(indexers).map((name) => [name, new Map()]));
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  all(after?: K): Iterable<V> {
    return this.#walk(this.keys, after);
  }

  in(index: I, place: string, after?: K): Iterable<V> {
    return this.#walk(this.keysIn(index, place), after);
  }

  count(index: I, place: string): number {
    return this.#indexes.get(index)?.get(place)?.size ?? 0;
  }

  last(): V | undefined {
    const key = this.keys.at(-1);
    return key === undefined ? undefined : this.#values.get(key);
  }

  put(): never {
    throw new Error("a table is only changed in a write");
  }

  drop(): never {
    throw new Error("a table is only changed in a write");
  }

  clear(): never {
    throw new Error("a table is only changed in a write");
  }

  /** The keys in their order. */
  get keys(): readonly K[] {
    return this.#keys.list();
  }

  keysIn(index: I, place: string): readonly K[] {
    return this.#indexes.get(index)?.get(place)?.list() ?? [];
  }

  load(key: K, value: V): void {
    const before = this.#values.get(key);
    if (before === undefined) this.#keys.add(key);
    this.#values.set(key, value);
    for (const index of names(this.indexers)) {
      const indexer = this.indexers[index];
      const was = before === undefined ? undefined : indexer(before);
      const is = indexer(value);
      if (was === is) continue;
      if (was !== undefined) this.#leave(index, was, key);
      if (is !== undefined) this.#enter(index, is, key);
    }
  }

  unload(key: K): void {
    const before = this.#values.get(key);
    if (before === undefined) return;
    this.#values.delete(key);
    this.#keys.remove(key);
    for (const index of names(this.indexers)) {
      const was = this.indexers[index](before);
      if (was !== undefined) this.#leave(index, was, key);
    }
  }

  unloadAll(): void {
    this.#values.clear();
    this.#keys.clear();
    for (const places of this.#indexes.values()) places.clear();
  }

  /** Let a draft's changes count. */
  take(changes: Changes<K, V>): void {
    if (changes.cleared) this.unloadAll();
    for (const key of changes.dropped) this.unload(key);
    for (const [key, value] of changes.put) this.load(key, value);
  }

  #enter(index: I, place: string, key: K): void {
    const places = this.#indexes.get(index);
    const keys = places?.get(place) ?? new Ordered<K>();
    keys.add(key);
    places?.set(place, keys);
  }

  #leave(index: I, place: string, key: K): void {
    const places = this.#indexes.get(index);
    const keys = places?.get(place);
    keys?.remove(key);
    if (keys?.size === 0) places?.delete(place);
  }

  *#walk(keys: readonly K[], after: K | undefined): Iterable<V> {
    for (let i = after === undefined ? 0 : placeBeyond(keys, after); i < keys.length; i++) {
      const value = this.#values.get(keys[i] as K);
      if (value !== undefined) yield value;
    }
  }
}

/** A table as a write is making it: what it changes lies over what is below. */
export class Draft<K extends Key, V, I extends string = never> implements Table<K, V, I> {
  readonly #below: Kept<K, V, I>;
  readonly #over: Kept<K, V, I>;
  readonly #dropped = new Set<K>();
  #cleared = false;

  constructor(below: Kept<K, V, I>) {
    this.#below = below;
    this.#over = new Kept(below.indexers);
  }

  get size(): number {
    return this.#over.size + this.#shown(this.#below.keys).length;
  }

  get(key: K): V | undefined {
    return this.#over.get(key) ?? (this.#hides(key) ? undefined : this.#below.get(key));
  }

  all(after?: K): Iterable<V> {
    return this.#merged(this.#below.keys, this.#over.keys, after);
  }

  in(index: I, place: string, after?: K): Iterable<V> {
    const below = this.#below.keysIn(index, place);
    return this.#merged(below, this.#over.keysIn(index, place), after);
  }

  count(index: I, place: string): number {
    const below = this.#shown(this.#below.keysIn(index, place));
    return below.length + this.#over.count(index, place);
  }

  last(): V | undefined {
    const over = this.#over.keys.at(-1);
    const keys = this.#below.keys;
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] as K;
      if (over !== undefined && over > key) break;
      if (!this.#hides(key)) return this.#below.get(key);
    }
    return over === undefined ? undefined : this.#over.get(over);
  }

  put(key: K, value: V): void {
    this.#dropped.delete(key);
    this.#over.load(key, value);
  }

  drop(key: K): void {
    this.#over.unload(key);
    if (this.#below.get(key) !== undefined) this.#dropped.add(key);
  }

  clear(): void {
    this.#cleared = true;
    this.#dropped.clear();
    this.#over.unloadAll();
  }

  changes(): Changes<K, V> {
    const over = this.#over;
    return {
      cleared: this.#cleared,
      dropped: this.#dropped,
      put: over.keys.map((key) => [key, over.get(key) as V] as const),
      any: this.#cleared || this.#dropped.size > 0 || over.size > 0,
    };
  }

  /** Tell whether the value below a key does not show any more. */
  #hides(key: K): boolean {
    return this.#cleared || this.#dropped.has(key) || this.#over.get(key) !== undefined;
  }

  #shown(keys: readonly K[]): readonly K[] {
    if (this.#cleared) return [];
    const changed = this.#dropped.size + this.#over.size;
    return changed === 0 ? keys : keys.filter((key) => !this.#hides(key));
  }

  *#merged(below: readonly K[], over: readonly K[], after: K | undefined): Iterable<V> {
    let i = after === undefined ? 0 : placeBeyond(below, after);
    let j = after === undefined ? 0 : placeBeyond(over, after);
    while (i < below.length || j < over.length) {
      const mine = over[j];
      const theirs = below[i];
      if (theirs !== undefined && (mine === undefined || theirs <= mine)) {
        i++;
        if (!this.#hides(theirs)) yield this.#below.get(theirs) as V;
      } else {
        j++;
        yield this.#over.get(mine as K) as V;
      }
    }
  }
}

function names<V, I extends string>(indexers: Indexers<V, I>): readonly I[] {
  return Object.keys(indexers) as I[];
}
