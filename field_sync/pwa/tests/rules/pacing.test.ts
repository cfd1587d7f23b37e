import fc from "fast-check";
import { expect, test } from "vitest";
import {
  batchAfterSilence,
  batchAfterTooLarge,
  EXCHANGE_S,
  nextBatch,
  nextInS,
  place,
  WAKE_WINDOW_S,
  wakeDelayS,
} from "../../src/rules/pacing";
import { cases, load } from "./vectors";

interface Place {
  readonly device_id: string;
  readonly place: number;
  readonly wake_delay_s: number;
  readonly next_in_s_idle: number;
  readonly next_in_s_half: number;
  readonly next_in_s_full: number;
}

interface Batch {
  readonly sent: number;
  readonly took_s: number;
  readonly batch: number;
  readonly batch_max: number;
  readonly expect: number;
}

const TOLERANCE_S = load<{ readonly tolerance_s: number }>("pacing").tolerance_s;

test.each(cases<Place>("pacing", "places"))("a device has its place: $name", (case_) => {
  const { device_id: id } = case_;
  expect(Math.abs(place(id) - case_.place)).toBeLessThanOrEqual(1e-12);
  const told = [wakeDelayS(id), ...[0, 0.5, 1].map((load) => nextInS(id, { load }))];
  const wanted = [
    case_.wake_delay_s,
    case_.next_in_s_idle,
    case_.next_in_s_half,
    case_.next_in_s_full,
  ];
  for (const [at, seconds] of told.entries()) {
    expect(Math.abs(seconds - (wanted[at] ?? Number.NaN))).toBeLessThanOrEqual(TOLERANCE_S);
  }
});

test.each(cases<Batch>("pacing", "batches"))("a batch grows and shrinks: $name", (case_) => {
  const { sent, took_s: tookS, batch, batch_max: batchMax } = case_;
  expect(nextBatch({ sent, tookS, batch, batchMax })).toBe(case_.expect);
});

test("phones that wake together are never a crowd", () => {
  const perSecond = new Map<number, number>();
  for (let phone = 0; phone < 5_000; phone += 1) {
    const second = Math.floor(wakeDelayS(`01935a2e-7c00-7000-8000-${phone}`));
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(25);
  expect(Math.max(...perSecond.keys())).toBeLessThan(WAKE_WINDOW_S);
});

test("a busier server is asked less often", () => {
  const load = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.string(), load, load, (id, one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(nextInS(id, { load: low })).toBeLessThanOrEqual(nextInS(id, { load: high }));
      expect(0 <= place(id) && place(id) < 1).toBe(true);
    }),
  );
});

test("a batch never leaves its limits", () => {
  const count = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(count, fc.double({ min: 0, max: 600, noNaN: true }), count, (any, tookS, batch) => {
      const sent = Math.min(any, batch);
      const wanted = nextBatch({ sent, tookS, batch, batchMax: 1_000 });
      expect(1 <= wanted && wanted <= 1_000).toBe(true);
      expect(wanted <= batch || tookS < EXCHANGE_S).toBe(true);
      const silent = batchAfterSilence({ sent, tookS, batch });
      expect(1 <= silent && silent <= batch).toBe(true);
      const large = batchAfterTooLarge({ sent });
      expect(1 <= large && large <= Math.max(sent - 1, 1)).toBe(true);
    }),
  );
});

test("a push that failed at once says nothing of its size", () => {
  expect(batchAfterSilence({ sent: 800, tookS: 0.2, batch: 1_000 })).toBe(1_000);
  expect(batchAfterSilence({ sent: 800, tookS: 30, batch: 1_000 })).toBe(400);
});
