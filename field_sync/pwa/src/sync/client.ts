/**
 * A round of sync: run the protocol's actions on the store and the wire, one after the other.
 *
 * What the server says is in the store before the protocol hears of it.
 */

import type { Edge, Moment } from "../clock";
import * as errors from "../errors";
import * as chain from "../store/chain";
import { alone, type Store } from "../store/connection";
import * as records from "../store/records";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import * as uploads from "../store/uploads";
import type { Fix, SyncAnswer, Tokens } from "../wire";
import type { Action, Event, Phase, State, Work } from "./conversation";
import * as exchange from "./exchange";
import { type KeyStore, StoredKeys } from "./keys";
import * as lastWords from "./last_words";
import { Prover } from "./proofs";
import * as protocol from "./protocol";
import * as standing from "./standing";
import type { SyncAsk, Transport } from "./transport";
import * as upload from "./upload";

/** Actions of one round; far beyond any day's work. */
export const STEPS_MAX = 10_000;
const CURSOR_UNKNOWN = "cursor-unknown";
const TOO_LARGE = "too-large";
const TOO_MANY_UPLOADS = "too-many-uploads";
const SIGNED_OUT_STATUSES: ReadonlySet<unknown> = new Set([401, 403]);
const SPREAD_BYTES = 4;
const BYTE = 256;
const MS_PER_S = 1000;

/** How far a round has come; files in bytes of the one that is on its way. */
export interface Progress {
  readonly phase: Phase;
  readonly operations: number;
  readonly files: number;
  readonly fileBytes: number;
  readonly fileBytesMax: number;
}

export type Watch = (progress: Progress) => void;

/** What came of a round. */
export interface Round {
  /** Where the conversation stands. */
  readonly state: State;
  /** Why it did not end well, in words; null when it did. */
  readonly refused: errors.Refused | null;
}

/** How a round is to be had. */
export interface Options {
  /** Where the handheld is, if the office may know. */
  readonly fix?: Fix | null;
  /** Hears how far the round has come. */
  readonly watch?: Watch;
  /** Where the device's key lives; by default in the store. */
  readonly keys?: KeyStore;
  /** Whether files go as well; a person may keep them for a line that costs nothing. */
  readonly withFiles?: boolean;
}

/**
 * Have one round with the server, as far as the signal lets it go.
 *
 * Throws `NotEnrolled`, `StoreBusy` where a round is under way or another tab has taken over, and
 * `DiskFull` where what the server said could not be kept; nothing of it was.
 */
export function syncNow(
  store: Store,
  line: Transport,
  edge: Edge,
  options: Options = {},
): Promise<Round> {
  const event: Event = { kind: "asked", work: ready(store, options) };
  return goOn(store, line, edge, { state: standing.takeUp(store.tables), event, ...options });
}

/** Go on from a state: what `syncNow` does, for a program that keeps the state between rounds. */
export async function goOn(
  store: Store,
  line: Transport,
  edge: Edge,
  { state, event, ...options }: Options & { state: State; event: Event },
): Promise<Round> {
  if (settings.find(store.tables, Name.DEVICE) === null) throw new errors.NotEnrolled();
  return alone(store, "sync", () => new Runner(store, line, edge, options).run(state, event));
}

/** Tell what lies ready to be sent in such a round. */
export function ready(store: Store, { withFiles = true }: Pick<Options, "withFiles">): Work {
  const work = exchange.work(store.tables);
  return withFiles ? work : { ...work, files: 0 };
}

/** One round under way: the state, and the last thing that went wrong. */
class Runner {
  readonly #store: Store;
  readonly #line: Transport;
  readonly #edge: Edge;
  readonly #keys: KeyStore;
  readonly #options: Options;
  #refused: errors.Refused | null = null;
  #uploadToken: string | null = null;

  constructor(store: Store, line: Transport, edge: Edge, options: Options) {
    this.#store = store;
    this.#edge = edge;
    this.#keys = options.keys ?? new StoredKeys(store);
    this.#line = line.proving(new Prover(this.#keys, edge));
    this.#options = options;
  }

  /** Go on from an event until nothing is left to do. */
  async run(from: State, first: Event): Promise<Round> {
    let state = from;
    let event: Event | null = first;
    for (let steps = 0; steps < STEPS_MAX && event !== null; steps++) {
      const [next, actions] = protocol.step(state, event);
      state = next;
      if (state.phase === "idle") this.#refused = null;
      event = await this.#do(state, actions);
    }
    return { state, refused: standing.refusal(this.#store.tables, state) ?? this.#refused };
  }

  /** Do the actions; the last one tells what happened. */
  async #do(state: State, actions: readonly Action[]): Promise<Event | null> {
    let happened: Event | null = null;
    for (const action of actions) {
      this.#tell(state.phase);
      happened = await this.#try(action);
    }
    return happened;
  }

  async #try(action: Action): Promise<Event | null> {
    try {
      return await this.#act(action);
    } catch (error) {
      const isOurs = error instanceof errors.DiskFull || error instanceof errors.StoreBusy;
      if (isOurs || !(error instanceof errors.Refused)) throw error;
      this.#refused = error;
      return this.#failed(error);
    }
  }

  #act(action: Action): Promise<Event | null> {
    switch (action.kind) {
      case "ask":
        return this.#ask();
      case "rebase":
        return this.#rebase({ n: action.fork.n, sha256: action.fork.sha256 }, action.fork.after);
      case "push":
      case "pull":
        return this.#converse(action.kind === "push");
      case "send_file":
        return this.#sendFile();
      case "renew":
        return this.#renew();
      case "forget_cursor":
        return this.#keep((tables) => records.forgetCursor(tables));
      case "sign_out":
        return this.#keep((tables) => settings.put(tables, Name.SIGNED_OUT, "yes"));
      case "wipe":
        return this.#keep((tables) => exchange.wipe(tables, { notice: action.notice }));
      case "say_last":
        return this.#sayLast();
    }
  }

  /** Say in the protocol's words what went wrong. */
  #failed(refused: errors.Refused): Event {
    const now = this.#edge.moment().wall;
    if (refused instanceof errors.TokenRefused) return { kind: "token_refused" };
    if (refused instanceof errors.Revoked) {
      return { kind: "revoked", notice: String(refused.fields.notice_zh ?? "") };
    }
    if (refused instanceof errors.NoSignal) {
      return { kind: "lost", now, spread: this.#spread(), retryAfterS: refused.retryAfterS };
    }
    if (refused instanceof errors.AnswerUnreadable) {
      return { kind: "lost", now, spread: this.#spread(), retryAfterS: null };
    }
    if (refused instanceof errors.ServerRefused && refused.serverCode === CURSOR_UNKNOWN) {
      return { kind: "cursor_refused" };
    }
    return { kind: "request_refused", now };
  }

  #spread(): number {
    const drawn = this.#edge.entropy(SPREAD_BYTES);
    return drawn.reduce((sum, byte) => sum * BYTE + byte, 0) / BYTE ** SPREAD_BYTES;
  }

  /** Learn how far the server has settled, and what became of that. */
  async #ask(): Promise<Event> {
    const askedAfter = settings.findNumber(this.#store.tables, Name.SETTLED_THROUGH);
    const told = await this.#line.acknowledged(askedAfter, this.#token());
    const fork = await this.#store.writing((tables) =>
      exchange.compare(tables, { askedAfter, told }),
    );
    return { kind: "acknowledged", work: this.#work(), fork };
  }

  /** Give what waits new numbers, behind the server's last operation. */
  async #rebase(head: { n: number; sha256: string }, after: number): Promise<Event> {
    await this.#store.writing((tables) => chain.rebase(tables, { head, after }));
    return { kind: "rebased", work: this.#work() };
  }

  /** Push a batch, or none, and take in what the answer says. */
  async #converse(pushes: boolean): Promise<Event> {
    const { tables } = this.#store;
    const pushed = pushes ? exchange.batch(tables) : [];
    const sent = this.#edge.moment();
    const { fix = null } = this.#options;
    const asked = await exchange.request(tables, { pushed, sent, fix, keys: this.#keys });
    const token = this.#token();
    const newest = pushed.at(-1);
    if (newest !== undefined) {
      await this.#keep((draft) => settings.put(draft, Name.SENT_THROUGH, newest.n));
    }
    const answer = await this.#speak(asked, sent, token);
    const heard = this.#edge.moment();
    if (answer.wipe) return { kind: "revoked", notice: answer.notice ?? "" };
    const had = { asked, pushed, answer, sent, heard };
    const taken = await this.#store.writing((draft) => exchange.takeIn(draft, had));
    return {
      kind: "answered",
      now: heard.wall,
      work: this.#work(),
      more: answer.more,
      nextInS: answer.next_in_s,
      ...taken,
    };
  }

  /** Send a request; when its size, or its answer's, may be why it fails, less is tried. */
  async #speak(asked: SyncAsk, sent: Moment, token: string): Promise<SyncAnswer> {
    try {
      return await this.#line.sync(asked, token);
    } catch (error) {
      throw await this.#shrunk(error, asked.operations.length, sent);
    }
  }

  /** Ask for less, or push less, from now on; give what is to be said of the failure. */
  async #shrunk(error: unknown, count: number, sent: Moment): Promise<unknown> {
    const isCut = error instanceof errors.AnswerUnreadable || error instanceof errors.AnswerCut;
    if (isCut) await this.#keep((tables) => exchange.askLess(tables));
    if (error instanceof errors.NoSignal && count > 0 && error.retryAfterS === null) {
      const tookS = Math.max(this.#edge.moment().monoMs - sent.monoMs, 0) / MS_PER_S;
      await this.#keep((tables) => exchange.afterSilence(tables, { sent: count, tookS }));
    }
    if (error instanceof errors.ServerRefused && count > 1 && error.serverCode === TOO_LARGE) {
      await this.#keep((tables) => exchange.afterTooLarge(tables, { sent: count }));
      return new errors.NoSignal({}, { cause: error });
    }
    return error;
  }

  /** Send the next file. */
  async #sendFile(): Promise<Event> {
    const file = exchange.nextFile(this.#store.tables);
    if (file === null) return { kind: "file_settled", work: this.#allowed() };
    const told = (sentBytes: number, bytesMax: number) =>
      this.#tell("uploading", sentBytes, bytesMax);
    const code = await this.#upload(file, told);
    const state = code === null ? "arrived" : "refused";
    await this.#keep((tables) => {
      uploads.settle(tables, { sha256: file.sha256, state, code: code ?? "" });
      uploads.prune(tables);
    });
    return { kind: "file_settled", work: this.#allowed() };
  }

  /** Send a file; give the code of what stands against it, or null where it has arrived. */
  async #upload(file: uploads.Upload, told: upload.Told): Promise<string | null> {
    try {
      await upload.send(this.#store, this.#line, { file, token: this.#token(), told });
      return null;
    } catch (error) {
      if (error instanceof errors.NotAFile) return error.code;
      if (!(error instanceof errors.ServerRefused)) throw error;
      if (error.serverCode === TOO_MANY_UPLOADS) throw error;
      return error.serverCode;
    }
  }

  /** Exchange the refresh token. */
  async #renew(): Promise<Event> {
    const token = settings.find(this.#store.tables, Name.REFRESH_TOKEN);
    const tokens = token === null ? null : await this.#refreshed(token);
    if (tokens === null) return { kind: "token_refused" };
    await this.#keep((tables) => exchange.keepTokens(tables, tokens));
    return { kind: "renewed", work: this.#work() };
  }

  /** Exchange a refresh token; null where the server does not take it any more. */
  async #refreshed(token: string): Promise<Tokens | null> {
    const deviceId = settings.find(this.#store.tables, Name.DEVICE);
    try {
      return await this.#line.refresh({ refresh_token: token, device_id: deviceId });
    } catch (error) {
      if (!(error instanceof errors.ServerRefused)) throw error;
      if (!SIGNED_OUT_STATUSES.has(error.fields.server_status)) throw error;
      return null;
    }
  }

  /** Say what was not sent, and forget what the office keeps. */
  async #sayLast(): Promise<Event> {
    const keys = this.#keys;
    const said = await lastWords.say(this.#store, this.#line, this.#edge, { keys });
    this.#uploadToken = said.token;
    return { kind: "last_words_heard", work: said.left };
  }

  /** Write, and say nothing of it. */
  async #keep(work: Parameters<Store["writing"]>[0]): Promise<null> {
    await this.#store.writing(work);
    return null;
  }

  #token(): string {
    const token = this.#uploadToken ?? settings.find(this.#store.tables, Name.ACCESS_TOKEN);
    if (token === null) throw new errors.TokenRefused();
    return token;
  }

  #work(): Work {
    return ready(this.#store, this.#options);
  }

  #allowed(): Work {
    const work = exchange.allowed(this.#store.tables);
    return this.#options.withFiles === false ? { ...work, files: 0 } : work;
  }

  #tell(phase: Phase, fileBytes = 0, fileBytesMax = 0): void {
    const { operations, files } = this.#work();
    this.#options.watch?.({ phase, operations, files, fileBytes, fileBytesMax });
  }
}
