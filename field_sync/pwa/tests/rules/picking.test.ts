import { expect, test } from "vitest";
import { fault, type Reason } from "../../src/rules/picking";
import type { ReasonFor } from "../../src/wire";
import { cases, load } from "./vectors";

interface Case {
  readonly own_words: ReasonFor[];
  readonly code: string | null;
  readonly given_for: ReasonFor;
  readonly has_until: boolean;
  readonly fault: string | null;
}

const { reasons } = load<{ reasons: Reason[] }>("picking");

test.each(cases<Case>("picking"))("what was picked is judged: $name", (each) => {
  const picked = { code: each.code, givenFor: each.given_for, hasUntil: each.has_until };
  expect(fault(reasons, each.own_words, picked)).toBe(each.fault);
});
