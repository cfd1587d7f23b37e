/**
 * Lives through tapes of the toolkit's simulated world: the phone's store and sync are given what
 * the toolkit's were given, from the same seeds, and must ask the same and end the same.
 *
 * A tape (`tests/world/tape.py`) begins with a store and goes on in steps: acts as they were kept,
 * rounds and sign-ins with every request and what became of it, and the store after each.
 */

import { deepStrictEqual } from "node:assert/strict";
import type { Edge, Moment } from "../../src/clock";
import * as errors from "../../src/errors";
import * as chain from "../../src/store/chain";
import { openStore, type Store, type Tables } from "../../src/store/connection";
import * as client from "../../src/sync/client";
import * as enrolment from "../../src/sync/enrolment";
import { Transport } from "../../src/sync/transport";
import { newName } from "../sync/handheld";
import { PAPER_KEYS } from "../sync/paper_keys";
import { canonical, type Dump, dumped, loaded } from "./dump";
import { Heard, type Taped } from "./heard";

const ADDRESS = "https://lamplighter.test";
const LOGIN = { login: "li", password: "a lamp for every street" };

interface Step {
  readonly what: "act" | "sync" | "sign_in";
  readonly moment: ToldMoment;
  readonly exchanges: readonly Taped[];
  readonly after: Dump;
  /** Of an act: its number, and the files that lie on the handheld. */
  readonly n?: number;
  readonly files?: Files;
}

type Files = Readonly<Record<string, string>>;

export interface ToldMoment {
  readonly wall: string;
  readonly monoMs: number;
  readonly boot: string;
}

/** What a tape has from one beginning to the next. */
export interface Part {
  readonly begin: Dump;
  readonly files: Files;
  readonly steps: readonly Step[];
}

/** Clocks that stand where the tape says; chance is not taped, for nothing that is kept hangs on it. */
class TapeEdge implements Edge {
  #at: Moment = { wall: new Date(0), monoMs: 0, boot: "" };
  #drawn = 0;

  moment(): Moment {
    return this.#at;
  }

  entropy(count: number): Uint8Array<ArrayBuffer> {
    this.#drawn += 1;
    return new Uint8Array(count).fill(this.#drawn);
  }

  stand({ wall, monoMs, boot }: ToldMoment): void {
    this.#at = { wall: new Date(wall), monoMs, boot };
  }
}

/** Live through a part; throws where anything differs. */
export async function replay({ begin, files, steps }: Part): Promise<void> {
  const store = await openStore(newName());
  await store.writing((tables) => loaded(tables, begin, bytesOf(files)));
  const edge = new TapeEdge();
  for (const [place, step] of steps.entries()) {
    edge.stand(step.moment);
    try {
      await live(store, edge, step);
      deepStrictEqual(dumped(store.tables), canonical(step.after));
    } catch (error) {
      throw new Error(`step ${place}, ${step.what}`, { cause: error });
    }
  }
  await store.close();
}

async function live(store: Store, edge: TapeEdge, step: Step): Promise<void> {
  const heard = new Heard(step.exchanges, (moment) => edge.stand(moment));
  const line = new Transport(heard.fetch, ADDRESS);
  switch (step.what) {
    case "act":
      await store.writing((tables) => act(tables, step));
      break;
    case "sync":
      await client.syncNow(store, line, edge, { keys: PAPER_KEYS });
      break;
    case "sign_in":
      await enrolment.signIn(store, line, edge, { login: LOGIN, keys: PAPER_KEYS }).catch(expected);
  }
  heard.requireEnd();
}

/** Keep what the toolkit kept, if it follows what is here. */
function act(tables: Tables, { n, after, files }: Step): void {
  const kept = after.outbox.find((row) => row.n === n);
  if (kept === undefined) throw new Error("nothing was kept");
  const { prev } = JSON.parse(kept.wire) as { prev: string };
  const last = chain.last(tables);
  deepStrictEqual({ n: kept.n - 1, prev }, { n: last.n, prev: last.sha256 }, "it follows");
  const known = new Set([...tables.uploads.all()].map((file) => file.sha256));
  const begun = after.uploads.filter((file) => !known.has(file.sha256));
  loaded(tables, { outbox: [kept], uploads: begun }, bytesOf(files ?? {}));
}

function bytesOf(files: Files): Map<string, ArrayBuffer> {
  return new Map(
    Object.entries(files).map(([sha256, text]) => [
      sha256,
      new Uint8Array(Buffer.from(text, "base64")).buffer,
    ]),
  );
}

function expected(error: unknown): void {
  if (!(error instanceof errors.Refused)) throw error;
}
