import { expect, test } from "vitest";
import { change } from "../../src/rules/changing";
import type { MeterChanged, MeterMismatch, Stop } from "../../src/wire";
import { cases, load } from "./vectors";

interface Case {
  readonly was?: Partial<Stop>;
  readonly body: MeterChanged | MeterMismatch;
  readonly shows: Partial<Stop>;
}

const { stop, finding_id, at } = load<{
  readonly stop: Stop;
  readonly finding_id: string;
  readonly at: string;
}>("changing");

test.each(cases<Case>("changing"))("a stop shows what was found: $name", ({ was, body, shows }) => {
  const before = { ...stop, skip_code: null, ...was };
  const changed = change(before, body, { findingId: finding_id, at });
  expect(changed).toMatchObject(shows);
  const { typical_kwh, low_kwh, high_kwh, reported_value, active_history } = changed;
  expect([typical_kwh, low_kwh, high_kwh, reported_value]).toEqual([null, null, null, null]);
  expect(active_history).toBe(false);
  expect([changed.meter_id, changed.multiplier]).toEqual([stop.meter_id, stop.multiplier]);
});
