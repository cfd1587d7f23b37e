import { expect, test } from "vitest";
import { fault, hindrance, proves } from "../../src/rules/windows";
import type { Aim } from "../../src/wire";
import { cases } from "./vectors";

const ms = (text: string) => Date.parse(text);
const msOrNull = (text: string | null) => (text === null ? null : ms(text));

test.each(
  cases<{ given_at: string; from_at: string | null; due_at: string; fault: string | null }>(
    "windows",
    "windows",
  ),
)("a window is judged as the vectors say: $name", (case_) => {
  const window = { fromMs: msOrNull(case_.from_at), dueMs: ms(case_.due_at) };
  expect(fault(ms(case_.given_at), window)).toBe(case_.fault);
});

test.each(
  cases<{ at: string; due_at: string; ended_at: string | null; hindrance: string | null }>(
    "windows",
    "agreements",
  ),
)("an agreement is judged as the vectors say: $name", (case_) => {
  const promise = { dueMs: ms(case_.due_at), endedMs: msOrNull(case_.ended_at) };
  expect(hindrance(ms(case_.at), promise)).toBe(case_.hindrance);
});

test.each(
  cases<{
    aim: Aim;
    event: string;
    by_at: string;
    opened_at: string;
    given_at: string;
    from_at: string | null;
    proves: boolean;
  }>("windows", "proofs"),
)("what keeps a promise is what the vectors say: $name", (case_) => {
  const since = {
    byMs: ms(case_.by_at),
    openedMs: ms(case_.opened_at),
    givenMs: ms(case_.given_at),
    fromMs: msOrNull(case_.from_at),
  };
  expect(proves(case_.aim, case_.event, since)).toBe(case_.proves);
});
