import { describe, expect, test } from "vitest";
import { phoneNumber } from "../../src/screens/reach";
import { bytes, enDistance, enShort, zhDistance, zhShort } from "../../src/words/amounts";
import { en } from "../../src/words/en";
import type { Words } from "../../src/words/words";
import { zh } from "../../src/words/zh";

/** List the texts of a table by their path; sentences with numbers by the path alone. */
function texts(table: object, path = ""): [string, string | null][] {
  return Object.entries(table).flatMap(([name, value]): [string, string | null][] => {
    const here = `${path}/${name}`;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "function") return [[here, null]];
    return texts(value as object, here);
  });
}

test("both languages say the same things, none of them empty", () => {
  const english: Words = en;
  const paths = (table: Words) => texts(table).map(([path]) => path);
  expect(paths(zh)).toEqual(paths(english));
  for (const [path, text] of [...texts(english), ...texts(zh)]) expect(text, path).not.toBe("");
});

test("no Chinese text was left in English", () => {
  const same = texts(zh).filter(
    ([path, text]) => text !== null && texts(en).some(([p, e]) => p === path && e === text),
  );
  expect(same).toEqual([]);
});

describe("amounts", () => {
  test.each([
    [0, "0 m"],
    [7.4, "7 m"],
    [123, "120 m"],
    [999, "1.0 km"],
    [1_240, "1.2 km"],
    [15_400, "15 km"],
  ])("%d m is %s", (m, said) => expect(enDistance(m)).toBe(said));

  test("a distance in Chinese has Chinese units", () => {
    expect([7.4, 890, 1_240].map(zhDistance)).toEqual(["7 米", "890 米", "1.2 公里"]);
  });

  test.each([
    [{ days: 0, hours: 3, minutes: 5 }, "3 h 05", "3 小时 05 分"],
    [{ days: 2, hours: 4, minutes: 59 }, "2 d 04", "2 天 4 小时"],
  ])("a span is written short in both languages: %o", (parts, en, zh) => {
    expect([enShort(parts), zhShort(parts)]).toEqual([en, zh]);
  });

  test.each([
    [512, "1 kB"],
    [999_999, "1000 kB"],
    [1_400_000, "1.4 MB"],
    [64_000_000_000, "64.0 GB"],
  ])("%d bytes are %s", (size, said) => expect(bytes(size)).toBe(said));
});

test("a number to call is found in what the office wrote, and none where there is none", () => {
  expect(phoneNumber("陈女士 0898-6610 2231")).toBe("089866102231");
  expect(phoneNumber("Ms Chen, +86 138 0000 1111 after six")).toBe("+8613800001111");
  expect(phoneNumber("knock at flat 1203")).toBeNull();
});
