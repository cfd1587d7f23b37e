import { expect, test } from "vitest";
import { KINDS, STATES } from "../../src/rules/transitions";
import { steps } from "../../src/screens/steps";
import { task } from "./made";

test.each([
  ["repair", "dispatched", "accept"],
  ["repair", "accepted", "set_out"],
  ["repair", "en_route", "arrive"],
  ["repair", "arrived", "start"],
  ["repair", "working", "restore"],
  ["repair", "restored", "finish"],
  ["repair", "finished", null],
  ["repair", "suspended", "resume"],
  ["repair", "cancelled", null],
  ["route", "working", "finish"],
] as const)("the big button of a %s that is %s is %s", (kind, state, main) => {
  expect(steps(task({ kind, state })).main).toBe(main);
});

test("who forgot a button finds the farther steps beside it", () => {
  expect(steps(task({ state: "dispatched" })).ahead).toEqual(["set_out", "arrive"]);
  expect(steps(task({ state: "arrived" })).ahead).toEqual(["restore"]);
});

test("giving back and waiting never stand on the big button", () => {
  for (const kind of KINDS) {
    for (const state of STATES) {
      const { main, ahead } = steps(task({ kind, state }));
      for (const event of [main, ...ahead]) expect(["return", "suspend"]).not.toContain(event);
    }
  }
});
