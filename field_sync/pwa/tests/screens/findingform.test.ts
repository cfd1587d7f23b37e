import { expect, test } from "vitest";
import { faultsOf, faultyParts, type Texts, whole } from "../../src/screens/findingform";

const typed = (given: Partial<Texts>): Texts => ({
  serial: "N1",
  place: "yard",
  total: "137",
  oldTotal: "",
  digits: "5",
  decimals: "0",
  note: "",
  ...given,
});

test.each([
  ["found", {}, {}],
  ["found", { serial: " " }, { serial: "missing" }],
  ["found", { place: "", total: "" }, { place: "missing" }],
  ["found", { total: "many" }, { total: "noNumber" }],
  ["changed", { place: "" }, {}],
  ["changed", { total: "" }, { total: "noNumber" }],
  ["changed", { digits: "13", decimals: "4" }, { digits: "noNumber", decimals: "noNumber" }],
  ["changed", { oldTotal: "1,2" }, { oldTotal: "noNumber" }],
  ["mismatch", { place: "", total: "", digits: "" }, {}],
] as const)("%s with %j lacks %j", (what, given, faults) => {
  expect(faultsOf(what, typed(given))).toEqual(faults);
});

test("what was typed is kept without its blanks, and what was not is null", () => {
  const said = whole(typed({ serial: " N1 ", total: "0137.5", note: " new box " }));
  expect(said).toMatchObject({ serial: "N1", total: "137.5", oldTotal: null, note: "new box" });
  expect(said).toMatchObject({ digits: 5, decimals: 0 });
});

test("a part that is no number is named, and one that was left out is not kept", () => {
  expect(faultyParts({ peak: "many", valley: " ", flat: "12" })).toEqual(["peak"]);
  const said = whole(typed({}), { peak: " 012.5 ", valley: "", flat: "many" });
  expect(said.tariffs).toEqual({ peak: "12.5" });
});
