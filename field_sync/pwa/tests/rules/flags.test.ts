import { expect, test } from "vitest";
import { day, isSilent, prompt, RULES } from "../../src/rules/flags";

test("a prompt says its numbers in both languages", () => {
  const asked = prompt("ER10", { value: "5", previous: "7", date: "2026-04-30" });
  expect(asked.en).toBe("5 is below 7 (2026-04-30). Please look again");
  expect(asked.zh).toBe("5 低于 7（2026-04-30），请再看一次");
  expect([asked.severity, asked.cim]).toEqual(["B", "3.6.4"]);
});

test("what happened at a meter silences the rules that it explains", () => {
  expect(isSilent("ER12", new Set(["outage"]))).toBe(true);
  expect(isSilent("ER10", new Set(["outage"]))).toBe(false);
  expect(isSilent("ER21", new Set(["meter_change", "vacancy", "outage"]))).toBe(false);
});

test("every rule asks in both languages for the same numbers", () => {
  const holes = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const { askEn, askZh } of Object.values(RULES)) {
    expect(holes(askEn)).toEqual(holes(askZh));
    expect(askEn).not.toBe("");
  }
});

test("a day that never was is a dash", () => {
  expect([day(null), day("2026-04-30")]).toEqual(["-", "2026-04-30"]);
});
