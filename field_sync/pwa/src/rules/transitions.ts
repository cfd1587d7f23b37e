/**
 * The life of an order: one table of legal moves, shared by repairs and reading routes.
 *
 * A repair passes through `restored` and `called_back`; a reading route skips both.
 * `restored` says that supply is on, also where it was never lost.
 */

export const KINDS = ["repair", "route"] as const;
/** What kind of work an order is. */
export type Kind = (typeof KINDS)[number];

export const STATES = [
  "reported",
  "dispatched",
  "accepted",
  "en_route",
  "arrived",
  "working",
  "restored",
  "finished",
  "called_back",
  "archived",
  "returned",
  "suspended",
  "cancelled",
] as const;
/** Where an order stands. */
export type State = (typeof STATES)[number];

export const EVENTS = [
  "dispatch",
  "reassign",
  "accept",
  "return",
  "set_out",
  "arrive",
  "start",
  "restore",
  "finish",
  "call_back",
  "archive",
  "cancel",
  "suspend",
  "resume",
  "reopen",
] as const;
/** What somebody does to an order. */
export type Event = (typeof EVENTS)[number];

/** What an event does to an order: `overtaken` keeps the fact and moves nothing. */
export type Step = "moves" | "overtaken" | "illegal";

/** The answer to an event; `to` is the present state unless the step is `moves`. */
export interface Move {
  readonly step: Step;
  readonly to: State;
}

/** The straight road; later implies earlier. */
export const LINE: readonly State[] = [
  "reported",
  "dispatched",
  "accepted",
  "en_route",
  "arrived",
  "working",
  "restored",
  "finished",
  "called_back",
  "archived",
];

/** Nothing moves an order from here. */
export const SETTLED: ReadonlySet<State> = new Set<State>(["archived", "cancelled"]);

/** A crew holds the order: it is on the phone's worklist and counts as load. */
export const WITH_CREW: ReadonlySet<State> = new Set<State>([
  "dispatched",
  "accepted",
  "en_route",
  "arrived",
  "working",
  "restored",
  "suspended",
]);

/** Events that tell what happened in the world: kept even when the office has moved on. */
export const FACTS: ReadonlySet<Event> = new Set<Event>(["set_out", "arrive", "start", "restore"]);

const BOTH: readonly Kind[] = ["repair", "route"];
const REPAIR: readonly Kind[] = ["repair"];
const ROUTE: readonly Kind[] = ["route"];
/** Events by which a crew shows that it has taken note of an order. */
const ACCEPTED_BY: ReadonlySet<string> = new Set<string>([
  ...FACTS,
  "accept",
  "finish",
  "return",
  "suspend",
] satisfies Event[]);

const HELD: readonly State[] = ["accepted", "en_route", "arrived", "working"];

type Row = readonly [readonly Kind[], Event, readonly State[], State];

// A crew may skip a button, never a proof: who sets out has accepted, who arrives has set out;
// but work on a repair starts only after an arrival, because arrival stops a clock.
const TABLE: readonly Row[] = [
  [BOTH, "dispatch", ["reported", "returned"], "dispatched"],
  [BOTH, "reassign", ["dispatched", ...HELD, "returned", "suspended"], "dispatched"],
  [BOTH, "accept", ["dispatched"], "accepted"],
  [BOTH, "return", ["dispatched", ...HELD], "returned"],
  [BOTH, "set_out", ["dispatched", "accepted"], "en_route"],
  [BOTH, "arrive", ["dispatched", "accepted", "en_route"], "arrived"],
  [REPAIR, "start", ["arrived"], "working"],
  [ROUTE, "start", ["dispatched", "accepted", "en_route", "arrived"], "working"],
  [REPAIR, "restore", ["arrived", "working"], "restored"],
  [REPAIR, "finish", ["restored"], "finished"],
  [ROUTE, "finish", ["working"], "finished"],
  [REPAIR, "call_back", ["finished"], "called_back"],
  [REPAIR, "archive", ["called_back"], "archived"],
  [ROUTE, "archive", ["finished"], "archived"],
  [BOTH, "cancel", ["reported", "dispatched", ...HELD, "returned", "suspended"], "cancelled"],
  [BOTH, "suspend", HELD, "suspended"],
  [BOTH, "resume", ["suspended"], "accepted"],
  [REPAIR, "reopen", ["finished", "called_back"], "reported"],
  [ROUTE, "reopen", ["finished"], "reported"],
];

const TARGET: Partial<Readonly<Record<Event, State>>> = {
  dispatch: "dispatched",
  accept: "accepted",
  set_out: "en_route",
  arrive: "arrived",
  start: "working",
  restore: "restored",
  finish: "finished",
  call_back: "called_back",
  archive: "archived",
  cancel: "cancelled",
  suspend: "suspended",
  return: "returned",
};
const FIELD: ReadonlySet<Event> = new Set<Event>([...FACTS, "accept", "finish", "return"]);
const RANK: ReadonlyMap<State, number> = new Map(LINE.map((state, rank) => [state, rank]));
const FINISHED_RANK = LINE.indexOf("finished");

/** Every legal move, as `kind state event` to the next state. */
const MOVES: ReadonlyMap<string, State> = new Map(
  TABLE.flatMap(([kinds, event, states, to]) =>
    kinds.flatMap((kind) => states.map((state) => [key(kind, state, event), to] as const)),
  ),
);

/** Say what `event` does to an order of `kind` in `state`. */
export function move(kind: Kind, state: State, event: Event): Move {
  const to = MOVES.get(key(kind, state, event));
  if (to !== undefined) return { step: "moves", to };
  return { step: overtaken(kind, state, event) ? "overtaken" : "illegal", to: state };
}

/**
 * Tell whether `event` comes too late to move anything, yet is no mistake of its sender.
 *
 * So it is when the present state already implies it (arrived, heard of after finished), or when
 * the office took the order away while the phone could not hear of it: any act of the field on a
 * cancelled order, a fact on a returned or suspended one, a return of finished work.
 */
export function overtaken(kind: Kind, state: State, event: Event): boolean {
  if (!exists(kind, event) || MOVES.has(key(kind, state, event))) return false;
  const target = TARGET[event];
  if (target === undefined) return false;
  if (state === target) return true;
  if (state === "cancelled") return FIELD.has(event);
  const rank = RANK.get(state);
  if (rank === undefined) return FACTS.has(event);
  const endRank = event === "return" ? FINISHED_RANK : RANK.get(target);
  return endRank !== undefined && rank >= endRank;
}

/**
 * Tell whether an event is, or shows that there has been, an earlier one.
 *
 * A crew may skip a button, never a proof: whoever set out, or gave the work back, had taken note
 * of it; nothing else shows an arrival or a restoration.
 */
export function implies(event: string, earlier: string): boolean {
  return event === earlier || (earlier === "accept" && ACCEPTED_BY.has(event));
}

/** List the events that would move an order, in the order of `EVENTS`. */
export function eventsFrom(kind: Kind, state: State): Event[] {
  return EVENTS.filter((event) => MOVES.has(key(kind, state, event)));
}

/** Tell whether nothing can move the order any more. */
export function isSettled(state: State): boolean {
  return SETTLED.has(state);
}

/** Tell whether the event has any meaning for the kind. */
function exists(kind: Kind, event: Event): boolean {
  return TABLE.some(([kinds, known]) => known === event && kinds.includes(kind));
}

function key(kind: Kind, state: State, event: Event): string {
  return `${kind} ${state} ${event}`;
}
