/** What was seen on this handheld: messages that were read, promises near their end that were told. */

import * as records from "./records";
import type { Tables } from "./rows";

const MESSAGE = "message";
/** Begins the marks of promises; an id has no blank. */
const NEAR = "near ";

/** List the ids of the messages that were read. */
export function listRead(tables: Tables): Set<string> {
  const ids = Array.from(tables.readMarks.all(), (mark) => mark.id);
  return new Set(ids.filter((id) => !id.startsWith(NEAR)));
}

/** Mark messages as read, in the caller's write; marks of those that are gone go too. */
export function markRead(tables: Tables, { ids }: { ids: readonly string[] }): void {
  for (const id of ids) tables.readMarks.put(id, { id });
  for (const id of listRead(tables)) {
    if (records.find(tables, { entity: MESSAGE, id }) === null) tables.readMarks.drop(id);
  }
}

/** What was done about a promise near its end: the crew was told, or has looked. */
export type NearMark = "told" | "read";

/** List the keys of the promises that have a mark. */
export function listNear(tables: Tables, mark: NearMark): Set<string> {
  const begin = beginOf(mark);
  const ids = Array.from(tables.readMarks.all(), ({ id }) => id);
  return new Set(ids.filter((id) => id.startsWith(begin)).map((id) => id.slice(begin.length)));
}

/**
 * Mark promises, in the caller's write, and give those that had no such mark.
 *
 * `live` are the keys of all that are still to be kept; marks of others go.
 */
export function markNear(
  tables: Tables,
  { mark, keys, live }: { mark: NearMark; keys: readonly string[]; live: ReadonlySet<string> },
): string[] {
  const begin = beginOf(mark);
  const known = listNear(tables, mark);
  for (const key of known) {
    if (!live.has(key)) tables.readMarks.drop(begin + key);
  }
  const fresh = keys.filter((key) => !known.has(key));
  for (const key of fresh) tables.readMarks.put(begin + key, { id: begin + key });
  return fresh;
}

function beginOf(mark: NearMark): string {
  return `${NEAR}${mark} `;
}
