/** The air of a tape: it holds each request to the one that was taped, and tells what it heard. */

import { deepStrictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Fetch } from "../../src/sync/transport";
import { inflate } from "../sync/network";
import { plain } from "./plain";
import type { ToldMoment } from "./replay";

/** What became of a request: an answer, cut or whole, or nothing. */
type Became =
  | { readonly lost: true }
  | {
      readonly lost?: false;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly cut: boolean;
    };

/** One request of a tape. */
export interface Taped {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or of a file's bytes their hash. */
  readonly content: string;
  readonly answer: Became;
  readonly heard: ToldMoment;
}

type Said = Pick<Taped, "method" | "path" | "headers"> & { readonly content: unknown };
const SAID = ["upload-offset", "upload-length", "upload-metadata", "content-type"];
const FILE = "application/offset+octet-stream";

/** The air in one step. */
export class Heard {
  readonly #left: Taped[];
  #fault: unknown = null;
  readonly #stand: (moment: ToldMoment) => void;

  constructor(exchanges: readonly Taped[], stand: (moment: ToldMoment) => void) {
    this.#left = [...exchanges];
    this.#stand = stand;
  }

  readonly fetch: Fetch = async (url, init) => {
    const asked = await askedBy(url, init);
    const taped = this.#left.shift();
    try {
      if (taped === undefined) throw new Error(`too many: ${asked.method} ${asked.path}`);
      deepStrictEqual(asked, said(taped));
    } catch (error) {
      this.#fault ??= error; // whoever asked takes it for a line that broke
      throw error;
    }
    this.#stand(taped.heard);
    return answered(taped);
  };

  /** Make sure that everything was asked as the tape has it, and nothing else. */
  requireEnd(): void {
    if (this.#fault !== null) throw this.#fault;
    deepStrictEqual(
      this.#left.map(({ method, path }) => `${method} ${path}`),
      [],
      "not asked",
    );
  }
}

async function askedBy(url: string, init: RequestInit): Promise<Said> {
  const { pathname, search } = new URL(url);
  const headers = new Headers(init.headers);
  const raw = (init.body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
  const bytes = headers.get("Content-Encoding") === "gzip" ? await inflate(raw) : raw;
  const content =
    headers.get("Content-Type") === FILE
      ? createHash("sha256").update(bytes).digest("hex")
      : new TextDecoder().decode(bytes);
  const given = SAID.filter((name) => headers.has(name));
  const told = Object.fromEntries(given.map((name) => [name, headers.get(name) ?? ""]));
  return said({ method: init.method ?? "GET", path: pathname + search, headers: told, content });
}

/**
 * Give what matters of a request: not who signs and how, and which program it is that asks.
 */
function said(asked: Omit<Taped, "answer" | "heard">): Said {
  const { method, path, headers, content } = asked;
  if (!content.startsWith("{")) return { method, path, headers, content };
  const body = JSON.parse(content) as Record<string, unknown>;
  const head = body.head as { n: number; sha256: string } | null | undefined;
  const shown = {
    ...body,
    ...(head ? { head: { n: head.n, sha256: head.sha256 } } : {}),
    ...(body.status ? { status: { ...body.status, app: "" } } : {}),
    ...("login" in body ? { login: "", password: "" } : {}),
  };
  return { method, path, headers, content: plain(shown) };
}

function answered({ method, answer }: Taped): Response {
  if (answer.lost) throw new TypeError("no answer came");
  const { status, headers, body, cut } = answer;
  const isBare = method === "HEAD" || status === 204;
  return new Response(isBare ? null : stream(body, cut), { status, headers });
}

function stream(body: string, cut: boolean): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body));
      if (cut) controller.error(new TypeError("the line broke"));
      else controller.close();
    },
  });
}
