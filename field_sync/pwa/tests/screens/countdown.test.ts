import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { left, NEAR_S, nextChangeMs } from "../../src/parts/countdown";

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

describe("the digits", () => {
  test.each([
    [45 * MIN + 12 * S, "45:12", "far"],
    [15 * MIN, "15:00", "near"],
    [9 * S, "0:09", "near"],
    [0, "0:00", "near"],
    [999, "0:00", "near"],
    [-1, "0:01", "late"],
    [-12 * MIN - 3 * S, "12:03", "late"],
    [HOUR - S, "59:59", "far"],
    [HOUR, null, "far"],
    [-2 * HOUR, null, "late"],
  ])("of %d ms are %s, %s", (ms, digits, nearness) => {
    expect(left(ms, 0)).toMatchObject({ digits, nearness });
  });
});

test("the parts for words add up to the time that is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: -30 * DAY, max: 30 * DAY }), (ms) => {
      const { days, hours, minutes } = left(ms, 0);
      const told = days * DAY + hours * HOUR + minutes * MIN;
      const rest = Math.abs(ms) - told;
      expect(rest).toBeGreaterThan(-S);
      expect(rest).toBeLessThan(MIN + S);
    }),
  );
});

test("a promise is near exactly from its last quarter of an hour on", () => {
  expect(left(NEAR_S * S + S, 0).nearness).toBe("far");
  expect(left(NEAR_S * S + S - 1, 0).nearness).toBe("near");
});

test("the digits do not change before the next look, by more than what is shown", () => {
  fc.assert(
    fc.property(fc.integer({ min: -50 * MIN, max: 50 * MIN }), (ms) => {
      const now = left(ms, 0).digits;
      const next = nextChangeMs(ms, 0);
      expect(next).toBeGreaterThan(0);
      expect(left(ms, next - 1).digits).toBe(now);
      expect(left(ms, next + 1).digits).not.toBe(now);
    }),
  );
});
