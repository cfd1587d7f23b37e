import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import { PushFailed } from "../../src/errors";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import type { Address, Browser } from "../../src/sync/push";
import * as push from "../../src/sync/push";
import { Transport } from "../../src/sync/transport";
import type { Tongue } from "../../src/wire";
import { bare, json, problem } from "./fake_answers";
import { ADDRESS } from "./fake_server";
import { enrolled, type Scene } from "./handheld";
import { type Answer, Network, type Request } from "./network";

const KEY = "B".repeat(87);

/** A browser that subscribes to a new address each time. */
class PaperBrowser implements Browser {
  allowed = true;
  reachable = true;
  address: Address | null = null;
  #count = 0;

  isAllowed() {
    return this.allowed;
  }

  find() {
    return Promise.resolve(this.address);
  }

  subscribe(key: string): Promise<Address> {
    if (!this.reachable) return Promise.reject(new PushFailed());
    this.#count += this.address === null ? 1 : 0;
    const endpoint = `https://push.example/${this.#count}`;
    this.address ??= { endpoint, p256dh: key, auth: "a".repeat(22) };
    return Promise.resolve(this.address);
  }

  unsubscribe() {
    this.address = null;
    return Promise.resolve();
  }
}

interface Told extends Scene {
  readonly browser: PaperBrowser;
  /** What the office was told, in order: an address with its language, or that there is none. */
  readonly told: string[];
  isOff: boolean;
}

async function scene(): Promise<Told> {
  const phone = await enrolled();
  const told: string[] = [];
  const answer = (request: Request): Answer => {
    const { pathname } = request.url;
    if (!pathname.startsWith("/v1/push/")) return phone.server.handle(request);
    if (request.method === "DELETE") {
      told.push("nowhere");
      return bare(204, {});
    }
    if (made.isOff) return problem(409, "push-off");
    if (pathname === "/v1/push/key") return json(200, { key: KEY });
    const { endpoint, lang } = JSON.parse(new TextDecoder().decode(request.content));
    told.push(`${endpoint} ${lang}`);
    return json(200, { since: "2026-11-23T00:00:00Z" });
  };
  const network = new Network(answer);
  const line = new Transport(network.fetch, ADDRESS);
  const made = { ...phone, network, line, browser: new PaperBrowser(), told, isOff: false };
  await push.want(made.store, true);
  return made;
}

function settle({ store, line, edge, browser }: Told, lang: Tongue = "zh", fully = false) {
  return push.settle(store, line, edge, { browser, lang, fully });
}

test("the office is told once, and again when something has changed", async () => {
  const here = await scene();
  expect(push.standing(here.store.tables)).toBe("wanted");
  await settle(here);
  await settle(here);
  expect(here.told).toEqual(["https://push.example/1 zh"]);
  expect(push.standing(here.store.tables)).toBe("told");
  await settle(here, "en");
  here.browser.address = null; // the browser has changed it by itself
  await settle(here, "en");
  expect(here.told.slice(1)).toEqual(["https://push.example/1 en", "https://push.example/2 en"]);
});

test("asked fully, the office hears it again: it may have lost it", async () => {
  const here = await scene();
  await settle(here);
  await settle(here, "zh", true);
  expect(here.told).toHaveLength(2);
});

test("what the line does not carry is still wanted", async () => {
  const here = await scene();
  here.network.fault = () => "request_lost";
  await expect(settle(here)).rejects.toThrow(errors.NoSignal);
  expect(push.standing(here.store.tables)).toBe("wanted");
  here.network.fault = () => "none";
  await settle(here);
  expect(push.standing(here.store.tables)).toBe("told");
});

test("an office that wakes nobody says so, and nothing is wanted of it any more", async () => {
  const here = await scene();
  here.isOff = true;
  await expect(settle(here)).rejects.toThrow(errors.ServerRefused);
  expect(push.standing(here.store.tables)).toBe("off");
});

test("a browser whose push service is not reached says so, and is tried again", async () => {
  const here = await scene();
  here.browser.reachable = false;
  await expect(settle(here)).rejects.toThrow(PushFailed);
  expect(push.standing(here.store.tables)).toBe("wanted");
});

test("while the person does not allow it, nobody is told", async () => {
  const here = await scene();
  here.browser.allowed = false;
  await settle(here);
  expect(here.told).toEqual([]);
});

test("turned off, the browser and the office forget it", async () => {
  const here = await scene();
  await settle(here);
  await push.want(here.store, false);
  await settle(here);
  await settle(here);
  expect(here.told).toEqual(["https://push.example/1 zh", "nowhere"]);
  expect(here.browser.address).toBeNull();
  expect(push.standing(here.store.tables)).toBe("off");
});

test("signing off tells the office with the token that is still there", async () => {
  const here = await scene();
  await settle(here);
  const signingOff = push.signOff(here.store, here.line, here.edge, here.browser);
  await here.store.writing((tables) => settings.drop(tables, Name.ACCESS_TOKEN));
  await signingOff;
  expect(here.told.at(-1)).toBe("nowhere");
});

test("signing off without signal still ends it in the browser", async () => {
  const here = await scene();
  await settle(here);
  here.network.fault = () => "request_lost";
  await push.signOff(here.store, here.line, here.edge, here.browser);
  expect(here.browser.address).toBeNull();
  expect(push.standing(here.store.tables)).toBe("off");
});

test("who was never woken signs off without a word", async () => {
  const here = await scene();
  await push.want(here.store, false);
  await push.signOff(here.store, here.line, here.edge, here.browser);
  expect(here.told).toEqual([]);
});
