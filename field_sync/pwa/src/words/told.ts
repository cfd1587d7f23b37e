/** The shape of a table of words: every text of the English one, and what its numbers are. */

export type Told<T> = T extends (...args: infer A) => string
  ? (...args: A) => string
  : T extends string
    ? string
    : { readonly [K in keyof T]: Told<T[K]> };
