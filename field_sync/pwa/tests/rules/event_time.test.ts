import { describe, expect, test } from "vitest";
import { offset } from "../../src/rules/event_time";
import { cases } from "./vectors";

interface Case {
  readonly contacts: readonly {
    readonly device_at: string;
    readonly monotonic_ms: number;
    readonly boot_id: string;
    readonly server_at: string;
    readonly round_trip_s: number;
  }[];
}

test("an offset is what the server's clock is ahead, less half the round trip", () => {
  const contact = {
    deviceAt: "2026-05-06T00:00:00.000000Z",
    monoMs: 1_000,
    boot: "A",
    serverAt: "2026-05-06T02:00:01Z",
    roundTripS: 2,
  };
  expect(offset(contact)).toEqual({ offsetS: 7_200, errorS: 1 });
});

describe("the contacts of the vectors", () => {
  test.each(cases<Case>("event_time"))("are measured: $name", ({ contacts }) => {
    for (const each of contacts) {
      const { offsetS, errorS } = offset({
        deviceAt: each.device_at,
        monoMs: each.monotonic_ms,
        boot: each.boot_id,
        serverAt: each.server_at,
        roundTripS: each.round_trip_s,
      });
      const aheadMs = Date.parse(each.server_at) - Date.parse(each.device_at);
      expect(offsetS + errorS).toBeCloseTo(aheadMs / 1_000, 6);
      expect(errorS).toBe(each.round_trip_s / 2);
    }
  });
});
