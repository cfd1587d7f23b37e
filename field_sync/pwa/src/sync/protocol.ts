/**
 * The sync conversation as a state machine: (state, event) -> (state, actions).
 *
 * It does no I/O and reads no clock: events carry the time, and whoever runs the actions answers
 * each with one event. `TABLE` is total: every phase knows every event.
 *
 *     idle - asked/due -> asking (only after a lost answer) -> pushing -> pulling -> uploading -> idle
 *     the server's chain is not ours -> asking -> rebasing -> pushing, a few times in a round
 *     a lost answer        -> backing_off, and the next round asks how far the server got
 *     an expired token     -> refreshing -> the round again; refused twice -> signed_out
 *     a revoked device     -> wiped, says its last words, and is wiped for ever
 */

import {
  type Acknowledged,
  type Action,
  type Answered,
  type Asked,
  type Due,
  type Event,
  type FileSettled,
  type LastWordsHeard,
  type Lost,
  PHASES,
  type Phase,
  type Rebased,
  type Renewed,
  type RequestRefused,
  type Revoked,
  type SignedIn,
  type State,
  type Work,
} from "./conversation";
import * as retry from "./retry";

/** A request that the server refuses as such is not repeated sooner by itself. */
export const REFUSED_WAIT_S = 300;
/**
 * How often one round joins its chain to the server's: two copies of a handheld that sync at the
 * same time would otherwise overtake each other without end.
 */
export const JOINS_MAX = 3;
const MS_PER_S = 1000;

export type Step = readonly [state: State, actions: readonly Action[]];
type Kind = Event["kind"];
type Handler<K extends Kind> = (state: State, event: Extract<Event, { kind: K }>) => Step;
type Handlers = { readonly [K in Kind]: Handler<K> };

const NEW: State = {
  phase: "idle",
  unsure: false,
  renewed: false,
  joins: 0,
  failures: 0,
  waitUntil: null,
};

/**
 * Take the conversation up from what the store remembers: whether an operation was put on the wire
 * that is not known to be settled, somebody must sign in again, the office has revoked the device.
 */
export function begin(
  remembered: { unsure?: boolean; signedOut?: boolean; wiped?: boolean } = {},
): State {
  const { unsure = false, signedOut = false, wiped = false } = remembered;
  if (wiped) return { ...NEW, phase: "wiped" };
  return { ...NEW, phase: signedOut ? "signed_out" : "idle", unsure };
}

/** Go one step: a pure function, and a total one. */
export function step(state: State, event: Event): Step {
  const handle = TABLE[state.phase][event.kind] as (state: State, event: Event) => Step;
  return handle(state, event);
}

/** Tell whether an action is under way that an event must answer. */
export function awaits(state: State): boolean {
  return ACTIVE.has(state.phase);
}

/** Take no notice: the event is late, or it means nothing here. */
function stay(state: State): Step {
  return [state, []];
}

/** Open a round where it must be opened. */
function start(state: State, work: Work): Step {
  if (state.unsure) return [{ ...state, phase: "asking", waitUntil: null }, [{ kind: "ask" }]];
  return exchange(state, work);
}

/** Push what there is; without operations the same exchange is a pull. */
function exchange(state: State, work: Work): Step {
  if (work.operations > 0) {
    // From here until its answer nobody can say whether the server has it.
    const pushing: State = { ...state, phase: "pushing", unsure: true, waitUntil: null };
    return [pushing, [{ kind: "push" }]];
  }
  return [{ ...state, phase: "pulling", waitUntil: null }, [{ kind: "pull" }]];
}

function onAsked(state: State, event: Asked): Step {
  return start(state, event.work);
}

function onDue(state: State, event: Due): Step {
  return isEarly(state, event.now) ? stay(state) : start(state, event.work);
}

function onAnswered(state: State, event: Answered): Step {
  const told: State = { ...NEW, phase: state.phase, joins: state.joins };
  const { work, more } = event;
  if (event.diverged) return onDiverged(state, event);
  // What was done during a pull was not in it: only a push leaves behind what was turned away.
  const turnedAway = work.operations > 0 && state.phase === "pushing";
  if ((turnedAway || more) && !event.moved) return onRequestRefused(state, event);
  if (work.operations > 0) return exchange(told, work);
  if (more) return [{ ...told, phase: "pulling" }, [{ kind: "pull" }]];
  if (work.files > 0) return [{ ...told, phase: "uploading" }, [{ kind: "send_file" }]];
  return [{ ...NEW, waitUntil: later(event.now, event.nextInS) }, []];
}

/** Join the chains, unless this round has tried that often enough. */
function onDiverged(state: State, event: Answered): Step {
  if (state.joins === JOINS_MAX) return onRequestRefused(state, event);
  const asking: State = { ...NEW, phase: "asking", unsure: true, joins: state.joins + 1 };
  return [asking, [{ kind: "ask" }]];
}

function onAcknowledged(state: State, event: Acknowledged): Step {
  const told: State = { ...NEW, joins: state.joins };
  if (event.fork === null) return exchange(told, event.work);
  return [{ ...told, phase: "rebasing" }, [{ kind: "rebase", fork: event.fork }]];
}

function onRebased(state: State, event: Rebased): Step {
  return exchange({ ...NEW, joins: state.joins }, event.work);
}

function onFileSettled(state: State, event: FileSettled): Step {
  const told: State = { ...NEW, phase: "uploading", joins: state.joins };
  if (event.work.files > 0) return [told, [{ kind: "send_file" }]];
  // The orders whose files have arrived look different now.
  return exchange(told, event.work);
}

function onRenewed(state: State, event: Renewed): Step {
  return start({ ...state, renewed: true }, event.work);
}

/** Ask with the last token before anybody signs in: only so a lost handheld hears of it. */
function onSignedOutAsked(state: State): Step {
  return [{ ...NEW, phase: "refreshing", unsure: state.unsure }, [{ kind: "renew" }]];
}

function onSignedIn(state: State, event: SignedIn): Step {
  return start({ ...NEW, unsure: state.unsure }, event.work);
}

function onLost(state: State, event: Lost): Step {
  const failures = state.failures + 1;
  const waitS = retry.delayS({ failures, spread: event.spread, retryAfterS: event.retryAfterS });
  const waitUntil = later(event.now, waitS);
  return [{ ...NEW, phase: "backing_off", unsure: state.unsure, failures, waitUntil }, []];
}

function onTokenRefused(state: State): Step {
  if (state.renewed || state.phase === "refreshing") {
    return [{ ...NEW, phase: "signed_out", unsure: state.unsure }, [{ kind: "sign_out" }]];
  }
  return [{ ...state, phase: "refreshing" }, [{ kind: "renew" }]];
}

function onCursorRefused(state: State): Step {
  const asking: State = { ...state, phase: "asking", unsure: true };
  return [asking, [{ kind: "forget_cursor" }, { kind: "ask" }]];
}

function onRequestRefused(state: State, event: RequestRefused | Answered): Step {
  const waiting: State = {
    ...NEW,
    phase: "backing_off",
    unsure: state.unsure,
    failures: state.failures + 1,
    waitUntil: later(event.now, REFUSED_WAIT_S),
  };
  return [waiting, []];
}

function onRevoked(_: State, event: Revoked): Step {
  return [
    { ...NEW, phase: "last_words" },
    [{ kind: "wipe", notice: event.notice }, { kind: "say_last" }],
  ];
}

/** Say what was not sent; when nothing is left there is nothing more to say, ever. */
function onWipedAsked(state: State, event: Asked | Due): Step {
  const early = event.kind === "due" && isEarly(state, event.now);
  if (early || (event.work.operations === 0 && event.work.files === 0)) return stay(state);
  return [{ ...state, phase: "last_words", waitUntil: null }, [{ kind: "say_last" }]];
}

function onLastWordsHeard(_: State, event: LastWordsHeard): Step {
  const told: State = { ...NEW, phase: "last_words" };
  if (event.work.operations > 0) return [told, [{ kind: "say_last" }]];
  if (event.work.files > 0) return [told, [{ kind: "send_file" }]];
  return [{ ...NEW, phase: "wiped" }, []];
}

function onLastFileSettled(state: State, event: FileSettled): Step {
  const work = { operations: 0, files: event.work.files };
  return onLastWordsHeard(state, { kind: "last_words_heard", work });
}

/** Wait as after any lost answer, and say it again: what was heard before counts once. */
function onLastWordsLost(state: State, event: Lost): Step {
  const [waiting] = onLost(state, event);
  return [{ ...waiting, phase: "wiped" }, []];
}

/** Wait for the next time that somebody asks; the grant of the uploads may be over. */
function onLastWordsRefused(state: State): Step {
  return [{ ...NEW, phase: "wiped", failures: state.failures + 1 }, []];
}

function isEarly(state: State, now: Date): boolean {
  return state.waitUntil !== null && now < state.waitUntil;
}

function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * MS_PER_S);
}

const NOTHING: Handlers = {
  asked: stay,
  due: stay,
  answered: stay,
  acknowledged: stay,
  rebased: stay,
  file_settled: stay,
  renewed: stay,
  signed_in: stay,
  lost: stay,
  token_refused: stay,
  cursor_refused: stay,
  request_refused: stay,
  revoked: stay,
  last_words_heard: stay,
};
export const EVENTS = Object.keys(NOTHING) as readonly Kind[];
const ALWAYS: Handlers = { ...NOTHING, revoked: onRevoked };
const RESTING: Handlers = { ...ALWAYS, asked: onAsked, due: onDue };
const FAILING: Handlers = {
  ...ALWAYS,
  lost: onLost,
  token_refused: onTokenRefused,
  request_refused: onRequestRefused,
};
const EXCHANGING: Handlers = {
  ...FAILING,
  answered: onAnswered,
  cursor_refused: onCursorRefused,
};

/** What each phase does on each event. */
export const TABLE: Readonly<Record<Phase, Handlers>> = {
  idle: RESTING,
  backing_off: RESTING,
  asking: { ...FAILING, acknowledged: onAcknowledged },
  rebasing: { ...FAILING, rebased: onRebased },
  pushing: EXCHANGING,
  pulling: EXCHANGING,
  uploading: { ...FAILING, file_settled: onFileSettled },
  refreshing: { ...FAILING, renewed: onRenewed },
  signed_out: { ...ALWAYS, asked: onSignedOutAsked, signed_in: onSignedIn },
  wiped: { ...NOTHING, asked: onWipedAsked, due: onWipedAsked },
  last_words: {
    ...NOTHING,
    last_words_heard: onLastWordsHeard,
    file_settled: onLastFileSettled,
    lost: onLastWordsLost,
    token_refused: onLastWordsRefused,
    request_refused: onLastWordsRefused,
  },
};

const RESTS: ReadonlySet<Phase> = new Set(["idle", "backing_off", "signed_out", "wiped"]);
const ACTIVE: ReadonlySet<Phase> = new Set(PHASES.filter((phase) => !RESTS.has(phase)));
