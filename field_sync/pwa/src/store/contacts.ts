/** When the handheld last spoke with the server, by both clocks: how wrong its own is. */

import type { Moment } from "../clock";
import type { ContactRow, Tables } from "./rows";

export type { ContactRow } from "./rows";

export const KEPT = 50;

/** Keep a contact, and the newest `KEPT` in all, in the caller's write. */
export function add(
  tables: Tables,
  { sent, serverAt, roundTripS }: { sent: Moment; serverAt: string; roundTripS: number },
): void {
  const id = (tables.contacts.last()?.id ?? 0) + 1;
  const deviceAt = sent.wall.toISOString();
  const { monoMs, boot } = sent;
  tables.contacts.put(id, { id, deviceAt, monoMs, boot, serverAt, roundTripS });
  const old = Array.from(tables.contacts.all(), (contact) => contact.id);
  for (const each of old) if (each <= id - KEPT) tables.contacts.drop(each);
}

/** Find the last contact. */
export function findLast(tables: Tables): ContactRow | null {
  return tables.contacts.last() ?? null;
}
