import { afterEach, expect, test, vi } from "vitest";
import { fitted, SIDE_PX_MAX } from "../../src/device/camera";
import {
  askToPersist,
  isNearlyFull,
  photosIn,
  room,
  scarceBytes,
} from "../../src/device/persistence";
import { ageS, fixOf } from "../../src/device/position";

afterEach(() => vi.unstubAllGlobals());

test("a photo is shrunk to fit, upright or lying, and never blown up", () => {
  expect(fitted(4_096, 3_072)).toEqual({ width: SIDE_PX_MAX, height: 1_536 });
  expect(fitted(3_072, 4_096)).toEqual({ width: 1_536, height: SIDE_PX_MAX });
  expect(fitted(800, 600)).toEqual({ width: 800, height: 600 });
});

test("a phone is nearly full in good time, and a browser that tells nothing is not", () => {
  expect(isNearlyFull(950, 1_000)).toBe(true);
  expect(isNearlyFull(1_000_000_000, 1_040_000_000)).toBe(true);
  expect(isNearlyFull(1_000_000_000, 64_000_000_000)).toBe(false);
  expect(isNearlyFull(0, 0)).toBe(false);
});

test("a fix grows older by the clock that nobody can set, and is never of the future", () => {
  const sighting = { latDeg: 20.02, lonDeg: 110.35, accuracyM: 12, measuredMs: 10_000 };
  expect(ageS(sighting, 15_550)).toBe(5.6);
  expect(ageS(sighting, 9_000)).toBe(0);
  expect(fixOf(sighting, 12_000)).toEqual({
    lat_deg: 20.02,
    lon_deg: 110.35,
    accuracy_m: 12,
    age_s: 2,
    datum: "wgs84",
    simulated: false,
    provider: "web",
  });
});

test("room is said to be scarce in time, and not any more once there is some", async () => {
  const storage = { estimate: async () => ({ usage: 950_000_000, quota: 980_000_000 }) };
  vi.stubGlobal("navigator", { storage });
  expect(await room()).toEqual({
    usedBytes: 950_000_000,
    quotaBytes: 980_000_000,
    persisted: false,
  });
  expect(scarceBytes.value).toBe(30_000_000);
  expect(photosIn(30_000_000)).toBe(37);
  storage.estimate = async () => ({ usage: 950_000_000, quota: 64_000_000_000 });
  await room();
  expect(scarceBytes.value).toBeNull();
});

test("who may keep it for good is asked only where it is not granted yet", async () => {
  const storage = { persisted: async () => false, persist: vi.fn(async () => true) };
  vi.stubGlobal("navigator", { storage });
  expect(await askToPersist()).toBe(true);
  storage.persisted = async () => true;
  expect(await askToPersist()).toBe(true);
  expect(storage.persist).toHaveBeenCalledTimes(1);
  vi.stubGlobal("navigator", {});
  expect([await askToPersist(), await room()]).toEqual([false, null]);
});
