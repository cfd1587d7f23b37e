import { expect, test } from "vitest";
import { say, trade } from "../../src/field/words";
import { EVENTS, STATES } from "../../src/rules/transitions";

test("a word of the trade is said in both languages", () => {
  expect([say("en", "en_route"), say("zh", "en_route")]).toEqual(["on the way", "途中"]);
});

test("a list is translated word for word, and what is unknown stays", () => {
  expect(trade("zh", "accept, return, set_out")).toBe("接单、退单、出发");
  expect(trade("en", "arrive, -, constructor")).toBe("check in, -, constructor");
});

test("every state has a word, and every step that a crew can take", () => {
  const office = ["dispatch", "reassign", "call_back", "archive", "cancel", "reopen"];
  const steps = EVENTS.filter((event) => !office.includes(event));
  for (const word of [...STATES, ...steps]) expect(trade("zh", word)).not.toBe(word);
});
