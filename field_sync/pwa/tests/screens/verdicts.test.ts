import { describe, expect, test } from "vitest";
import type { Reason, Verdict } from "../../src/rules/geofence";
import { remedies, sentence, sentenceOfStay } from "../../src/screens/verdicts";
import { en } from "../../src/words/en";
import { zh } from "../../src/words/zh";

function verdict(kind: Verdict["kind"], distanceM: number | null, reasons: Reason[]): Verdict {
  return { kind, distanceM, edgeM: distanceM, reasons, datumSuspect: false };
}

const NUMBERS = { accuracyM: 12, radiusM: 50 };

describe("a verdict is said as the office reads it", () => {
  test("with its numbers, where they say everything", () => {
    const near = verdict("inside", 20.2, ["within"]);
    expect(sentence(en, near, NUMBERS)).toBe("At the site: 20 m ± 12 m from it, 50 m allowed.");
    expect(sentence(zh, near, NUMBERS)).toBe("已在现场：距现场 20 米（± 12 米），允许 50 米。");
  });

  test("with its doubts", () => {
    const unsure = verdict("unsure", 20.2, ["accuracy_poor", "near_edge"]);
    expect(sentence(en, unsure, { accuracyM: 90, radiusM: 50 })).toBe(
      "Not sure to be at the site: 20 m ± 90 m from it, 50 m allowed; the accuracy is poor; " +
        "too near the edge to tell.",
    );
  });

  test("without a fix", () => {
    const none = verdict("unsure", null, ["no_fix"]);
    expect(sentence(en, none, { accuracyM: null, radiusM: 50 })).toBe(
      "Not sure to be at the site: the phone found no position.",
    );
  });

  test("without a site", () => {
    expect(sentence(zh, verdict("unsure", null, []), { accuracyM: 5, radiusM: null })).toBe(
      "无法确认是否在现场：工单没有现场位置。",
    );
  });
});

test("a stay is said as the office reads it", () => {
  const stay = { kind: "stayed", stayedS: 180, positions: 7, inside: 0, accuracyM: 60 } as const;
  expect(sentenceOfStay(en, stay)).toBe(
    "Stayed 180 s, never found elsewhere: 7 positions, ± 60 m in the middle, 0 of them at the " +
      "site for certain.",
  );
  expect(sentenceOfStay(zh, { ...stay, kind: "sparse", accuracyM: null })).toBe(
    "停留 180 秒，定位次数不足：定位 7 次，其中 0 次确定在现场。",
  );
});

test("whoever is surely there is told nothing to do, everybody else something", () => {
  expect(remedies("inside", ["within", "age_unknown"])).toEqual([]);
  expect(remedies("outside", ["far"])).toEqual(["go_nearer"]);
  expect(remedies("unsure", ["accuracy_poor", "near_edge"])).toEqual([
    "go_outside",
    "look_again",
    "go_nearer",
    "photograph",
  ]);
  expect(remedies("unsure", ["no_site"])).toEqual(["photograph"]);
});
