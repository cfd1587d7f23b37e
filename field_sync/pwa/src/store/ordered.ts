/**
 * Keys in their order, put in order only when somebody looks: a page of changes costs one sorting.
 */

import type { Key } from "./tables";

/** A set of keys that is listed in order. */
export class Ordered<K extends Key> {
  #keys: K[] = [];
  readonly #gone = new Set<K>();
  #isSorted = true;

  get size(): number {
    return this.#keys.length - this.#gone.size;
  }

  /** Put a key in that is not there. */
  add(key: K): void {
    if (this.#gone.delete(key)) return;
    const last = this.#keys.at(-1);
    if (last !== undefined && key < last) this.#isSorted = false;
    this.#keys.push(key);
  }

  /** Take a key out that is there. */
  remove(key: K): void {
    if (this.#keys.at(-1) === key) this.#keys.pop();
    else this.#gone.add(key);
  }

  clear(): void {
    this.#keys = [];
    this.#gone.clear();
    this.#isSorted = true;
  }

  /** List the keys in their order; look at the list before the next change. */
  list(): readonly K[] {
    if (this.#gone.size > 0) {
      this.#keys = this.#keys.filter((key) => !this.#gone.has(key));
      this.#gone.clear();
    }
    if (!this.#isSorted) {
      this.#keys.sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
      this.#isSorted = true;
    }
    return this.#keys;
  }
}

/** Tell where the first key greater than `after` stands. */
export function placeBeyond<K extends Key>(keys: readonly K[], after: K): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as K) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
