import fc from "fast-check";
import { expect, test } from "vitest";
import { check, REASON_CHARS_MAX } from "../../src/rules/reasons";
import { cases } from "./vectors";

interface Case {
  readonly text: string;
  readonly fault: string | null;
}

test.each(cases<Case>("reasons"))("a reason is judged as the vectors say: $name", (case_) => {
  expect(check(case_.text)).toBe(case_.fault);
});

test("a reason longer than its limit is refused", () => {
  expect(check("pole down ".repeat(REASON_CHARS_MAX))).toBe("too_long");
});

test("any text gets an answer", () => {
  const answers = [null, "blank", "no_words", "too_short", "too_long", "vague"];
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      expect(answers).toContain(check(text));
    }),
  );
});

test("words that say nothing stay refused in any order", () => {
  const word = fc.constantFrom("busy", "very", "工作", "忙", "我们", "太", "!", "。");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      expect(check(words.join(" "))).not.toBeNull();
    }),
  );
});

test("padding does not spoil a concrete reason", () => {
  const word = fc.constantFrom("busy", "太忙", "!", "。");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), (words) => {
      expect(check([...words, "fallen pole, 电杆倒了"].join(" "))).toBeNull();
    }),
  );
});
