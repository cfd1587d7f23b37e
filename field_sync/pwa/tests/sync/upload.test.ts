/** Files go up in pieces, go on where they were cut, and end. */

import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import * as outbox from "../../src/store/outbox";
import type { Upload } from "../../src/store/uploads";
import * as uploads from "../../src/store/uploads";
import { type Fetch, Transport } from "../../src/sync/transport";
import * as upload from "../../src/sync/upload";
import { problem } from "./fake_answers";
import { ADDRESS } from "./fake_server";
import { act, phone, photograph, type Scene, sync } from "./handheld";
import { type Fault, Network, type Request } from "./network";

const SIZE_BYTES = 1_000_000; // two chunks

async function waiting(): Promise<{ scene: Scene; file: Upload }> {
  const scene = await phone();
  await photograph(scene, { sizeBytes: SIZE_BYTES });
  return { scene, file: fileOf(scene) };
}

function fileOf({ store }: Scene): Upload {
  const [file] = uploads.listAll(store.tables);
  if (file === undefined) throw new Error("there is no file");
  return file;
}

function arrivedWhole({ server }: Scene, file: Upload): boolean {
  return server.uploads.has(file.sha256);
}

const isUpload = (request: Request) => request.url.pathname.startsWith("/v1/uploads");

test("a cut upload goes on where it was cut", async () => {
  const { scene, file } = await waiting();
  const faults: Fault[] = ["answer_lost", "request_lost"];
  let sentBytes = 0;
  scene.network.fault = (request) => {
    if (!isUpload(request) || request.sizeBytes === 0) return "none";
    sentBytes += request.sizeBytes;
    return faults.shift() ?? "none";
  };
  const ends = [await sync(scene), await sync(scene), await sync(scene)];
  expect(ends.at(-1)?.refused).toBeNull();
  expect(arrivedWhole(scene, file)).toBe(true);
  expect(sentBytes).toBeLessThan(1.6 * SIZE_BYTES);
});

test.each(["answer_lost", "request_lost"] as const)(
  "a creation with %s is asked about before bytes are sent again",
  async (fault) => {
    const { scene, file } = await waiting();
    const created: number[] = [];
    scene.network.fault = (request) => {
      if (!isUpload(request) || request.method !== "POST") return "none";
      created.push(request.sizeBytes);
      return created.length <= 2 ? fault : "none";
    };
    for (let rounds = 0; rounds < 3; rounds++) await sync(scene);
    expect(arrivedWhole(scene, file)).toBe(true);
    expect(created).toEqual([upload.CHUNK_BYTES_MAX, 0, 0]);
  },
);

test("a small file takes one request, after its operation, and is sent once", async () => {
  const scene = await phone();
  await photograph(scene, { sizeBytes: 2_000 });
  expect((await sync(scene)).refused).toBeNull();
  const paths = ["POST /v1/sync", "POST /v1/uploads", "POST /v1/sync"];
  expect(scene.server.requests).toEqual(paths);
  scene.server.requests.length = 0;
  await sync(scene);
  expect(scene.server.requests).toEqual(["POST /v1/sync"]);
});

test("a server that takes less than a chunk gets the rest", async () => {
  const { scene, file } = await waiting();
  scene.server.uploads.chunkBytesMax = 100_000;
  expect((await sync(scene)).refused).toBeNull();
  expect(arrivedWhole(scene, file)).toBe(true);
});

test("an upload that the server forgot is opened anew", async () => {
  const { scene, file } = await waiting();
  scene.network.fault = (request) => (request.method === "PATCH" ? "answer_lost" : "none");
  await sync(scene);
  scene.server.uploads.forget();
  scene.network.fault = () => "none";
  expect((await sync(scene)).refused).toBeNull();
  expect(arrivedWhole(scene, file)).toBe(true);
});

test("a file that the server refuses is kept with its code, and holds up nothing", async () => {
  const { scene, file } = await waiting();
  const { server } = scene;
  const refusing = new Network((request) =>
    request.url.pathname === "/v1/uploads"
      ? problem(409, "file-size-differs")
      : server.handle(request),
  );
  const line = new Transport(refusing.fetch, ADDRESS);
  expect((await sync({ ...scene, line })).refused).toBeNull();
  expect([fileOf(scene).state, fileOf(scene).code]).toEqual(["refused", "file-size-differs"]);
  expect((await scene.store.readFile(file.sha256))?.byteLength).toBe(SIZE_BYTES);
  await scene.store.writing((tables) => uploads.retry(tables, { sha256: file.sha256 }));
  await sync(scene);
  expect(fileOf(scene).state).toBe("arrived");
});

/** Flip a byte of the first requests that bring any. */
function spoiling(
  scene: Scene,
  { times }: { times: number },
): { line: Transport; bytes: number[] } {
  const bytes: number[] = [];
  const fetch: Fetch = (url, init) => {
    const content = init.body as Uint8Array | null;
    if (content && url.includes("/v1/uploads")) {
      bytes.push(content.byteLength);
      if (bytes.length <= times) {
        const flipped = content.slice();
        flipped[9] = (flipped[9] ?? 0) ^ 1;
        return scene.network.fetch(url, { ...init, body: flipped });
      }
    }
    return scene.network.fetch(url, init);
  };
  return { line: new Transport(fetch, ADDRESS), bytes };
}

test("a file with a flipped byte is sent once more", async () => {
  const { scene, file } = await waiting();
  const { line, bytes } = spoiling(scene, { times: 1 });
  expect((await sync({ ...scene, line })).refused).toBeNull();
  expect(arrivedWhole(scene, file)).toBe(true);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(2 * SIZE_BYTES);
});

test("a file that is spoilt again and again is refused and kept", async () => {
  const { scene } = await waiting();
  const { line, bytes } = spoiling(scene, { times: 1_000 });
  expect((await sync({ ...scene, line })).refused).toBeNull();
  expect([fileOf(scene).state, fileOf(scene).code]).toEqual(["refused", "file-hash-differs"]);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(2 * SIZE_BYTES);
});

test("a file that vanished from the handheld is told", async () => {
  const { scene, file } = await waiting();
  await scene.store.writing((tables) => tables.dropFile(file.sha256));
  expect((await sync(scene)).refused).toBeNull();
  expect([fileOf(scene).state, fileOf(scene).code]).toEqual(["refused", "handheld-no-file"]);
});

test.each(["https://elsewhere.example/v1/uploads/1", "//elsewhere/1", "/\\elsewhere/1", ""])(
  "our token goes to no other host: %s",
  async (location) => {
    const { scene, file } = await waiting();
    const asked: string[] = [];
    const line = new Transport(async (url) => {
      asked.push(url);
      return new Response(null, { status: 201, headers: { Location: location } });
    }, ADDRESS);
    const sending = upload.send(scene.store, line, { file, token: "t", told: () => {} });
    await expect(sending).rejects.toBeInstanceOf(errors.AnswerUnreadable);
    expect(asked).toEqual([`${ADDRESS}/v1/uploads`]);
  },
);

test("a server that never moves on is left alone in the end", async () => {
  const { scene, file } = await waiting();
  const statuses: Record<string, number> = { POST: 201, HEAD: 200, PATCH: 204 };
  const line = new Transport(async (_, { method = "" }) => {
    const headers = { Location: "/v1/uploads/1", "Upload-Offset": "0" };
    return new Response(null, { status: statuses[method] ?? 500, headers });
  }, ADDRESS);
  const sending = upload.send(scene.store, line, { file, token: "t", told: () => {} });
  await expect(sending).rejects.toBeInstanceOf(errors.NoSignal);
});

test("a file that the server lost is sent again", async () => {
  const scene = await phone();
  await photograph(scene);
  await sync(scene);
  scene.server.uploads.forget();
  await sync(scene);
  expect(arrivedWhole(scene, fileOf(scene))).toBe(true);
});

test("a server that takes no more uploads now gets the file later", async () => {
  const { scene } = await waiting();
  const { server } = scene;
  const full = new Network((request) =>
    request.url.pathname === "/v1/uploads"
      ? problem(409, "too-many-uploads")
      : server.handle(request),
  );
  const line = new Transport(full.fetch, ADDRESS);
  expect((await sync({ ...scene, line })).refused).toBeInstanceOf(errors.ServerRefused);
  expect(uploads.countWaiting(scene.store.tables)).toBe(1);
  expect((await sync(scene)).refused).toBeNull();
  expect(uploads.countWaiting(scene.store.tables)).toBe(0);
});

test("a file whose operation is held waits with it", async () => {
  const scene = await phone();
  scene.server.judge = () => "held";
  await photograph(scene);
  await act(scene);
  await sync(scene);
  expect(scene.server.requests).not.toContain("POST /v1/uploads");
  expect(outbox.listExceptions(scene.store.tables)).toHaveLength(2);
});
