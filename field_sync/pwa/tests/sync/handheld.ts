/** A handheld, the air, and a server in memory, joined for a story. */

import "fake-indexeddb/auto";
import type { Edge } from "../../src/clock";
import { newId } from "../../src/ids";
import { openStore, type Store } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import * as uploads from "../../src/store/uploads";
import * as client from "../../src/sync/client";
import * as enrolment from "../../src/sync/enrolment";
import type { KeyStore } from "../../src/sync/keys";
import { Transport } from "../../src/sync/transport";
import { ADDRESS, FakeServer, LOGIN, PASSWORD } from "./fake_server";
import { HandEdge } from "./hand_edge";
import { Network } from "./network";
import { PAPER_KEYS } from "./paper_keys";

export const LI_WEI = { login: LOGIN, password: PASSWORD };
export interface Scene {
  store: Store;
  readonly server: FakeServer;
  readonly network: Network;
  readonly line: Transport;
  readonly edge: HandEdge;
  /** Other keys than those of the store. */
  readonly keys?: KeyStore;
}

/** What it takes to do something. */
interface Hands {
  readonly store: Store;
  readonly edge: Edge;
}

interface Arranged {
  readonly seed?: number;
  readonly name?: string;
  /** Whether nobody looks at signatures. */
  readonly onPaper?: boolean;
}

/** Name a database that no other test has. */
export function newName(): string {
  return `handheld-${crypto.randomUUID()}`;
}

/** Join everything, with a store that belongs to nobody yet. */
export async function bare(arranged: Arranged = {}): Promise<Scene> {
  const { seed = 0, name = newName(), onPaper = false } = arranged;
  const server = new FakeServer();
  if (onPaper) server.witness = null;
  const network = new Network(server.handle);
  const line = new Transport(network.fetch, ADDRESS);
  const store = await openStore(name);
  const scene = { store, server, network, line, edge: new HandEdge({ seed }) };
  return onPaper ? { ...scene, keys: PAPER_KEYS } : scene;
}

/** Give Li Wei's handheld. */
export async function enrolled(arranged: Arranged = {}): Promise<Scene> {
  const scene = await bare(arranged);
  const { store, line, edge } = scene;
  const who = { server: ADDRESS, login: LI_WEI, name: "handheld 7", ...keysOf(scene) };
  await enrolment.enrol(store, line, edge, who);
  scene.server.requests.length = 0;
  return scene;
}

/** Give a handheld in step with a server that has one order for it. */
export async function phone(arranged: Arranged = {}): Promise<Scene> {
  const scene = await enrolled(arranged);
  scene.server.put("crew:c1", "task", task("t1"));
  await sync(scene);
  scene.server.requests.length = 0;
  return scene;
}

/** An order, as far as these stories look at it. */
export function task(id: string, fields: object = {}) {
  return { id, kind: "repair", state: "dispatched", version: 1, ...fields };
}

/** Have a round. */
export async function sync(scene: Scene, options: client.Options = {}): Promise<client.Round> {
  const asked = { ...keysOf(scene), ...options };
  const round = await client.syncNow(scene.store, scene.line, scene.edge, asked);
  if (scene.network.bug !== null) throw scene.network.bug;
  return round;
}

function keysOf({ keys }: Scene): { keys?: KeyStore } {
  return keys === undefined ? {} : { keys };
}

/** Do something on an order. */
export function act(
  { store, edge }: Hands,
  { type = "task.note", subject = "t1", body = { text: "a word" } as object } = {},
): Promise<outbox.Entry> {
  return store.writing((tables) =>
    outbox.add(tables, {
      id: newId(edge),
      type,
      subject,
      about: ["task", subject],
      basedOn: 1,
      moment: edge.moment(),
      body,
    }),
  );
}

/** Keep a photo of so many bytes; no two numbers give the same. */
export async function photograph(
  { store, edge }: Hands,
  { sizeBytes = 50, number = 1 } = {},
): Promise<outbox.Entry> {
  const bytes = new Uint8Array(sizeBytes).fill(number);
  bytes.set([0xff, 0xd8, 0xff]);
  const copied = await uploads.copyIn(bytes.buffer);
  return store.writing((tables) => {
    const entry = outbox.add(tables, {
      id: newId(edge),
      type: "evidence.declare",
      subject: "t1",
      about: ["task", "t1"],
      basedOn: 1,
      moment: edge.moment(),
      body: { sha256: copied.sha256, size_bytes: copied.sizeBytes, media_type: copied.mediaType },
    });
    uploads.add(tables, { copied, n: entry.n });
    return entry;
  });
}
