import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  compare,
  decimal,
  multiply,
  parse,
  remainder,
  shown,
  subtract,
} from "../../src/rules/decimal";

describe("a number is read", () => {
  test.each([
    ["0", "0"],
    ["007", "7"],
    ["1.50", "1.5"],
    [".5", "0.5"],
    ["12.", "12"],
    ["+3", "3"],
    ["-0.10", "-0.1"],
    ["1E+3", "1000"],
    ["12E-3", "0.012"],
    ["0E-3", "0"],
    [" 18231.500 ", "18231.5"],
  ])("%j as %s", (text, told) => {
    expect(shown(decimal(text))).toBe(told);
  });

  test.each([
    "",
    ".",
    "-",
    "NaN",
    "Infinity",
    "1,5",
    "1 5",
    "0x10",
    "1e",
    "1E+99999",
    "9".repeat(2_000),
  ])("but not %j", (text) => {
    expect(parse(text)).toBeNull();
    expect(() => decimal(text)).toThrow(RangeError);
  });
});

test("sums, products and remainders are exact", () => {
  expect(shown(add(decimal("0.1"), decimal("0.2")))).toBe("0.3");
  expect(shown(subtract(decimal("1"), decimal("0.999")))).toBe("0.001");
  expect(shown(multiply(decimal("999999999999.999"), decimal("60")))).toBe("59999999999999.94");
  expect(shown(remainder(decimal("-7.5"), decimal("2")))).toBe("-1.5");
});

test("what was taken away and given back is the same", () => {
  const number = fc.record({ units: fc.bigInt(), places: fc.integer({ min: 0, max: 6 }) });
  fc.assert(
    fc.property(number, number, (one, other) => {
      expect(compare(add(subtract(one, other), other), one)).toBe(0);
      expect(compare(decimal(shown(one)), one)).toBe(0);
      expect(Math.sign(compare(one, other))).toBe(-compare(other, one) + 0);
    }),
  );
});
