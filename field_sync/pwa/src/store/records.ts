/**
 * The server's truth: the newest record of each entity in each audience.
 *
 * A page is applied with its cursor in the caller's write.
 * Pages of a snapshot are staged and shown only when the snapshot is whole.
 */

import type { AudienceChanges, Change } from "../wire";
import { type Body, joined, type RecordRow, type StagedRow, type Tables } from "./rows";
import * as settings from "./settings";
import { Name } from "./settings";

/** An entity's kind and id. */
export type EntityKey = readonly [entity: string, id: string];

/** One page of an answer. */
export interface Page {
  readonly feeds: readonly AudienceChanges[];
  readonly dropped: readonly string[];
  readonly cursor: string;
  readonly more: boolean;
}

/** Find an entity's record in whichever audience holds it. */
export function find(tables: Tables, { entity, id }: { entity: string; id: string }): Body | null {
  // Keys begin with kind and id: the next one after these is of the entity, if any is.
  for (const row of tables.records.all(joined(entity, id))) {
    return row.entity === entity && row.id === id ? row.body : null;
  }
  return null;
}

/** List the records of one kind of entity, by id. */
export function listOf(tables: Tables, { entity }: { entity: string }): Body[] {
  return bodies(tables.records.in("entity", entity));
}

/** List an audience's records of one kind of entity, by id. */
export function listIn(
  tables: Tables,
  { audience, entity }: { audience: string; entity: string },
): Body[] {
  return bodies(tables.records.in("listed", joined(audience, entity)));
}

/** Count the records. */
export function count(tables: Tables): number {
  return tables.records.size;
}

/** Tell where the next pull goes on: in a snapshot under way, or after the records. */
export function cursor(tables: Tables): string | null {
  return settings.find(tables, Name.STAGED_CURSOR) ?? settings.find(tables, Name.CURSOR);
}

/**
 * Take one page in: into the records, or into the snapshot that it belongs to.
 *
 * Of several changes of one entity the last one counts: an old page puts what its tail takes away.
 * An audience that comes afresh is not shown before it is whole: while more follows, its page
 * and all after it are staged. Without a cursor nothing that is held was confirmed, so all of it
 * makes way.
 *
 * Returns the entities that the records tell newly.
 */
export function applyPage(tables: Tables, page: Page): EntityKey[] {
  const staging = settings.find(tables, Name.STAGED_CURSOR) !== null;
  const fresh = page.feeds.filter((feed) => feed.fresh).map((feed) => feed.audience);
  const forgotten = new Set([...page.dropped, ...fresh]);
  if (!staging && settings.find(tables, Name.CURSOR) === null) {
    for (const row of tables.records.all()) forgotten.add(row.audience);
  }
  let shown: EntityKey[];
  if (staging || (page.more && fresh.length > 0)) {
    stage(tables, page.feeds, forgotten);
    if (page.more) {
      settings.put(tables, Name.STAGED_CURSOR, page.cursor);
      return [];
    }
    shown = showStaged(tables);
  } else {
    apply(tables, page.feeds, forgotten);
    shown = page.feeds.flatMap((feed) =>
      feed.changes.map((change) => [change.entity, change.id] as const),
    );
  }
  settings.put(tables, Name.CURSOR, page.cursor);
  return shown;
}

/** Ask for everything afresh from now on; what is held stays until it comes. */
export function forgetCursor(tables: Tables): void {
  settings.drop(tables, Name.CURSOR);
  settings.drop(tables, Name.STAGED_CURSOR);
  tables.staged.clear();
  tables.stagedDrops.clear();
}

/** Forget everything that the server ever said. */
export function wipe(tables: Tables): void {
  tables.records.clear();
  forgetCursor(tables);
}

function bodies(rows: Iterable<RecordRow>): Body[] {
  return Array.from(rows, (row) => row.body);
}

function apply(
  tables: Tables,
  feeds: readonly AudienceChanges[],
  forgotten: ReadonlySet<string>,
): void {
  for (const audience of forgotten) forget(tables, audience);
  for (const feed of feeds) {
    for (const change of feed.changes) enter(tables, row(feed.audience, change));
  }
}

function stage(
  tables: Tables,
  feeds: readonly AudienceChanges[],
  forgotten: ReadonlySet<string>,
): void {
  for (const audience of forgotten) {
    for (const staged of [...tables.staged.in("audience", audience)]) {
      tables.staged.drop(keyOf(staged));
    }
    tables.stagedDrops.put(audience, { audience });
  }
  for (const feed of feeds) {
    for (const change of feed.changes) {
      const staged = row(feed.audience, change);
      tables.staged.put(keyOf(staged), staged);
    }
  }
}

/** Move the whole snapshot over the records and clear the stage. */
function showStaged(tables: Tables): EntityKey[] {
  for (const { audience } of tables.stagedDrops.all()) forget(tables, audience);
  const shown = new Map<string, EntityKey>();
  for (const staged of tables.staged.all()) {
    enter(tables, staged);
    shown.set(joined(staged.entity, staged.id), [staged.entity, staged.id]);
  }
  tables.staged.clear();
  tables.stagedDrops.clear();
  settings.drop(tables, Name.STAGED_CURSOR);
  return [...shown.values()];
}

/** Let a record stand as a change tells it. */
function enter(tables: Tables, { body, ...rest }: StagedRow): void {
  if (body === null) tables.records.drop(keyOf(rest));
  else tables.records.put(keyOf(rest), { ...rest, body });
}

function forget(tables: Tables, audience: string): void {
  for (const record of [...tables.records.in("audience", audience)]) {
    tables.records.drop(keyOf(record));
  }
}

function row(audience: string, change: Change): StagedRow {
  const body = change.gone || change.put === undefined ? null : (change.put as Body);
  return { audience, entity: change.entity, id: change.id, body };
}

function keyOf(of: Omit<StagedRow, "body">): string {
  return joined(of.entity, of.id, of.audience);
}
