/** A network that loses requests, loses answers and carries things twice, as it is told. */

import type { Fetch } from "../../src/sync/transport";

/** A request as it comes to a server, its body inflated. */
export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly content: Uint8Array;
  /** Bytes on the wire. */
  readonly sizeBytes: number;
}

/** An answer as it goes. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Handle = (request: Request) => Answer;

/** What the network does to one request. */
export type Fault = "none" | "request_lost" | "answer_lost" | "answer_cut" | "doubled";

/** A network that does to each request what `fault` says. */
export class Network {
  fault: (request: Request) => Fault = () => "none";
  /** Changes what an answer's body is, on its way. */
  spoil: (body: string) => string = (body) => body;
  requests = 0;
  /** What went wrong in the server itself: a bug, and no weather. */
  bug: unknown = null;
  readonly #handle: Handle;

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  readonly fetch: Fetch = async (url, init) => {
    this.requests += 1;
    const request = await requestOf(url, init);
    const fault = this.fault(request);
    if (fault === "request_lost") throw new TypeError("lost on the way there");
    if (fault === "doubled") this.#handled(request);
    const answer = this.#handled(request);
    if (fault === "answer_lost") throw new TypeError("lost on the way back");
    const body = answer.body === "" ? null : this.spoil(answer.body);
    const isBare = body === null || request.method === "HEAD";
    const sent = fault === "answer_cut" ? cut(body ?? "") : isBare ? null : body;
    return new Response(sent, { status: answer.status, headers: answer.headers });
  };

  #handled(request: Request): Answer {
    try {
      return this.#handle(request);
    } catch (error) {
      this.bug ??= error;
      throw error;
    }
  }
}

/** Do these to the next requests, then nothing. */
export function losing(...faults: readonly Fault[]): () => Fault {
  const script = faults.values();
  return () => script.next().value ?? "none";
}

/** Inflate what came compressed. */
export async function inflate(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const inflating = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(inflating).arrayBuffer());
}

async function requestOf(url: string, init: RequestInit): Promise<Request> {
  const headers = new Headers(init.headers);
  const raw = (init.body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
  const content = headers.get("Content-Encoding") === "gzip" ? await inflate(raw) : raw;
  const method = init.method ?? "GET";
  return { method, url: new URL(url), headers, content, sizeBytes: raw.byteLength };
}

/** Give half of a body, and then nothing: the line has broken. */
function cut(body: string): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body.slice(0, body.length / 2)));
      controller.error(new TypeError("the line broke"));
    },
  });
}
