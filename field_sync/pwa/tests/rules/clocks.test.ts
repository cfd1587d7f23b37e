import { describe, expect, test } from "vitest";
import { mayPause, nearMs } from "../../src/rules/clocks";
import { cases } from "./vectors";

interface Case {
  readonly started_at: string;
  readonly due_at: string;
  readonly stopped_at: string | null;
  readonly stop_event: string;
  readonly expect: string | null;
}

test.each(
  cases<{ started_at: string; due_at: string; at: string; expect: boolean }>("clocks", "pauses"),
)("a clock may stand still: $name", ({ started_at, due_at, at, expect: told }) => {
  const running = { startedMs: Date.parse(started_at), dueMs: Date.parse(due_at) };
  expect(mayPause(Date.parse(at), running)).toBe(told);
});

describe("a promise near its end", () => {
  test.each(cases<Case>("clocks", "near"))("$name", (each) => {
    const found = nearMs({
      startedMs: Date.parse(each.started_at),
      dueMs: Date.parse(each.due_at),
      isStopped: each.stopped_at !== null,
      stopEvent: each.stop_event,
    });
    expect(found).toBe(each.expect === null ? null : Date.parse(each.expect));
  });
});
