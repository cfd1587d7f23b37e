/**
 * What is not yet safe: exactly what would be lost if this handheld fell into the river now.
 *
 * Safe is what the server has on its disk and has told so. Until then it is said to be here only.
 */

import type { Tables } from "../store/connection";
import * as outbox from "../store/outbox";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import * as uploads from "../store/uploads";

/** What is on this handheld only. */
export interface Unsafe {
  /** Acts that the server has not told to be settled. */
  readonly operations: number;
  /** When the oldest of them was made, by this handheld's clock; RFC 3339. */
  readonly operationsSince: string | null;
  /** Files that the server has not told to be whole. */
  readonly files: number;
  /** Their size. */
  readonly filesBytes: number;
}

/** How this handheld stands with the office. */
export interface Safety {
  /** What is here only. */
  readonly unsafe: Unsafe;
  /** An answer is outstanding: some of it may have arrived already. */
  readonly unsure: boolean;
  /** Somebody must sign in before anything more is sent. */
  readonly signedOut: boolean;
  /** The office has revoked this handheld. */
  readonly wiped: boolean;
  /** The server's clock at the last contact, RFC 3339; null before the first. */
  readonly syncedAt: string | null;
  /** Acts that a server put back from a backup forgot, and this handheld had let go of. */
  readonly lost: number;
}

const NONE: Unsafe = { operations: 0, operationsSince: null, files: 0, filesBytes: 0 };

/** Tell whether all that the crew did is safe. */
export function isNothing(unsafe: Unsafe): boolean {
  return unsafe.operations === 0 && unsafe.files === 0;
}

/** Tell how the handheld stands. */
export function ofHandheld(tables: Tables): Safety {
  const { operations, since } = outbox.weighWaiting(tables);
  const sent = settings.findNumber(tables, Name.SENT_THROUGH);
  const settled = settings.findNumber(tables, Name.SETTLED_THROUGH);
  return {
    unsafe: { operations, operationsSince: since, ...uploads.weighWaiting(tables) },
    unsure: operations > 0 && sent > settled,
    signedOut: settings.find(tables, Name.SIGNED_OUT) !== null,
    wiped: settings.find(tables, Name.WIPED) !== null,
    syncedAt: settings.find(tables, Name.SYNCED_AT),
    lost: settings.findNumber(tables, Name.LOST),
  };
}

/** Tell what is here only of each order that has anything, the longest waiting first. */
export function ofOrders(tables: Tables): Map<string, Unsafe> {
  const found = new Map<string, Unsafe>();
  for (const { subject, operations, since } of outbox.listWaitingBySubject(tables)) {
    found.set(subject, { ...NONE, operations, operationsSince: since });
  }
  for (const { subject, files, filesBytes } of uploads.listWaitingBySubject(tables)) {
    found.set(subject, { ...(found.get(subject) ?? NONE), files, filesBytes });
  }
  return found;
}
