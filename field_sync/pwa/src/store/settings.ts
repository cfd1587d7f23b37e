/** What the handheld knows of itself: whose it is, its tokens, how far it has come. */

import type { Tables } from "./rows";

/** Every setting that the store keeps. */
export const Name = {
  SERVER: "server",
  DEVICE: "device",
  PERSON: "person",
  DISTRICT: "district",
  /** What the office calls this handheld. */
  NAME: "name",
  /** The id of an enrolment that was begun: repeated, it gives the same device. */
  ENROLLING: "enrolling",
  ENROLLED_AT: "enrolled_at",
  ACCESS_TOKEN: "access_token",
  REFRESH_TOKEN: "refresh_token",
  CURSOR: "cursor",
  STAGED_CURSOR: "staged_cursor",
  /** How many changes to ask for at once, while the line does not carry as many as we like. */
  CHANGES_WANTED: "changes_wanted",
  /** The highest operation that was ever put on the wire. */
  SENT_THROUGH: "sent_through",
  /** The highest operation below which the server has settled everything. */
  SETTLED_THROUGH: "settled_through",
  /** The most operations of the next push, as the last ones went. */
  BATCH: "batch",
  /** The most operations of any push, since a larger one was too large for the server. */
  BATCH_MAX: "batch_max",
  /** The number of the server's last operation when our chain was joined to it anew. */
  BASE: "base",
  BASE_SHA256: "base_sha256",
  /** How many operations a server put back from an old backup forgot and we had let go of. */
  LOST: "lost",
  /** The newest checkpoint that a server ever showed us: its number and its hash. */
  CHECKPOINT: "checkpoint",
  SYNCED_AT: "synced_at",
  SIGNED_OUT: "signed_out",
  /** The office's words when it revoked this device. */
  WIPED: "wiped",
  /** Whether this phone's person wants to be woken: "yes", or nothing. */
  PUSH_WANTED: "push_wanted",
  /** Where the office was told to wake this phone: the body that was sent, as it was sent. */
  PUSH_TOLD: "push_told",
} as const;

export type Name = (typeof Name)[keyof typeof Name];

/** Find a setting's value. */
export function find(tables: Tables, name: Name): string | null {
  return tables.settings.get(name)?.value ?? null;
}

/** Find a setting that counts; one that was never set is 0. */
export function findNumber(tables: Tables, name: Name): number {
  return Number(find(tables, name) ?? 0);
}

/** Keep a setting. */
export function put(tables: Tables, name: Name, value: string | number): void {
  tables.settings.put(name, { name, value: String(value) });
}

/** Forget a setting. */
export function drop(tables: Tables, name: Name): void {
  tables.settings.drop(name);
}
