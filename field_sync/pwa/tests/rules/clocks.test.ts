import { describe, expect, test } from "vitest";
import { nearMs } from "../../src/rules/clocks";
import { cases } from "./vectors";

interface Case {
  readonly started_at: string;
  readonly due_at: string;
  readonly stopped_at: string | null;
  readonly stop_event: string;
  readonly expect: string | null;
}

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
