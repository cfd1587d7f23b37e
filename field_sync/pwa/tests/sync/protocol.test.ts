/** The conversation does what the Python one does, from every state and on walks of chance. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Action, type Event, PHASES, type State } from "../../src/sync/conversation";
import * as protocol from "../../src/sync/protocol";

type Step = readonly [event: number, after: number, actions: number];
type Row = readonly [before: number, ...steps: Step[]];
type Json = Readonly<Record<string, unknown>>;

interface Traces {
  readonly states: readonly Json[];
  readonly events: readonly Json[];
  readonly actions: readonly (readonly Action[])[];
  readonly begun: readonly (readonly [boolean, boolean, boolean, number])[];
  readonly steps: readonly Row[];
  readonly walks: readonly Row[];
}

const INSTANTS = new Set(["now", "waitUntil"]);
const PATH = new URL("../../../../schemas/vectors/protocol.json", import.meta.url);
const TRACES = JSON.parse(readFileSync(PATH, "utf-8")) as Traces;
const STATES = TRACES.states.map((told) => stateOf(told));
const EVENTS = TRACES.events.map((told) => named(told) as unknown as Event);

test("it begins as the other one does", () => {
  for (const [unsure, signedOut, wiped, state] of TRACES.begun) {
    expect(protocol.begin({ unsure, signedOut, wiped })).toEqual(STATES[state]);
  }
});

test("every phase goes with every event where it is written", () => {
  const met = new Set<string>();
  for (const [before, ...steps] of TRACES.steps) {
    for (const step of steps) {
      goes(at(STATES, before), step);
      met.add(`${at(STATES, before).phase} ${at(EVENTS, step[0]).kind}`);
    }
  }
  expect(met.size).toBe(PHASES.length * protocol.EVENTS.length);
});

describe("walks of chance", () => {
  test("go the same way", () => {
    expect(TRACES.walks.length).toBeGreaterThanOrEqual(200);
    for (const [before, ...steps] of TRACES.walks) {
      let state = at(STATES, before);
      for (const step of steps) state = goes(state, step);
    }
  });
});

test("what is under way is awaited, and what rests is not", () => {
  const resting = PHASES.filter((phase) => !protocol.awaits({ ...protocol.begin(), phase }));
  expect(resting).toEqual(["idle", "backing_off", "signed_out", "wiped"]);
});

function goes(state: State, [event, after, actions]: Step): State {
  const [found, done] = protocol.step(state, at(EVENTS, event));
  expect([at(EVENTS, event), found, done]).toEqual([
    at(EVENTS, event),
    at(STATES, after),
    at(TRACES.actions, actions),
  ]);
  return found;
}

function stateOf(told: Json): State {
  return { ...protocol.begin(), ...(named(told) as Partial<State>) };
}

/** Name fields as they are named here, and read instants. */
function named(told: Json): Json {
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => {
      const camel = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [camel, INSTANTS.has(camel) && value !== null ? new Date(String(value)) : value];
    }),
  );
}

function at<T>(list: readonly T[], place: number): T {
  const found = list[place];
  if (found === undefined) throw new Error(`nothing at ${place}`);
  return found;
}
