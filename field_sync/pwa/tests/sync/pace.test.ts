/** Waits: longer each time, never shorter than asked, and never all phones together. */

import fc from "fast-check";
import { expect, test } from "vitest";
import * as retry from "../../src/sync/retry";

const spread = fc.double({ min: 0, max: 1, noNaN: true });
const failures = fc.integer({ min: 1, max: 50 });

test.each([
  [1, 0, null, 2],
  [1, 1, null, 1],
  [2, 0, null, 4],
  [50, 0, null, 300],
  [50, 1, null, 150],
  [1, 0, 60, 90],
  [1, 1, 60, 60],
  [1, 1, 1e9, 3_600],
] as const)("after %i failures, chance %d and asked for %s: %d s", (...given) => {
  const [failed, chance, retryAfterS, waitS] = given;
  expect(retry.delayS({ failures: failed, spread: chance, retryAfterS })).toBe(waitS);
});

test("no wait is shorter than the server asks", () => {
  fc.assert(
    fc.property(failures, spread, fc.integer({ min: 0, max: 10_000 }), (failed, chance, askedS) => {
      const waitS = retry.delayS({ failures: failed, spread: chance, retryAfterS: askedS });
      expect(waitS).toBeGreaterThanOrEqual(Math.min(askedS, retry.ASKED_LONGEST_S));
    }),
  );
});

test("phones that were told the same do not come back together", () => {
  fc.assert(
    fc.property(failures, spread, spread, (failed, one, other) => {
      fc.pre(Math.abs(one - other) > 1e-6);
      const wait = (chance: number) =>
        retry.delayS({ failures: failed, spread: chance, retryAfterS: 60 });
      fc.pre(failed < 6);
      expect(wait(one)).not.toBe(wait(other));
    }),
  );
});
