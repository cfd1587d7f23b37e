/** The wire: what each answer means, what is believed of it, and how much of it is read. */

import { afterEach, describe, expect, test, vi } from "vitest";
import * as errors from "../../src/errors";
import * as transport from "../../src/sync/transport";
import { type SyncAsk, Transport } from "../../src/sync/transport";
import { problem } from "./fake_answers";
import { inflate } from "./network";

const CONTACT = { device_at: "2026-11-23T00:00:00Z", mono_ms: 0, boot: "b" };
const ASK: SyncAsk = { protocol: 1, contact: CONTACT, operations: [] };
const ACK = JSON.stringify({
  server_at: "2026-11-23T00:00:00.000000Z",
  acked_through: 3,
  chain: "c".repeat(64),
});

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

function saying(status: number, body: BodyInit | null, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  const line = new Transport(async (url, init) => {
    sent.push({ url, init });
    return new Response(body, { status, headers });
  }, "https://host.example/base/");
  return { line, sent };
}

const told = (code: string, status: number) => problem(status, code).body;

test("an answer is read, with fields that are not known here", async () => {
  const { line, sent } = saying(200, ACK.replace("{", '{"of_a_newer_server":{"x":[1]},'));
  expect((await line.acknowledged(0, "t")).acked_through).toBe(3);
  expect(sent[0]?.url).toBe("https://host.example/base/v1/sync/ack?after=0");
  expect(new Headers(sent[0]?.init.headers).get("Authorization")).toBe("Bearer t");
});

test.each([
  ["an expired token", 401, told("not-signed-in", 401), errors.TokenRefused],
  ["a proxy's 401", 401, "<html>", errors.TokenRefused],
  ["a revoked device", 401, told("device-revoked", 401), errors.Revoked],
  ["a proof that came twice", 401, told("proof-used", 401), errors.NoSignal],
  ["a closed door", 403, told("not-allowed", 403), errors.ServerRefused],
  ["a bad request", 422, told("invalid", 422), errors.ServerRefused],
  ["too many requests", 429, told("too-many", 429), errors.NoSignal],
  ["a busy server", 503, "", errors.NoSignal],
  ["a bug of the server", 500, told("bug", 500), errors.NoSignal],
  ["another server's 404", 404, "<html>", errors.AnswerUnreadable],
  ["a captive portal", 200, "<html>pay for this network</html>", errors.AnswerUnreadable],
  ["another shape", 200, '{"acked_through": "x"}', errors.AnswerUnreadable],
  ["a cut answer", 200, ACK.slice(0, -9), errors.AnswerUnreadable],
  ["no text at all", 200, new Uint8Array([0xff, 0xfe]), errors.AnswerUnreadable],
])("each answer means one thing: %s", async (_, status, body, refusal) => {
  const { line } = saying(status, body);
  await expect(line.acknowledged(0, "t")).rejects.toBeInstanceOf(refusal);
});

test("a network that sends us to its sign-in page is said to be one", async () => {
  const redirected = Object.defineProperty(new Response(null), "status", { value: 0 });
  Object.defineProperty(redirected, "ok", { value: false });
  const line = new Transport(async () => redirected, "https://host.example");
  await expect(line.acknowledged(0, "t")).rejects.toMatchObject({
    code: "handheld-answer-unreadable",
    fields: { reason: "redirected" },
  });
});

test("the server's own words are carried", async () => {
  const { line } = saying(422, told("invalid", 422));
  const words = { zh: "服务器拒绝（invalid）：拒绝：invalid。" };
  await expect(line.sync(ASK, "t")).rejects.toMatchObject({ words });
});

test.each([
  ["7", 7],
  ["soon", null],
  ["1e9", null],
])("a busy server says how long to wait: %s", async (header, waitS) => {
  const { line } = saying(503, "", { "Retry-After": header });
  await expect(line.acknowledged(0, "t")).rejects.toMatchObject({ retryAfterS: waitS });
});

test("a large request goes compressed, a small one as it is, and operations as they are", async () => {
  const operation = `{"id":"x", "note":"${"x".repeat(2_000)}"}`;
  const { line, sent } = saying(503, "");
  for (const operations of [[], [operation]]) {
    await expect(line.sync({ ...ASK, operations }, "t")).rejects.toBeInstanceOf(errors.NoSignal);
  }
  const [small, large] = sent.map(({ init }) => ({
    headers: new Headers(init.headers),
    body: init.body as Uint8Array<ArrayBuffer>,
  }));
  expect(small?.headers.has("Content-Encoding")).toBe(false);
  expect(large?.headers.get("Content-Encoding")).toBe("gzip");
  expect(large?.body.byteLength).toBeLessThan(500);
  const text = new TextDecoder().decode(await inflate(large?.body ?? new Uint8Array()));
  expect(text).toBe(
    `{"protocol":1,"contact":${JSON.stringify(CONTACT)},"operations":[${operation}]}`,
  );
  expect(new TextDecoder().decode(small?.body)).toContain('"operations":[]}');
});

test("an answer that never ends is not read to its end", async () => {
  const piece = new Uint8Array(8_000_000);
  let pieces = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pieces += 1;
      controller.enqueue(piece);
    },
  });
  const { line } = saying(200, endless);
  await expect(line.acknowledged(0, "t")).rejects.toBeInstanceOf(errors.AnswerUnreadable);
  expect(pieces * piece.byteLength).toBeLessThan(2 * transport.ANSWER_BYTES_MAX);
});

describe("time", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A server that never says anything. */
  function silent(_: string, { signal }: RequestInit): Promise<Response> {
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new DOMException("over", "AbortError")));
    });
  }

  test("a line on which nothing comes is given up", async () => {
    vi.useFakeTimers();
    const line = new Transport(silent, "https://host.example");
    const asked = expect(line.acknowledged(0, "t")).rejects.toBeInstanceOf(errors.NoSignal);
    await vi.advanceTimersByTimeAsync(transport.WAIT_S * 1000);
    await asked;
  });

  test("a line that goes still in the middle of an answer is given up as cut", async () => {
    vi.useFakeTimers();
    const line = new Transport(async (_, { signal }) => {
      const still = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(ACK.slice(0, 9)));
          signal?.addEventListener("abort", () => controller.error(new Error("over")));
        },
      });
      return new Response(still);
    }, "https://host.example");
    const asked = expect(line.acknowledged(0, "t")).rejects.toBeInstanceOf(errors.AnswerCut);
    await vi.advanceTimersByTimeAsync(transport.STILL_S * 1000);
    await asked;
  });

  test("a body is given the time that a slow line needs for it", async () => {
    vi.useFakeTimers();
    const line = new Transport(silent, "https://host.example");
    let isOver = false;
    const content = new Uint8Array(10 * transport.SLOWEST_BYTES_PER_S);
    const asked = line.send({ method: "PATCH", path: "/v1/uploads/1", content }).catch(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync((transport.WAIT_S + 9) * 1000);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    await asked;
    expect(isOver).toBe(true);
  });
});
