import { expect, test } from "vitest";
import { ofReading, ofSkip } from "../../src/rules/photo_wanted";
import type { SkipCode } from "../../src/wire";
import { cases } from "./vectors";

type Case = { readonly missing: boolean; readonly photos: number } & (
  | { readonly act: "skip"; readonly code: SkipCode; readonly on_skip: readonly SkipCode[] }
  | { readonly act: "reading"; readonly confirmed: readonly string[]; readonly on_confirm: boolean }
);

test.each(cases<Case>("photo_wanted"))("a photo is missing where policy says: $name", (case_) => {
  const { photos } = case_;
  const missing =
    case_.act === "skip"
      ? ofSkip(case_.code, { photos, onSkip: case_.on_skip })
      : ofReading(case_.confirmed, { photos, onConfirm: case_.on_confirm });
  expect(missing).toBe(case_.missing);
});
