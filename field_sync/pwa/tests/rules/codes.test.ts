import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, type Match, match, names } from "../../src/rules/codes";
import { cases } from "./vectors";

interface Case {
  readonly code: string;
  readonly known: readonly string[];
  readonly match: Match;
}

test.each(cases<Case>("codes"))("a code is held as the vectors say: $name", (case_) => {
  expect(match(case_.code, case_.known)).toBe(case_.match);
});

test("only what holds the whole serial names it", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 12 }), (code, serial) => {
      if (names(code, serial)) expect(fold(code)).toContain(fold(serial));
    }),
  );
});
