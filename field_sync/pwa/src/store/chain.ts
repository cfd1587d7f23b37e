/**
 * The chain of the handheld's operations: where it ends, and how it is joined to the server's anew.
 *
 * A store put back from an older backup, a copy of it that works elsewhere and a server put back
 * from an older backup all end in the same: the server's chain is not ours. Then what the server
 * does not have of ours follows its last operation, under new numbers. An operation's id names it
 * for ever, so that sending too much does no harm.
 */

import { fingerprint, type Head, START } from "../rules/operation_chain";
import type { Operation } from "../wire";
import type { Entry, Tables, Upload } from "./rows";
import * as settings from "./settings";
import { Name } from "./settings";

/** Tell what the next operation follows. */
export function last(tables: Tables): Head {
  const entry = tables.outbox.last();
  const base = joinedTo(tables);
  return entry === undefined || entry.n <= base.n ? base : { n: entry.n, sha256: entry.hash };
}

/** Tell the hash of an operation that is still here; nothing was before the first. */
export function hashOf(tables: Tables, { n }: { n: number }): string | null {
  const base = joinedTo(tables);
  if (n === 0) return START;
  if (n === base.n) return base.sha256;
  return tables.outbox.get(n)?.hash ?? null;
}

/** Tell whether all that we hold beyond `head` follows it as it is, without a hole. */
export function follows(tables: Tables, { head }: { head: Head }): boolean {
  let beyond = 0;
  for (const _ of tables.outbox.all(head.n)) beyond++;
  if (last(tables).n !== head.n + beyond) return false;
  const next = tables.outbox.get(head.n + 1);
  return next === undefined || read(next).prev === head.sha256;
}

/**
 * Queue what we hold beyond a number again, behind the server's head, in the caller's write.
 *
 * Ids, bodies and clock readings stay; numbers and links are new, and so are the bytes. Files go
 * with the operations that declare them.
 *
 * `head` is the last operation that the server has of this device; `after` is what it has of ours
 * for certain, and is not above `head`.
 */
export function rebase(tables: Tables, { head, after }: { head: Head; after: number }): void {
  const settled = settings.findNumber(tables, Name.SETTLED_THROUGH);
  const had = Math.max(after, head.n);
  const lost = Math.max(settled - had, 0) - countKept(tables, had, settled);
  if (lost > 0) settings.put(tables, Name.LOST, settings.findNumber(tables, Name.LOST) + lost);
  const aside = [...tables.outbox.all(after)];
  const files = [...tables.uploads.all()].filter((file) => file.n > after);
  for (const entry of aside) tables.outbox.drop(entry.n);
  declareAnew(tables, files, numberAnew(tables, aside, head), head);
  settings.put(tables, Name.BASE, head.n);
  settings.put(tables, Name.BASE_SHA256, head.sha256);
  settings.put(tables, Name.SETTLED_THROUGH, head.n);
  settings.put(tables, Name.SENT_THROUGH, head.n);
}

/** Give operations their new places, in their order; tell which number became which. */
function numberAnew(tables: Tables, aside: readonly Entry[], head: Head): Map<number, number> {
  const places = new Map<number, number>();
  let before = head;
  for (const entry of aside) {
    const n = before.n + 1;
    const { body, ...rest } = read(entry);
    const wire = written({ ...rest, n, prev: before.sha256, rebased: true, body });
    const anew = { ...entry, n, wire, hash: fingerprint(wire), ...WAITING };
    tables.outbox.put(n, anew);
    places.set(entry.n, n);
    before = { n, sha256: anew.hash };
  }
  return places;
}

/** Let files go with their operations; one whose operation is here no more waits for nothing. */
function declareAnew(
  tables: Tables,
  files: readonly Upload[],
  places: ReadonlyMap<number, number>,
  head: Head,
): void {
  for (const file of files) {
    tables.uploads.put(file.sha256, { ...file, n: places.get(file.n) ?? head.n });
  }
}

/** How an operation stands while nobody has said what became of it. */
export const WAITING = { status: null, code: "", words: { en: "", zh: "" }, laid: true } as const;

/** Read an operation as it was written. */
export function read(entry: Entry): Operation {
  return JSON.parse(entry.wire) as Operation;
}

/** Write an operation as the exact text that is kept, hashed and sent. */
export function written(operation: Operation): string {
  const { id, n, type, v, subject, based_on, at, mono_ms, boot, prev, rebased, body } = operation;
  return JSON.stringify({
    id,
    n,
    type,
    v: v ?? 1,
    subject,
    based_on: based_on ?? null,
    at,
    mono_ms,
    boot,
    prev: prev ?? START,
    rebased: rebased ?? false,
    body: body ?? {},
  });
}

function countKept(tables: Tables, after: number, through: number): number {
  let kept = 0;
  for (const entry of tables.outbox.all(after)) {
    if (entry.n > through) break;
    kept++;
  }
  return kept;
}

/** Tell the server's head as it was when we last joined it; the start, if we never had to. */
function joinedTo(tables: Tables): Head {
  const n = settings.findNumber(tables, Name.BASE);
  return { n, sha256: settings.find(tables, Name.BASE_SHA256) ?? START };
}
