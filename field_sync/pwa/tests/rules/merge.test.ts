import fc from "fast-check";
import { expect, test } from "vitest";
import { SEPARATOR, value, words } from "../../src/rules/merge";
import { cases, load } from "./vectors";

interface Case {
  readonly saw: string;
  readonly wanted: string;
  readonly now: string;
  readonly way: string;
  readonly value: string;
  readonly one_way: string;
  readonly one_value: string;
}

const CHARS_MAX = load<{ readonly chars_max: number }>("merge").chars_max;
const WORD = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 6 });
const TEXT = fc.array(WORD, { maxLength: 3 }).map((each) => each.join(SEPARATOR));

test.each(cases<Case>("merge"))("a field is merged as the story says: $name", (case_) => {
  const sides = { saw: case_.saw, wanted: case_.wanted, now: case_.now };
  expect(words({ ...sides, charsMax: CHARS_MAX })).toEqual({ way: case_.way, value: case_.value });
  expect(value(sides)).toEqual({ way: case_.one_way, value: case_.one_value });
});

test("what nobody else changed is set", () => {
  fc.assert(
    fc.property(TEXT, TEXT, (saw, wanted) => {
      expect(words({ saw, wanted, now: saw, charsMax: 100 }).value).toBe(wanted);
      expect(value({ saw, wanted, now: saw }).value).toBe(wanted);
    }),
  );
});

test("the office's words are never lost", () => {
  fc.assert(
    fc.property(TEXT, TEXT, TEXT, (saw, wanted, now) => {
      const merged = words({ saw, wanted, now, charsMax: 100 });
      const left = new Set(merged.value.split(SEPARATOR));
      const must = now.split(SEPARATOR).filter((part) => part !== saw && part !== "");
      if (now !== saw) expect(must.every((part) => left.has(part))).toBe(true);
      if (merged.way === "both") expect(merged.value).toContain(wanted);
    }),
  );
});

test("a merge keeps to what the field can carry", () => {
  fc.assert(
    fc.property(TEXT, TEXT, TEXT, fc.nat(30), (saw, wanted, now, charsMax) => {
      const merged = words({ saw, wanted, now, charsMax });
      const most = Math.max(charsMax, wanted.length, now.length);
      expect(merged.value.length).toBeLessThanOrEqual(most);
    }),
  );
});

test("the same correction twice is one", () => {
  fc.assert(
    fc.property(WORD, WORD, TEXT, (saw, wanted, now) => {
      const once = words({ saw, wanted, now, charsMax: 100 });
      const again = words({ saw, wanted, now: once.value, charsMax: 100 });
      if (once.way === "same" || once.way === "set") expect(again.value).toBe(once.value);
    }),
  );
});
