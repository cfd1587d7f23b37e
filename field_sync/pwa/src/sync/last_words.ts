/** The last words of a handheld that the office has revoked: what it had not sent, by its key. */

import type { Edge, Moment } from "../clock";
import * as chain from "../store/chain";
import type { Store, Tables } from "../store/connection";
import type { Entry } from "../store/outbox";
import * as outbox from "../store/outbox";
import * as uploads from "../store/uploads";
import type { LastWordsHeard } from "../wire";
import type { Work } from "./conversation";
import * as exchange from "./exchange";
import { type KeyStore, signedHead } from "./keys";
import type { LastWordsAsk, Transport } from "./transport";

/** What came of last words; without a key, or with nothing to say, there is nothing to do. */
export interface Said {
  /** Opens the uploads of the files that are left. */
  readonly token: string | null;
  readonly left: Work;
}

const NOTHING: Said = { token: null, left: { operations: 0, files: 0 } };

/**
 * Say what was not sent before the office revoked the device, and forget what is safe there.
 *
 * Throws `KeyUnreadable`, `ServerRefused` where the server does not hear it, and `NoSignal`.
 */
export async function say(
  store: Store,
  line: Transport,
  edge: Edge,
  { keys }: { keys: KeyStore },
): Promise<Said> {
  const left = exchange.work(store.tables);
  if (left.operations === 0 && left.files === 0) return NOTHING;
  const said = exchange.batch(store.tables);
  const words = await lastWords(store.tables, { said, sent: edge.moment(), keys });
  if (words === null) return NOTHING;
  const heard = await line.lastWords(words);
  await store.writing((tables) => handOver(tables, said, heard));
  return { token: heard.upload_token, left: exchange.allowed(store.tables) };
}

async function lastWords(
  tables: Tables,
  { said, sent, keys }: { said: readonly Entry[]; sent: Moment; keys: KeyStore },
): Promise<LastWordsAsk | null> {
  const deviceId = exchange.deviceOf(tables);
  const newest = said.at(-1);
  const last = newest ? { n: newest.n, sha256: newest.hash } : chain.last(tables);
  const head = last.n > 0 ? await signedHead(keys, { deviceId, ...last }) : null;
  if (head === null) return null;
  return {
    protocol: exchange.PROTOCOL,
    device_id: deviceId,
    contact: exchange.contactAt(sent),
    head,
    operations: said.map((entry) => entry.wire),
  };
}

/** Forget what is safe with the office, in the caller's write; files go on. */
function handOver(tables: Tables, said: readonly Entry[], heard: LastWordsHeard): void {
  outbox.handOver(tables, { through: Math.min(heard.safe_through, said.at(-1)?.n ?? 0) });
  if (outbox.countWaiting(tables) > 0) return;
  const places = new Map<string, string>();
  for (const { sha256, upload } of heard.missing) if (upload) places.set(sha256, upload);
  uploads.expect(tables, { places, more: heard.more ?? false });
}
