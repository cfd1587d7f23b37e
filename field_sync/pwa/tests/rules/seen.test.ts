import { expect, test } from "vitest";
import { clock } from "../../src/rules/seen";
import { standing } from "../../src/screens/standings";
import { cases } from "./vectors";

interface Case {
  readonly now: string;
  readonly started_at: string | null;
  readonly due_at: string;
  readonly stopped_at: string | null;
  readonly paused_at: string | null;
  readonly stop_event: string | null;
  readonly is_unsent: boolean;
  readonly expect: string;
}

const msOrNull = (text: string | null) => (text === null ? null : Date.parse(text));

test.each(cases<Case>("seen"))("a promise is seen as the vectors say: $name", (each) => {
  const seen = clock(Date.parse(each.now), {
    startedMs: msOrNull(each.started_at),
    dueMs: Date.parse(each.due_at),
    stoppedMs: msOrNull(each.stopped_at),
    pausedMs: msOrNull(each.paused_at),
    stopEvent: each.stop_event,
    isUnsent: each.is_unsent,
  });
  expect(seen).toBe(each.expect);
});

test.each(cases<Case>("seen"))("and so is the clock of an order: $name", (each) => {
  const { now, is_unsent, expect: told, ...rest } = each;
  const shown = { ...rest, kind: "arrive" };
  expect(standing(shown, Date.parse(now), is_unsent ? 2 : 0)).toBe(told);
});
