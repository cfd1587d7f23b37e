/** A page on a phone as the app finds it: its events, its line, its store, and modules of its own. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { vi } from "vitest";
import { ADDRESS, FakeServer } from "./sync/fake_server";
import { act, LI_WEI, photograph, task } from "./sync/handheld";
import { Network } from "./sync/network";

/** Timers wait, clocks go with them; what the store waits for goes on by itself. */
const CLOCKS = ["setTimeout", "clearTimeout", "Date", "performance"] as const;

export interface Page {
  readonly server: FakeServer;
  readonly network: Network;
  readonly rounds: typeof import("../src/rounds");
  readonly preferences: typeof import("../src/device/preferences");
  /** Let so much time go by, and whatever is to happen in it. */
  passing(ms: number): Promise<void>;
  /** Something happens to the page: `online`, or it comes into sight. */
  happens(what: "online" | "seen" | "hidden"): Promise<void>;
  /** Use a line that is paid by volume. */
  meter(): void;
  note(): Promise<void>;
  photograph(): Promise<void>;
  /** Tell how often the phone spoke with the office, and forget it. */
  countTalks(): number;
  countFiles(): number;
}

/** Open the app on an enrolled phone that has one order; its first round is over. */
export async function opened(): Promise<Page> {
  vi.resetModules();
  vi.useFakeTimers({ toFake: [...CLOCKS] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  const [view, sheet] = [new EventTarget(), new EventTarget()];
  const seen = { visibilityState: "visible", baseURI: `${ADDRESS}/app/` };
  const document = Object.assign(sheet, seen);
  const navigator: { connection?: { type: string } } = {};
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  vi.stubGlobal("document", document);
  vi.stubGlobal("navigator", navigator);
  const server = new FakeServer();
  const network = new Network(server.handle);
  vi.stubGlobal("fetch", network.fetch);
  server.put("crew:c1", "task", task("t1"));
  const session = await import("../src/session");
  const rounds = await import("../src/rounds");
  const preferences = await import("../src/device/preferences");
  const enrolment = await import("../src/sync/enrolment");
  await session.open();
  const store = session.store.value;
  if (store === null) throw new Error("the store did not open");
  const who = { server: ADDRESS, login: LI_WEI, name: "handheld 7" };
  await enrolment.enrol(store, session.line(), session.edge, who);
  const scene = { store, edge: session.edge };
  const passing = async (ms: number) => {
    for (let left = ms; left >= 0; left -= STEP_MS) {
      await vi.advanceTimersByTimeAsync(Math.min(left, STEP_MS));
      await settled(rounds);
    }
  };
  rounds.keepInStep();
  await passing(0);
  return {
    ...{ server, network, rounds, preferences, passing },
    happens: async (what) => {
      document.visibilityState = what === "hidden" ? "hidden" : "visible";
      if (what === "online") view.dispatchEvent(new Event("online"));
      else document.dispatchEvent(new Event("visibilitychange"));
      await passing(0);
    },
    meter: () => {
      navigator.connection = { type: "cellular" };
    },
    note: async () => {
      await act(scene);
      rounds.roundSoon();
    },
    photograph: async () => {
      await photograph(scene);
      rounds.roundSoon();
    },
    countTalks: () => {
      const talks = server.requests.splice(0).filter((each) => each.startsWith("POST /v1/sync"));
      return talks.length;
    },
    countFiles: () => server.uploads.contents.size,
  };
}

/** Put the clocks and the page back. */
export function closed(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
}

/** Let everything happen that needs no timer, until no round is under way. */
async function settled({ syncing }: typeof import("../src/rounds")): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn > TURNS_MIN && syncing.value === null) return;
  }
  throw new Error("the round does not end");
}

/** A timer that a round sets is due no sooner. */
const STEP_MS = 1_000;
const TURNS_MIN = 20;
/** Some seconds: keys are made on threads, which a busy machine lets wait. */
const TURNS = 500_000;
