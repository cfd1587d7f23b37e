import fc from "fast-check";
import { expect, test } from "vitest";
import { type Key, press, value } from "../../src/screens/dial";

const keys: Key[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "back"];

test("whatever is pressed, the display shows what the meter can show", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...keys)),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 3 }),
      (pressed, digits, decimals) => {
        const text = pressed.reduce((shown, key) => press(shown, key, { digits, decimals }), "");
        const kept = value(text);
        if (kept === null) return;
        const [whole = "", part = ""] = kept.split(".");
        expect(whole.length).toBeLessThanOrEqual(digits);
        expect(part.length).toBeLessThanOrEqual(decimals);
        expect(Number.isFinite(Number(kept))).toBe(true);
      },
    ),
  );
});

test("leading zeros of a display are typed, and are no part of the number", () => {
  expect(value("00420")).toBe("420");
  expect(value("0000")).toBe("0");
  expect(value("07.50")).toBe("7.50");
});

test("a point without digits is not kept, and a display without decimals has no point", () => {
  expect(value("12.")).toBe("12");
  expect(value("")).toBeNull();
  expect(press("", ".", { digits: 5, decimals: 2 })).toBe("0.");
  expect(press("12", ".", { digits: 5, decimals: 0 })).toBe("12");
});

test("the eraser takes one back, and clear takes all", () => {
  expect(press("12.5", "back", { digits: 5, decimals: 1 })).toBe("12.");
  expect(press("12.5", "clear", { digits: 5, decimals: 1 })).toBe("");
});
