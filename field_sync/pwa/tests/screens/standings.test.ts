import { expect, test } from "vitest";
import { standing } from "../../src/screens/standings";

const DUE = Date.parse("2026-11-23T08:00:00Z");
const at = (minutes: number) => new Date(DUE + minutes * 60_000).toISOString();

test.each([
  ["an hour to go", null, -60, 3, "running"],
  ["ten minutes to go", null, -10, 0, "near"],
  ["past its time, all is sent", null, 5, 0, "late"],
  ["past its time, the office has not heard all", null, 5, 2, "late_here"],
  ["kept, and heard", at(-20), 5, 0, "kept"],
  ["kept, and not heard yet", at(-20), 5, 1, "kept_here"],
  ["too late", at(3), 5, 1, "broken"],
])("a promise: %s", (_, stopped_at, nowMin, unsent, told) => {
  const clock = { kind: "promise", due_at: at(0), stopped_at };
  expect(standing(clock, DUE + nowMin * 60_000, unsent)).toBe(told);
});
