/** A store as a tape has it, row by row, and the phone's in the same form. */

import type { Tables } from "../../src/store/connection";
import type { Body, Entry, Upload } from "../../src/store/rows";
import type { Name } from "../../src/store/settings";
import type { Status } from "../../src/wire";
import { plain } from "./plain";

interface Told {
  readonly audience: string;
  readonly entity: string;
  readonly id: string;
  readonly body: string | null;
}

interface Kept {
  readonly n: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly entity: string;
  readonly entity_id: string;
  readonly made_at: string;
  readonly wire: string;
  readonly hash: string;
  readonly status: Status | null;
  readonly code: string;
  readonly en: string;
  readonly zh: string;
  readonly laid: 0 | 1;
}

interface Sent {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly n: number;
  readonly state: Upload["state"];
  readonly location: string | null;
  readonly code: string;
  readonly begun: 0 | 1;
}

interface Met {
  readonly id: number;
  readonly device_at: string;
  readonly mono_ms: number;
  readonly boot: string;
  readonly server_at: string;
  readonly round_trip_s: number;
}

/** Every table of the toolkit's store. */
export interface Dump {
  readonly settings: readonly { readonly name: Name; readonly value: string }[];
  readonly records: readonly Told[];
  readonly staged: readonly Told[];
  readonly staged_drops: readonly { readonly audience: string }[];
  readonly outbox: readonly Kept[];
  readonly uploads: readonly Sent[];
  readonly contacts: readonly Met[];
}

/** Put rows of a dump into a store, in the caller's write; a file's bytes come with its row. */
export function loaded(
  tables: Tables,
  dump: Partial<Dump>,
  files: ReadonlyMap<string, ArrayBuffer>,
): void {
  for (const row of dump.settings ?? []) tables.settings.put(row.name, row);
  for (const row of dump.records ?? []) {
    tables.records.put(keyOf(row), { ...row, body: parsed(row.body) ?? {} });
  }
  for (const row of dump.staged ?? []) {
    tables.staged.put(keyOf(row), { ...row, body: parsed(row.body) });
  }
  for (const row of dump.staged_drops ?? []) tables.stagedDrops.put(row.audience, row);
  for (const row of dump.outbox ?? []) tables.outbox.put(row.n, entryOf(row));
  for (const row of dump.contacts ?? []) tables.contacts.put(row.id, contactOf(row));
  for (const row of dump.uploads ?? []) {
    const bytes = files.get(row.sha256);
    if (bytes !== undefined) tables.addFile(row.sha256, bytes);
    tables.uploads.put(row.sha256, uploadOf(row, bytes !== undefined));
  }
}

/** Give a dump in the form that is compared. */
export function canonical(dump: Dump): unknown {
  return formed({
    settings: dump.settings,
    records: dump.records.map((row) => ({ ...row, body: parsed(row.body) })),
    staged: dump.staged.map((row) => ({ ...row, body: parsed(row.body) })),
    stagedDrops: dump.staged_drops,
    outbox: dump.outbox.map(entryOf),
    uploads: dump.uploads.map((row) => uploadOf(row, false)),
    contacts: dump.contacts.map(contactOf),
  });
}

/** Give a phone's store in the form that is compared. */
export function dumped(tables: Tables): unknown {
  return formed({
    settings: [...tables.settings.all()],
    records: [...tables.records.all()],
    staged: [...tables.staged.all()],
    stagedDrops: [...tables.stagedDrops.all()],
    outbox: [...tables.outbox.all()].map(({ seenAs: _, ...entry }) => entry),
    uploads: [...tables.uploads.all()].map((file) => ({ ...file, isHere: false })),
    contacts: [...tables.contacts.all()],
  });
}

/** Order rows, and say alike what both programs say in their own way. */
function formed(tables: Readonly<Record<string, readonly object[]>>): unknown {
  const told = Object.entries(tables).map(([name, rows]) => {
    const lines = rows.map((row) => JSON.stringify(plain(row)));
    return [name, lines.sort()];
  });
  return Object.fromEntries(told);
}

function keyOf({ audience, entity, id }: Told): string {
  return [entity, id, audience].join("\u0000");
}

function parsed(body: string | null): Body | null {
  return body === null ? null : (JSON.parse(body) as Body);
}

function entryOf({ entity_id, made_at, en, zh, laid, ...row }: Kept): Entry {
  return { ...row, entityId: entity_id, madeAt: made_at, words: { en, zh }, laid: laid === 1 };
}

function uploadOf({ size_bytes, media_type, begun, ...row }: Sent, isHere: boolean): Upload {
  return {
    ...row,
    sizeBytes: size_bytes,
    mediaType: media_type,
    begun: begun === 1,
    isHere,
  };
}

function contactOf({ device_at, mono_ms, server_at, round_trip_s, ...row }: Met) {
  return {
    ...row,
    deviceAt: device_at,
    monoMs: mono_ms,
    serverAt: server_at,
    roundTripS: round_trip_s,
  };
}
