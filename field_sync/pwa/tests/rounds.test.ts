/** When the phone speaks with the office: never for nothing, never too late, never all at once. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { closed, opened, type Page } from "./phone_page";

const MINUTE_MS = 60_000;
let page: Page;

beforeEach(async () => {
  page = await opened();
  expect(page.countTalks()).toBeGreaterThan(0);
});
afterEach(closed);

test("a start asks at once, and then all is safe", () => {
  expect(page.rounds.syncTrouble.value).toBeNull();
  expect(page.rounds.syncing.value).toBeNull();
});

test("acts that follow each other closely go in one round", async () => {
  await page.note();
  await page.passing(500);
  await page.note();
  await page.passing(500);
  expect(page.countTalks()).toBe(0);
  await page.passing(500);
  expect(page.countTalks()).toBe(1);
  expect(page.server.operations).toHaveLength(2);
});

test("with nothing to say the phone comes by itself, within minutes and not at once", async () => {
  await page.passing(10_000);
  expect(page.countTalks()).toBe(0);
  await page.passing(2 * MINUTE_MS);
  expect(page.countTalks()).toBeGreaterThan(0);
});

test("signal that comes back is used at once", async () => {
  page.network.fault = () => "request_lost";
  await page.note();
  await page.passing(1_000);
  expect(page.rounds.syncTrouble.value?.en).toBeTruthy();
  page.network.fault = () => "none";
  await page.happens("online");
  expect(page.server.operations).toHaveLength(1);
  expect(page.rounds.syncTrouble.value).toBeNull();
});

test("a phone that is looked at sends what waits, one that is put away does not", async () => {
  page.network.fault = () => "request_lost";
  await page.note();
  await page.passing(1_000);
  page.network.fault = () => "none";
  await page.happens("hidden");
  expect(page.server.operations).toHaveLength(0);
  await page.happens("seen");
  expect(page.server.operations).toHaveLength(1);
});

test("a dead line is tried less and less often, also by who goes on working", async () => {
  let tries = 0;
  page.network.fault = () => {
    tries += 1;
    return "request_lost";
  };
  await page.note();
  await page.passing(MINUTE_MS);
  expect(tries).toBeGreaterThan(3);
  await page.passing(10 * MINUTE_MS);
  tries = 0;
  for (let second = 0; second < 60; second++) {
    await page.note();
    await page.passing(1_000);
  }
  expect(tries).toBeLessThanOrEqual(2);
  page.network.fault = () => "none";
  await page.rounds.syncNow();
  expect(page.server.operations).toHaveLength(61);
});

test("on a metered line photos wait for who chose so, and records do not", async () => {
  page.meter();
  page.preferences.prefer({ photosOnMetered: false });
  await page.photograph();
  await page.passing(1_000);
  expect(page.server.operations).toHaveLength(1);
  expect(page.countFiles()).toBe(0);
  page.preferences.prefer({ photosOnMetered: true });
  await page.rounds.syncNow();
  expect(page.countFiles()).toBe(1);
});

test("who asks during a round is given another one after it", async () => {
  page.countTalks();
  await Promise.all([page.rounds.syncNow(), page.rounds.syncNow(), page.rounds.syncNow()]);
  await page.passing(0);
  expect(page.countTalks()).toBe(2);
});
