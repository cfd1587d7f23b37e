import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EVENTS,
  type Event,
  eventsFrom,
  implies,
  isSettled,
  KINDS,
  type Kind,
  move,
  overtaken,
  SETTLED,
  STATES,
  type State,
} from "../../src/rules/transitions";
import { cases } from "./vectors";

interface Story {
  readonly kind: Kind;
  readonly state: State;
  readonly events: readonly Event[];
  readonly states: readonly State[];
}

interface Row {
  readonly kind: Kind;
  readonly state: State;
  readonly moves: Readonly<Record<string, State>>;
  readonly overtaken: readonly Event[];
}

const TABLE = cases<Row>("transitions", "table");
const KIND = fc.constantFrom(...KINDS);
const STATE = fc.constantFrom(...STATES);
const EVENT = fc.constantFrom(...EVENTS);

describe("the vectors", () => {
  test.each(cases<{ event: string; earlier: string; implies: boolean }>("transitions", "proofs"))(
    "shown: $name",
    (each) => {
      expect(implies(each.event, each.earlier)).toBe(each.implies);
    },
  );

  test.each(cases<Story>("transitions", "stories"))("walk: $name", (story) => {
    let state = story.state;
    const walked = story.events.map((event) => {
      const moved = move(story.kind, state, event);
      expect(moved.step).toBe("moves");
      state = moved.to;
      return state;
    });
    expect(walked).toEqual(story.states);
  });

  test.each(TABLE)("answer each event: $name", (row) => {
    const answers = EVENTS.map((event) => ({ event, ...move(row.kind, row.state, event) }));
    const moves = answers.filter(({ step }) => step === "moves");
    const late = answers.filter(({ step }) => step === "overtaken");
    expect(Object.fromEntries(moves.map(({ event, to }) => [event, to]))).toEqual(row.moves);
    expect(late.map(({ event }) => event)).toEqual(row.overtaken);
    for (const { step, to } of answers) if (step !== "moves") expect(to).toBe(row.state);
  });

  test("cover every kind and state", () => {
    const named = TABLE.map(({ kind, state }) => `${kind} ${state}`).sort();
    const all = KINDS.flatMap((kind) => STATES.map((state) => `${kind} ${state}`)).sort();
    expect(named).toEqual(all);
  });
});

test("what moves is never overtaken", () => {
  fc.assert(
    fc.property(KIND, STATE, EVENT, (kind, state, event) => {
      const moves = move(kind, state, event).step === "moves";
      expect(moves && overtaken(kind, state, event)).toBe(false);
      expect(eventsFrom(kind, state).includes(event)).toBe(moves);
    }),
  );
});

test("nothing moves a settled order", () => {
  fc.assert(
    fc.property(KIND, STATE, EVENT, (kind, state, event) => {
      expect(isSettled(state) && move(kind, state, event).step === "moves").toBe(false);
    }),
  );
});

test("no walk archives a repair that was not called back", () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 40 }), (events) => {
      const seen: State[] = ["reported"];
      for (const event of events) seen.push(move("repair", seen.at(-1) ?? "reported", event).to);
      if (seen.includes("archived")) expect(seen).toContain("called_back");
    }),
  );
});

test("every open state that a kind reaches can still settle", () => {
  for (const kind of KINDS) {
    for (const state of reachable(kind, "reported")) {
      expect([...reachable(kind, state)].some((end) => SETTLED.has(end))).toBe(true);
    }
  }
});

function reachable(kind: Kind, start: State): Set<State> {
  const seen = new Set([start]);
  for (const state of seen) {
    for (const event of eventsFrom(kind, state)) seen.add(move(kind, state, event).to);
  }
  return seen;
}
