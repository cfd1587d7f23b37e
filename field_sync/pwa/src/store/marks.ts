/** Which messages were read on this handheld. */

import * as records from "./records";
import type { Tables } from "./rows";

const MESSAGE = "message";

/** List the ids of the messages that were read. */
export function listRead(tables: Tables): Set<string> {
  return new Set(Array.from(tables.readMarks.all(), (mark) => mark.id));
}

/** Mark messages as read, in the caller's write; marks of those that are gone go too. */
export function markRead(tables: Tables, { ids }: { ids: readonly string[] }): void {
  for (const id of ids) tables.readMarks.put(id, { id });
  for (const id of listRead(tables)) {
    if (records.find(tables, { entity: MESSAGE, id }) === null) tables.readMarks.drop(id);
  }
}
