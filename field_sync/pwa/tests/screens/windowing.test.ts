import fc from "fast-check";
import { expect, test } from "vitest";
import { AROUND, inSight } from "../../src/parts/windowing";

test("every row in sight is drawn, and not many more", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 20_000 }),
      fc.integer({ min: 40, max: 160 }),
      fc.nat({ max: 2_000_000 }),
      fc.integer({ min: 200, max: 1_200 }),
      (count, rowPx, scrolledPx, heightPx) => {
        const { from, to } = inSight({ count, rowPx, scrolledPx, heightPx });
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        expect(to - from).toBeLessThanOrEqual(heightPx / rowPx + 2 + 2 * AROUND);
        const first = Math.floor(scrolledPx / rowPx);
        const last = Math.floor((scrolledPx + heightPx - 1) / rowPx);
        for (let row = first; row <= Math.min(last, count - 1); row++) {
          expect(from <= row && row < to).toBe(true);
        }
      },
    ),
  );
});

test("a list that is not laid out yet draws a few rows and no more", () => {
  expect(inSight({ count: 500, rowPx: 0, scrolledPx: 0, heightPx: 0 }).to).toBeLessThan(20);
});
