/**
 * The wire: one HTTP request and its answer, within time and size, or a refusal that says why.
 *
 * It knows addresses, headers, compression and statuses, and nothing of the store. The browser
 * inflates answers by itself.
 */

import * as errors from "../errors";
import type {
  Acknowledged,
  BasemapOffer,
  Enrolled,
  Enrolment,
  LastWords,
  LastWordsHeard,
  PushKey,
  PushSubscribed,
  PushSubscription,
  Refresh,
  SignIn,
  SyncAnswer,
  SyncRequest,
  Tokens,
} from "../wire";
import type { Prover } from "./proofs";
import * as shapes from "./shapes";

/** Until the first byte of an answer, for a request without a body. */
export const WAIT_S = 40;
/** A body may take as long as a line takes that carries so little; beyond that it is dead. */
export const SLOWEST_BYTES_PER_S = 8_000;
/** Between two pieces of an answer. */
export const STILL_S = 30;
export const ANSWER_BYTES_MAX = 64_000_000;
export const ZIPPED_FROM_BYTES = 1_000;
const WAIT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);
/** What a browser tells of an answer that sends us elsewhere, as networks with a sign-in page do. */
const REDIRECTED = 0;
const UNAUTHORIZED = 401;
const SERVER_FAULTS_FROM = 500;
const RETRY_AFTER = /^\d{1,9}$/;
const REASON_CHARS_MAX = 200;
const REVOKED = "device-revoked";
/**
 * The request came twice, or too late: what became of it must be asked for, as after silence.
 */
const AGAIN: ReadonlySet<string> = new Set(["proof-used", "proof-stale"]);
const PUSH_HERE = "/v1/push/subscription";
const NONCE_HEADER = "DPoP-Nonce";
const NONCE_CHARS_MAX = 200;
const MS_PER_S = 1000;
const UTF8 = new TextEncoder();

type Bytes = Uint8Array<ArrayBuffer>;
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What is said with `/v1/sync`: the operations as the exact texts that were kept. */
export type SyncAsk = Omit<SyncRequest, "operations"> & { readonly operations: readonly string[] };
/** What is said with `/v1/sync/last-words`. */
export type LastWordsAsk = Omit<LastWords, "operations"> & {
  readonly operations: readonly string[];
};

/** An answer as it came: status, headers, and the body inflated. */
export interface Heard {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: Bytes;
}

/** One request. */
export interface Ask {
  readonly method: "DELETE" | "GET" | "HEAD" | "PATCH" | "POST" | "PUT";
  /** Its path, and a query. */
  readonly path: string;
  /** The token to show; with it goes a proof of the device's key. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Bytes | null;
  /** Whether a proof goes with it though no token does. */
  readonly proves?: boolean;
}

interface JsonAsk {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly token?: string;
  /** The body as JSON. */
  readonly json?: string;
  readonly proves?: boolean;
}

/** What the server gave last for proofs of a clock that it cannot go by. */
interface Nonce {
  text: string | null;
}

/** A line to one server. Whatever it is asked, it throws `NoSignal` where no answer came. */
export class Transport {
  readonly #fetch: Fetch;
  readonly #address: string;
  readonly #prover: Prover | null;
  readonly #nonce: Nonce;

  /** Speak through `fetch` to an address like `https://lamplighter.example`; see `connect`. */
  constructor(
    fetch: Fetch,
    address: string,
    prover: Prover | null = null,
    nonce: Nonce = { text: null },
  ) {
    this.#fetch = fetch;
    this.#address = address.replace(/\/$/, "");
    this.#prover = prover;
    this.#nonce = nonce;
  }

  /** Give the same line, on which each request proves that it holds the device's key. */
  proving(prover: Prover): Transport {
    return new Transport(this.#fetch, this.#address, prover, this.#nonce);
  }

  /** Sign a person in. Throws `ServerRefused` where login or password is wrong. */
  signIn(ask: SignIn): Promise<Tokens> {
    const json = JSON.stringify(ask);
    return this.#json(shapes.tokensGiven, {
      method: "POST",
      path: "/v1/sessions",
      json,
      proves: true,
    });
  }

  /** Enrol a device; the same id again gives the same device. Throws `ServerRefused`. */
  enrol(ask: Enrolment, token: string): Promise<Enrolled> {
    const json = JSON.stringify(ask);
    return this.#json(shapes.enrolled, { method: "POST", path: "/v1/devices", json, token });
  }

  /** Exchange a refresh token. Throws `ServerRefused` where it is not valid, and `Revoked`. */
  refresh(ask: Refresh): Promise<Tokens> {
    const json = JSON.stringify(ask);
    return this.#json(shapes.tokensGiven, {
      method: "POST",
      path: "/v1/sessions/refresh",
      json,
      proves: true,
    });
  }

  /**
   * Have one exchange.
   *
   * Throws `TokenRefused`, `Revoked` and `ServerRefused`; after `NoSignal` and `AnswerCut`, what
   * was sent may have arrived.
   */
  sync(ask: SyncAsk, token: string): Promise<SyncAnswer> {
    return this.#json(shapes.syncAnswer, {
      method: "POST",
      path: "/v1/sync",
      json: encoded(ask),
      token,
    });
  }

  /** Ask how far the server has settled, beyond what is known here. Throws as `sync`. */
  acknowledged(after: number, token: string): Promise<Acknowledged> {
    const path = `/v1/sync/ack?after=${after}`;
    return this.#json(shapes.acknowledged, { method: "GET", path, token });
  }

  /** Ask what basemap the utility provides. Throws as `sync`. */
  basemap(token: string): Promise<BasemapOffer> {
    return this.#json(shapes.basemapOffer, { method: "GET", path: "/v1/basemap", token });
  }

  /** Say what a revoked device had not sent; its key has signed it. Throws `ServerRefused`. */
  lastWords(words: LastWordsAsk): Promise<LastWordsHeard> {
    return this.#json(shapes.lastWordsHeard, {
      method: "POST",
      path: "/v1/sync/last-words",
      json: encoded(words),
    });
  }

  /** Ask for the key that this browser ties a subscription to. Throws `ServerRefused` as below. */
  pushKey(token: string): Promise<PushKey> {
    return this.#json(shapes.pushKey, { method: "GET", path: "/v1/push/key", token });
  }

  /** Say where this phone can be woken. Throws `ServerRefused` where the office wakes nobody. */
  subscribe(ask: PushSubscription, token: string): Promise<PushSubscribed> {
    const json = JSON.stringify(ask);
    return this.#json(shapes.pushSubscribed, { method: "PUT", path: PUSH_HERE, json, token });
  }

  /** Say that this phone wants to be woken no more; again changes nothing. */
  async unsubscribe(token: string): Promise<void> {
    const heard = await this.send({ method: "DELETE", path: PUSH_HERE, token });
    if (!heard.ok) throw refusal(heard, { signed: true });
  }

  /**
   * Send one request and hear its answer, whatever its status.
   *
   * A server that does not go by our clock refuses the proof and gives a nonce for another one.
   *
   * Throws `AnswerCut` where a part of an answer came, `AnswerUnreadable` where it is too large,
   * and `KeyUnreadable`.
   */
  async send(ask: Ask): Promise<Heard> {
    const heard = await this.#sent(ask);
    const nonce = heard.headers.get(NONCE_HEADER);
    if (nonce === null) return heard;
    this.#nonce.text = nonce.slice(0, NONCE_CHARS_MAX);
    return this.#sent(ask);
  }

  /** Send a request with its token and a proof of its own. */
  async #sent(ask: Ask): Promise<Heard> {
    const { method, content, token = null } = ask;
    const url = new URL(`${this.#address}${ask.path}`);
    const headers: Record<string, string> = { ...ask.headers };
    const proof = await this.#proof(ask, `${url.origin}${url.pathname}`);
    if (proof !== null) headers.DPoP = proof;
    if (token !== null) headers.Authorization = `${proof === null ? "Bearer" : "DPoP"} ${token}`;
    const patience = new Patience();
    try {
      patience.wait(WAIT_S + (content?.byteLength ?? 0) / SLOWEST_BYTES_PER_S);
      const response = await this.#fetched(url.href, {
        method,
        headers,
        body: content ?? null,
        signal: patience.signal,
        cache: "no-store",
        credentials: "omit",
        redirect: "manual",
      });
      const body = await bodyOf(response, patience);
      return { status: response.status, ok: response.ok, headers: response.headers, body };
    } finally {
      patience.end();
    }
  }

  async #fetched(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url, init);
    } catch (error) {
      throw new errors.NoSignal({}, { cause: error });
    }
  }

  async #proof({ method, token = null, proves }: Ask, url: string): Promise<string | null> {
    if (this.#prover === null || (token === null && !proves)) return null;
    return this.#prover.prove({ method, url, token, nonce: this.#nonce.text });
  }

  async #json<T>(read: shapes.Reader<T>, ask: JsonAsk): Promise<T> {
    const { method, path, token = null, proves = false } = ask;
    const { content, headers } = await packed(ask.json);
    const heard = await this.send({ method, path, token, headers, content, proves });
    if (!heard.ok) throw refusal(heard, { signed: token !== null });
    return believed(read, heard.body);
  }
}

/** Open a line to a server; by default the one that this app came from, which stands beside it. */
export function connect(address: string = new URL("..", document.baseURI).href): Transport {
  return new Transport((url, init) => fetch(url, init), address);
}

/** Say what an answer that is no success means; `signed` tells whether a token was shown. */
export function refusal(heard: Heard, { signed }: { signed: boolean }): errors.Refused {
  if (WAIT_STATUSES.has(heard.status) || heard.status >= SERVER_FAULTS_FROM) {
    return new errors.NoSignal({ retry_after_s: retryAfterS(heard) });
  }
  const unsigned = heard.status === UNAUTHORIZED && signed;
  try {
    const problem = believed(shapes.problem, heard.body);
    if (AGAIN.has(problem.code)) return new errors.NoSignal();
    if (problem.code === REVOKED) {
      return new errors.Revoked({ notice_en: problem.detail.en, notice_zh: problem.detail.zh });
    }
    return unsigned ? new errors.TokenRefused() : errors.ServerRefused.saying(problem);
  } catch (error) {
    if (!(error instanceof errors.AnswerUnreadable)) throw error;
    if (unsigned) return new errors.TokenRefused();
    const reason = heard.status === REDIRECTED ? "redirected" : `HTTP ${heard.status}`;
    return new errors.AnswerUnreadable({ reason });
  }
}

/** Breaks a request off when nothing comes for too long. */
class Patience {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Wait for so long from now. */
  wait(seconds: number): void {
    this.end();
    this.#timer = setTimeout(() => this.#controller.abort(), seconds * MS_PER_S);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Write a request whose operations are texts already: they go as they are. */
function encoded({ operations, ...rest }: SyncAsk | LastWordsAsk): string {
  return `${JSON.stringify(rest).slice(0, -1)},"operations":[${operations.join(",")}]}`;
}

/** Make a body of JSON, compressed where that is worth it and the browser can. */
async function packed(
  json: string | undefined,
): Promise<{ content: Bytes | null; headers: Record<string, string> }> {
  if (json === undefined) return { content: null, headers: {} };
  const content = UTF8.encode(json);
  const headers = { "Content-Type": "application/json" };
  if (content.byteLength < ZIPPED_FROM_BYTES || typeof CompressionStream === "undefined") {
    return { content, headers };
  }
  const zipping = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  const zipped = new Uint8Array(await new Response(zipping).arrayBuffer());
  return { content: zipped, headers: { ...headers, "Content-Encoding": "gzip" } };
}

/** Read a body within the limit, piece by piece. */
async function bodyOf(response: Response, patience: Patience): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    patience.wait(STILL_S);
    const piece = await next(reader);
    if (piece === null) break;
    size += piece.byteLength;
    if (size > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw new errors.AnswerUnreadable({ reason: `more than ${ANSWER_BYTES_MAX} bytes` });
    }
    pieces.push(piece);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function next(reader: ReadableStreamDefaultReader<Bytes>): Promise<Bytes | null> {
  try {
    const { value } = await reader.read();
    return value ?? null;
  } catch (error) {
    throw new errors.AnswerCut({}, { cause: error });
  }
}

/** Read an answer, or say that it is none of our server's. */
function believed<T>(read: shapes.Reader<T>, body: Bytes): T {
  try {
    return read(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    const reason = error instanceof shapes.Unreadable ? error.message : "is no text";
    throw new errors.AnswerUnreadable(
      { reason: reason.slice(0, REASON_CHARS_MAX) },
      { cause: error },
    );
  }
}

function retryAfterS(heard: Heard): number | null {
  const raw = heard.headers.get("Retry-After") ?? "";
  return RETRY_AFTER.test(raw) ? Number(raw) : null;
}
