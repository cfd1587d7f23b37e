/**
 * A small world: one handheld, a bad network, a full disk, a page that dies at any moment.
 *
 * Whatever goes wrong, each act that was said to be saved counts once on the server, and in the
 * end the handheld shows what the server has. A seed gives the same world again.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import * as errors from "../../src/errors";
import { openStore } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import * as records from "../../src/store/records";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import * as uploads from "../../src/store/uploads";
import * as safety from "../../src/sync/safety";
import { chanceFrom } from "./hand_edge";
import { act, newName, phone, photograph, type Scene, sync, task } from "./handheld";
import type { Fault } from "./network";

/** A browser's own disk takes its time. */
const SEEDS = "document" in globalThis ? 20 : 200;
const STEPS = 14;
const HEALING_ROUNDS_MAX = 12;
const TICKS_MAX = 40;
const FAULTS: readonly Fault[] = ["request_lost", "answer_lost", "answer_cut", "doubled"];

/** The disk below every store; it may be full after so many puts. */
const disk = { putsLeft: Number.POSITIVE_INFINITY };
const putOf = (proto: IDBObjectStore) => proto.put;
let putWhole: IDBObjectStore["put"];

beforeAll(() => {
  putWhole = putOf(IDBObjectStore.prototype);
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given) {
    disk.putsLeft -= 1;
    if (disk.putsLeft < 0) throw new DOMException("full", "QuotaExceededError");
    return putWhole.apply(this, given);
  };
});

afterAll(() => {
  IDBObjectStore.prototype.put = putWhole;
});

class World {
  readonly made: string[] = [];
  readonly happened: string[] = [];
  readonly #chance: () => number;
  #tasks = 1;
  #photos = 0;

  constructor(
    readonly scene: Scene,
    readonly name: string,
    seed: number,
  ) {
    this.#chance = chanceFrom(seed);
    scene.network.fault = () => (this.#happens(0.25) ? this.#oneOf(FAULTS) : "none");
  }

  /** Let something happen. */
  async step(): Promise<void> {
    const what = this.#oneOf(STORY);
    this.happened.push(what);
    disk.putsLeft = this.#happens(0.12) ? this.#below(6) : Number.POSITIVE_INFINITY;
    try {
      await this.#do(what);
    } catch (error) {
      if (!(error instanceof errors.DiskFull)) throw error;
      this.happened.push("disk full");
    } finally {
      disk.putsLeft = Number.POSITIVE_INFINITY;
    }
  }

  /** Let the weather be fine, until everything is where it belongs. */
  async heal(): Promise<void> {
    this.scene.network.fault = () => "none";
    for (let rounds = 0; rounds < HEALING_ROUNDS_MAX; rounds++) {
      this.scene.edge.advance(600);
      const { refused } = await sync(this.scene);
      const { unsafe } = safety.ofHandheld(this.scene.store.tables);
      if (refused === null && safety.isNothing(unsafe)) return;
    }
    throw new Error("it does not come to rest");
  }

  async #do(what: (typeof STORY)[number]): Promise<void> {
    const { scene } = this;
    scene.edge.advance(this.#below(90));
    switch (what) {
      case "act":
        this.made.push((await act(scene, { body: { number: this.made.length } })).id);
        break;
      case "photo":
        this.#photos += 1;
        this.made.push((await photograph(scene, { number: this.#photos })).id);
        break;
      case "sync":
        await sync(scene);
        break;
      case "crash":
        await this.#crash();
        break;
      case "news":
        this.#tasks += 1;
        scene.server.put(
          "crew:c1",
          "task",
          task(`t${1 + (this.#tasks % 4)}`, { version: this.#tasks }),
        );
        break;
      case "token":
        scene.server.expired = true;
        break;
      case "backup":
        scene.server.restore({ settled: this.#below(scene.server.operations.length + 1) });
        break;
      case "bad cursor":
        await scene.store.writing((tables) => settings.put(tables, Name.CURSOR, "nonsense"));
        break;
      case "small batch":
        await scene.store.writing((tables) => settings.put(tables, Name.BATCH, 1 + this.#below(3)));
    }
  }

  /** Let the page die in the middle of a round, wherever that is, and begin anew from the disk. */
  async #crash(): Promise<void> {
    const dying = sync(this.scene).catch((error: unknown) => error);
    for (let ticks = this.#below(TICKS_MAX); ticks > 0; ticks--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    disk.putsLeft = Number.POSITIVE_INFINITY;
    this.scene.store = await openStore(this.name);
    this.scene.edge.reboot();
    const ended = await dying;
    const isExpected = !(ended instanceof Error) || ended instanceof errors.Refused;
    if (!isExpected) throw ended;
  }

  #oneOf<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  #below(bound: number): number {
    return Math.floor(this.#chance() * bound);
  }

  #happens(likelihood: number): boolean {
    return this.#chance() < likelihood;
  }
}

const STORY = [
  "act",
  "act",
  "act",
  "act",
  "photo",
  "sync",
  "sync",
  "sync",
  "crash",
  "crash",
  "news",
  "token",
  "backup",
  "bad cursor",
  "small batch",
] as const;

async function live(seed: number): Promise<World> {
  const name = newName();
  const world = new World(await phone({ seed, name, onPaper: true }), name, seed);
  for (let steps = 0; steps < STEPS; steps++) await world.step();
  await world.heal();
  return world;
}

function holds({ scene, made }: World): void {
  const { server } = scene;
  const { tables } = scene.store;
  expect(server.operations.map((each) => each.id).sort()).toEqual([...made].sort());
  expect(
    outbox
      .listKept(tables)
      .map((entry) => entry.id)
      .sort(),
  ).toEqual([...made].sort());
  expect(outbox.listKept(tables).filter((entry) => entry.status === null)).toEqual([]);
  expect(settings.findNumber(tables, Name.LOST)).toBe(0);
  const shown = records.listOf(tables, { entity: "task" });
  expect(shown).toEqual(server.records("crew:c1", "task"));
  for (const file of uploads.listAll(tables)) {
    expect([file.state, server.uploads.has(file.sha256)]).toEqual(["arrived", true]);
  }
}

test("each act counts once, whatever goes wrong", async () => {
  const met = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    let story: readonly string[] = [];
    try {
      const world = await live(seed);
      story = world.happened;
      holds(world);
      for (const each of story) met.add(each);
      await world.scene.store.close();
    } catch (error) {
      throw new Error(`seed ${seed}: ${story.join(", ")}`, { cause: error });
    }
  }
  expect([...met].sort()).toEqual([...new Set([...STORY, "disk full"])].sort());
}, 600_000);
